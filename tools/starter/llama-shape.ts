/**
 * The llama architecture at the sizes made here: its hyper-parameters as GGUF keys, and its tensors in file order.
 *
 * Shared by the exporter of the trained starter and the writer of random models, so that both speak of one shape.
 *
 * @module
 */
import type { GgufValue, TensorType } from "./gguf.ts";

export interface LlamaShape {
  readonly dim: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly ffn: number;
  readonly vocab: number;
  /** The classifier reuses the token embedding, which a small file is glad of. */
  readonly tied: boolean;
}

export type Pooling = "mean" | "last";

export interface TensorPlan {
  readonly name: string;
  readonly shape: readonly number[];
  /** Norm weights are vectors and stay F32; matrices may be quantised. */
  readonly matrix: boolean;
}

/** llama.cpp's word for what most of the weights are. */
const FILE_TYPES: Readonly<Record<TensorType, number>> = { f32: 0, f16: 1, q8_0: 7 };
const POOLING_TYPES = { mean: 1, last: 3 } as const;
const NORM_EPSILON = 1e-5;
export const ROPE_BASE = 10_000;

const matrix = (name: string, inputs: number, outputs: number): TensorPlan => ({
  name: `${name}.weight`,
  shape: [inputs, outputs],
  matrix: true,
});

const norm = (name: string, dim: number): TensorPlan => ({ name: `${name}.weight`, shape: [dim], matrix: false });

/** The order is the file's order, and the order in which the trainer writes its weights. */
export function tensorPlans(shape: LlamaShape): TensorPlan[] {
  const { dim, ffn, vocab } = shape;
  const kvDim = (dim / shape.heads) * shape.kvHeads;
  const layer = (index: number): TensorPlan[] => {
    const at = `blk.${index}`;
    return [
      norm(`${at}.attn_norm`, dim),
      matrix(`${at}.attn_q`, dim, dim),
      matrix(`${at}.attn_k`, dim, kvDim),
      matrix(`${at}.attn_v`, dim, kvDim),
      matrix(`${at}.attn_output`, dim, dim),
      norm(`${at}.ffn_norm`, dim),
      matrix(`${at}.ffn_gate`, dim, ffn),
      matrix(`${at}.ffn_up`, dim, ffn),
      matrix(`${at}.ffn_down`, ffn, dim),
    ];
  };
  return [
    matrix("token_embd", dim, vocab),
    ...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
    norm("output_norm", dim),
    ...(shape.tied ? [] : [matrix("output", dim, vocab)]),
  ];
}

export const elements = (plan: TensorPlan): number => plan.shape.reduce((product, size) => product * size, 1);

export const parameters = (shape: LlamaShape): number =>
  tensorPlans(shape).reduce((sum, plan) => sum + elements(plan), 0);

export interface ModelCard {
  readonly name: string;
  readonly contextTokens: number;
  readonly weights: TensorType;
  readonly pooling?: Pooling | undefined;
  /** Anything more the file says of itself, as `general.*` keys without the prefix. */
  readonly about?: Readonly<Record<string, string>>;
}

const u32 = (value: number): GgufValue => ({ type: "u32", value });

const text = (value: string): GgufValue => ({ type: "string", value });

export function shapeMetadata(shape: LlamaShape, card: ModelCard): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", text("llama")],
    ["general.name", text(card.name)],
    ...Object.entries(card.about ?? {}).map(([key, value]): [string, GgufValue] => [`general.${key}`, text(value)]),
    ["general.file_type", u32(FILE_TYPES[card.weights])],
    ["llama.vocab_size", u32(shape.vocab)],
    ["llama.context_length", u32(card.contextTokens)],
    ["llama.embedding_length", u32(shape.dim)],
    ["llama.block_count", u32(shape.layers)],
    ["llama.feed_forward_length", u32(shape.ffn)],
    ["llama.rope.dimension_count", u32(shape.dim / shape.heads)],
    ["llama.rope.freq_base", { type: "f32", value: ROPE_BASE }],
    ["llama.attention.head_count", u32(shape.heads)],
    ["llama.attention.head_count_kv", u32(shape.kvHeads)],
    ["llama.attention.layer_norm_rms_epsilon", { type: "f32", value: NORM_EPSILON }],
  ]);
  if (card.pooling !== undefined) metadata.set("llama.pooling_type", u32(POOLING_TYPES[card.pooling]));
  return metadata;
}
