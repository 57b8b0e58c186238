/**
 * How much memory a model will take, from its header alone.
 *
 * Two questions. What it needs, part by part, is what a person is told and a hive books. What it takes at least is what
 * a worker compares with the memory there is, right before native code is asked, which on a machine without a GPU
 * checks nothing: the kernel would end the process.
 *
 *  M1 The least is never more than what is needed.
 *  M2 No model is given more tokens than it was trained for, and more tokens never take less.
 *
 * @module
 */
import type { ModelNeeds } from "../../../../machines/rules/reserve.ts";
import type { GgufHeader } from "./header.ts";

export interface ContextSettings {
  /** Tokens for each slot. */
  readonly contextTokens: number;
  readonly slots: number;
}

/** Keys and values are kept as 16-bit numbers, what is computed as 32-bit ones. */
const NUMBER_BYTES = 2;
const FLOAT_BYTES = 4;

/** Tokens of prompts that the engine works on in one go. */
const BATCH_TOKENS = 512;

/** A Node process with the engine loaded, before any weights: measured on Linux, rounded up. */
const PROCESS_BYTES = 160 * 2 ** 20;

/** Says that some layers of this model keep less than one key and value a token and head. */
const SMALLER_CACHES = ["attention.sliding_window", "attention.kv_lora_rank", "ssm.state_size", "wkv.head_size"];

/** Of so many layers one looks at all tokens, where the header does not say. */
const WINDOW_PATTERNS: Readonly<Record<string, number>> = { gemma2: 2, gemma3: 6, cohere2: 4, "gpt-oss": 2 };

/** Part by part; the parts are estimates, and the sum is what is booked until a load of it has been measured. */
export function modelNeeds(header: GgufHeader, settings: ContextSettings): ModelNeeds {
  const trainedTokens = architectureNumber(header, "context_length");
  const contextTokens = Math.min(settings.contextTokens, trainedTokens ?? settings.contextTokens);
  const perTokenBytes = settings.slots * layersThatKeepAll(header) * bytesPerTokenAndLayer(header);
  return {
    weightsBytes: header.neededBytes,
    cacheBytes: Math.ceil(contextTokens * perTokenBytes + settings.slots * windowBytes(header, contextTokens)),
    bufferBytes: bufferBytes(header, contextTokens),
    processBytes: PROCESS_BYTES,
    perTokenBytes: Math.ceil(perTokenBytes),
    contextTokens,
    askedTokens: settings.contextTokens,
    trainedTokens,
  };
}

/** Models whose attention keeps less than all tokens are judged by their weights only. */
export function memoryFloorBytes(header: GgufHeader, contextTokens: number, slots: number): number {
  const tokens = Math.min(contextTokens, architectureNumber(header, "context_length") ?? contextTokens);
  const keepsLess = SMALLER_CACHES.some((key) => has(header, key)) || header.arrays.has(keyOf(header, HEADS_KV));
  return header.neededBytes + (keepsLess ? 0 : tokens * slots * layersOf(header) * bytesPerTokenAndLayer(header));
}

const HEADS_KV = "attention.head_count_kv";

const layersOf = (header: GgufHeader): number => architectureNumber(header, "block_count") ?? 0;

function layersThatKeepAll(header: GgufHeader): number {
  const layers = layersOf(header);
  return has(header, "attention.sliding_window") ? Math.ceil(layers / windowPattern(header)) : layers;
}

/** What layers keep in one slot that look back over a window only. */
function windowBytes(header: GgufHeader, contextTokens: number): number {
  const window = architectureNumber(header, "attention.sliding_window") ?? 0;
  const tokens = Math.min(contextTokens, window + BATCH_TOKENS);
  return tokens * (layersOf(header) - layersThatKeepAll(header)) * bytesPerTokenAndLayer(header);
}

/** Where nothing is known, every layer is taken to look at all tokens: rather too much than too little. */
const windowPattern = (header: GgufHeader): number =>
  Math.max(
    1,
    architectureNumber(header, "attention.sliding_window_pattern") ?? WINDOW_PATTERNS[architectureOf(header)] ?? 1,
  );

function bytesPerTokenAndLayer(header: GgufHeader): number {
  // Such a model keeps a state of one size, however many tokens there are.
  if (has(header, "ssm.state_size") || has(header, "wkv.head_size")) return 0;
  const latent = architectureNumber(header, "attention.kv_lora_rank") ?? 0;
  if (latent > 0) return (latent + (architectureNumber(header, "rope.dimension_count") ?? 0)) * NUMBER_BYTES;
  const heads = architectureNumber(header, "attention.head_count") ?? 0;
  const embedding = architectureNumber(header, "embedding_length") ?? 0;
  if (heads === 0) return 0;
  // Left out it means as many as there are heads; a list, one for each layer, says at most so many.
  const cachedHeads = architectureNumber(header, HEADS_KV) ?? heads;
  const keyLength = architectureNumber(header, "attention.key_length") ?? embedding / heads;
  const valueLength = architectureNumber(header, "attention.value_length") ?? embedding / heads;
  return cachedHeads * (keyLength + valueLength) * NUMBER_BYTES;
}

/** What one pass over a batch computes in between, the scores of all tokens, and which token sees which. */
function bufferBytes(header: GgufHeader, contextTokens: number): number {
  const embedding = architectureNumber(header, "embedding_length") ?? 0;
  const feedForward = architectureNumber(header, "feed_forward_length") ?? 4 * embedding;
  const vocabulary = header.arrays.get("tokenizer.ggml.tokens") ?? 0;
  const perToken = (4 * embedding + 3 * feedForward + 2 * vocabulary) * FLOAT_BYTES + contextTokens * NUMBER_BYTES;
  return BATCH_TOKENS * perToken;
}

const has = (header: GgufHeader, key: string): boolean => (architectureNumber(header, key) ?? 0) > 0;

const architectureOf = ({ metadata }: GgufHeader): string => String(metadata.get("general.architecture"));
const keyOf = (header: GgufHeader, key: string): string => `${architectureOf(header)}.${key}`;

function architectureNumber(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(keyOf(header, key));
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}
