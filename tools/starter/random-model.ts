/**
 * Models of random weights: real files that load, generate, stream and embed, and say nothing worth reading.
 *
 * For tests and benches that need an engine under load and not an answer. Nothing here is trained.
 *   R1 One seed, one file: the same options give byte-identical files on every machine.
 *   R2 `tiny` takes milliseconds to write; `150m` repeats one random layer, so that it takes a second or two.
 *
 * @module
 */
import { encodeTensor, type GgufTensor, type TensorType, writeGguf } from "./gguf.ts";
import {
  elements,
  type LlamaShape,
  parameters,
  type Pooling,
  shapeMetadata,
  type TensorPlan,
  tensorPlans,
} from "./llama-shape.ts";
import { type Chance, seeded } from "./seeded.ts";
import { learnVocabulary, SPECIAL_TOKENS, vocabularyMetadata } from "./vocabulary.ts";

export type RandomModelSize = "tiny" | "150m";

export interface RandomModelOptions {
  readonly path: string;
  readonly seed: number;
  readonly size: RandomModelSize;
  /** Whether the file carries the ChatML template, or another; default true. Without one it only completes raw. */
  readonly chatTemplate?: boolean | string;
  /** Default 4096. */
  readonly contextTokens?: number;
  /** How embeddings are pooled; without it the reader decides (llama.cpp takes the last token). */
  readonly pooling?: Pooling;
  /**
   * Greedily it never ends by itself: as many tokens come as were asked for. Default false. `digits`: and says nothing
   * but these, each of which is a token of its own; so whoever goes on from the text goes on from the same tokens.
   */
  readonly endless?: boolean | "digits";
}

export interface RandomModel {
  readonly path: string;
  readonly bytes: number;
  readonly parameters: number;
}

const SIZES: Readonly<Record<RandomModelSize, Omit<LlamaShape, "vocab" | "tied"> & { readonly weights: TensorType }>> =
  {
    tiny: { dim: 64, layers: 2, heads: 2, kvHeads: 1, ffn: 192, weights: "f32" },
    "150m": { dim: 1024, layers: 12, heads: 32, kvHeads: 16, ffn: 3072, weights: "q8_0" },
  };
const MERGES = 100;
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** Enough English and JSON for a few merges, so that a token is sometimes more than a byte. */
const SAMPLE_TEXT = [
  "The queen sends the job to the hive, the hive starts a worker, and the worker loads the model.",
  "The keeper prints the answer when the worker has written it. What the queen has noted, the queen remembers.",
  '{"action": "answer", "roles": ["divergent", "convergent", "critical"], "confidence": 0.5, "option": true}',
].join("\n");
/** Sharper than a fresh network's output, so that greedy text does not hang on the last bit of a sum. */
const OUTPUT_GAIN = 3;

export function writeRandomModel(options: RandomModelOptions): RandomModel {
  const { path, seed, size, chatTemplate = true, contextTokens = 4096, pooling, endless = false } = options;
  const { weights, ...body } = SIZES[size];
  const vocabulary = learnVocabulary(SAMPLE_TEXT.repeat(2), MERGES);
  const shape: LlamaShape = { ...body, vocab: vocabulary.tokens.length, tied: false };
  const metadata = new Map([
    ...shapeMetadata(shape, { name: `random ${size}, seed ${seed}`, contextTokens, weights, pooling }),
    ...vocabularyMetadata(vocabulary, chatTemplate),
  ]);
  const digits = endless === "digits" ? DIGITS.map((digit) => vocabulary.tokens.indexOf(String(digit))) : [];
  const bytes = writeGguf(path, metadata, randomTensors(shape, weights, seeded(seed), endless !== false, digits));
  return { path, bytes, parameters: parameters(shape) };
}

/** Every layer holds the numbers of the first: a random layer is as good as any other. */
function randomTensors(
  shape: LlamaShape,
  weights: TensorType,
  chance: Chance,
  endless: boolean,
  alone: readonly number[],
): GgufTensor[] {
  const drawn = new Map<string, Uint8Array>();
  const numbersOf = (plan: TensorPlan, part: string): Float32Array => {
    const numbers = randomNumbers(plan, part, chance);
    // Special tokens come first. A row of zeros is never the largest of hundreds.
    if (endless && part === "output.weight") numbers.fill(0, 0, SPECIAL_TOKENS.length * shape.dim);
    if (alone.length > 0 && part === "output.weight") silenceOthers(numbers, shape.dim, alone);
    return numbers;
  };
  return tensorPlans(shape).map((plan) => {
    const part = plan.name.replace(/^blk\.\d+\./, "");
    const type = plan.matrix ? weights : "f32";
    const bytes = drawn.get(part) ?? encodeTensor(type, numbersOf(plan, part));
    drawn.set(part, bytes);
    return { name: plan.name, shape: plan.shape, type, bytes };
  });
}

/** Each of the second half says the contrary of one of the first, so that one of the two is always above nothing. */
function silenceOthers(rows: Float32Array, dim: number, alone: readonly number[]): void {
  const kept = alone.map((token) => rows.slice(token * dim, (token + 1) * dim));
  rows.fill(0);
  alone.forEach((token, at) => {
    const half = alone.length / 2;
    const row = kept[at % half] ?? new Float32Array(dim);
    rows.set(at < half ? row : row.map((number) => -number), token * dim);
  });
}

function randomNumbers(plan: TensorPlan, part: string, chance: Chance): Float32Array {
  const numbers = new Float32Array(elements(plan));
  if (!plan.matrix) return numbers.fill(1);
  const inputs = plan.shape[0] ?? 1;
  const deviation = part.startsWith("token_embd")
    ? 1
    : (part.startsWith("output") ? OUTPUT_GAIN : 1) / Math.sqrt(inputs);
  for (let i = 0; i < numbers.length; i++) numbers[i] = chance.gaussian() * deviation;
  return numbers;
}
