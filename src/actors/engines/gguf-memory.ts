/**
 * How much memory a model will take at least, from its header alone.
 *
 * A floor, for the moment before native code is asked: on a machine without a GPU the library checks nothing, and the
 * kernel would end the process. Models whose attention keeps less than all tokens are judged by their weights only.
 *
 * @module
 */
import type { GgufHeader } from "./gguf-header.ts";

/** Keys and values are kept as 16-bit numbers. */
const NUMBER_BYTES = 2;

/** Says that the cache of this model is smaller than one key and value a token, layer and head. */
const SMALLER_CACHES = ["attention.sliding_window", "attention.kv_lora_rank", "ssm.state_size", "wkv.head_size"];

export function memoryFloorBytes(header: GgufHeader, contextTokens: number, slots: number): number {
  const tokens = Math.min(contextTokens, architectureNumber(header, "context_length") ?? contextTokens);
  return header.neededBytes + tokens * slots * cacheBytesPerToken(header);
}

function cacheBytesPerToken(header: GgufHeader): number {
  if (SMALLER_CACHES.some((key) => (architectureNumber(header, key) ?? 0) > 0)) return 0;
  const layers = architectureNumber(header, "block_count") ?? 0;
  const heads = architectureNumber(header, "attention.head_count") ?? 0;
  const embedding = architectureNumber(header, "embedding_length") ?? 0;
  if (heads === 0) return 0;
  const cachedHeads = architectureNumber(header, "attention.head_count_kv") ?? 0;
  const keyLength = architectureNumber(header, "attention.key_length") ?? embedding / heads;
  const valueLength = architectureNumber(header, "attention.value_length") ?? embedding / heads;
  return layers * cachedHeads * (keyLength + valueLength) * NUMBER_BYTES;
}

function architectureNumber({ metadata }: GgufHeader, key: string): number | undefined {
  const value = metadata.get(`${String(metadata.get("general.architecture"))}.${key}`);
  return typeof value === "number" && value >= 0 ? value : undefined;
}
