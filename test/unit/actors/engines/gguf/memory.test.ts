/**
 * Goal: what a model needs is known from its header, part by part, before native code sees it.
 * Method: headers made by hand, with the sums worked out beside them.
 *
 * @see src/actors/engines/gguf/memory.ts, M1 M2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plain } from "vitest";
import type { GgufHeader } from "../../../../../src/actors/engines/gguf/header.ts";
import { memoryFloorBytes, modelNeeds } from "../../../../../src/actors/engines/gguf/memory.ts";

const WEIGHTS = 1_000_000;

function header(architecture: string, numbers: Readonly<Record<string, number>>, arrays: readonly string[] = []) {
  const named = Object.entries(numbers).map(([key, value]) => [`${architecture}.${key}`, value] as const);
  const made: GgufHeader = {
    version: 3,
    tensors: 1,
    metadata: new Map<string, string | number>([["general.architecture", architecture], ...named]),
    arrays: new Map([["tokenizer.ggml.tokens", 1000], ...arrays.map((key) => [`${architecture}.${key}`, 4] as const)]),
    neededBytes: WEIGHTS,
  };
  return made;
}

const llama = {
  block_count: 4,
  embedding_length: 256,
  feed_forward_length: 512,
  "attention.head_count": 8,
  "attention.head_count_kv": 2,
  context_length: 4096,
};
/** 4 layers, 2 heads, keys and values of 32 numbers, 2 bytes each. */
const TOKEN_BYTES = 4 * 2 * (32 + 32) * 2;

describe("what a model needs", () => {
  plain("is its weights, a cache for every token of every slot, what a batch computes, and the process", () => {
    const needs = modelNeeds(header("llama", llama), { contextTokens: 2048, slots: 3 });
    expect(needs).toMatchObject({
      weightsBytes: WEIGHTS,
      cacheBytes: 3 * 2048 * TOKEN_BYTES,
      perTokenBytes: 3 * TOKEN_BYTES,
      contextTokens: 2048,
      askedTokens: 2048,
      trainedTokens: 4096,
    });
    expect(needs.bufferBytes).toBe(512 * ((4 * 256 + 3 * 512 + 2 * 1000) * 4 + 2048 * 2));
    expect(needs.processBytes).toBeGreaterThan(100e6);
  });

  plain("M2 no tokens are counted that it was not trained for, and both numbers are told", () => {
    const needs = modelNeeds(header("llama", { ...llama, context_length: 512 }), { contextTokens: 4096, slots: 1 });
    expect(needs).toMatchObject({ cacheBytes: 512 * TOKEN_BYTES, contextTokens: 512, askedTokens: 4096 });
  });

  plain("M1 heads that are left out are as many as there are; a list of them is at most so many", () => {
    const { "attention.head_count_kv": _left, ...rest } = llama;
    const every = 2048 * 4 * 8 * (32 + 32) * 2;
    const settings = { contextTokens: 2048, slots: 1 };
    expect(modelNeeds(header("llama", rest), settings).cacheBytes).toBe(every);
    const listed = header("llama", rest, ["attention.head_count_kv"]);
    expect(modelNeeds(listed, settings).cacheBytes).toBe(every);
    expect(memoryFloorBytes(listed, 2048, 1)).toBe(WEIGHTS);
  });

  plain.each([
    ["of a window in all layers but each sixth", "gemma3", { "attention.sliding_window": 512 }, 1 * 4096 + 3 * 1024],
    [
      "of all tokens in all layers, where it is not said which have a window",
      "x",
      { "attention.sliding_window": 512 },
      4 * 4096,
    ],
  ])("of a model that keeps keys and values %s", (_what, architecture, more, layerTokens) => {
    const needs = modelNeeds(header(architecture, { ...llama, ...more }), { contextTokens: 4096, slots: 1 });
    expect(needs.cacheBytes).toBe((layerTokens * TOKEN_BYTES) / 4);
  });

  plain("of a model with a latent cache, or a state of one size, is smaller", () => {
    const settings = { contextTokens: 4096, slots: 1 };
    const latent = header("deepseek2", { ...llama, "attention.kv_lora_rank": 64, "rope.dimension_count": 32 });
    expect(modelNeeds(latent, settings).cacheBytes).toBe(4096 * 4 * 96 * 2);
    expect(modelNeeds(header("mamba", { ...llama, "ssm.state_size": 16 }), settings).cacheBytes).toBe(0);
  });

  test.prop([
    fc.integer({ min: 64, max: 100_000 }),
    fc.integer({ min: 1, max: 16 }),
    fc.constantFrom("llama", "gemma3", "deepseek2", "mamba"),
    fc.dictionary(
      fc.constantFrom(
        "attention.sliding_window",
        "attention.kv_lora_rank",
        "ssm.state_size",
        "context_length",
        "attention.key_length",
      ),
      fc.nat(5000),
    ),
  ])("M1 M2 is never less than its floor, and never less with more tokens", (contextTokens, slots, name, more) => {
    const made = header(name, { ...llama, ...more });
    const needs = modelNeeds(made, { contextTokens, slots });
    expect(needs.weightsBytes + needs.cacheBytes).toBeGreaterThanOrEqual(memoryFloorBytes(made, contextTokens, slots));
    const larger = modelNeeds(made, { contextTokens: contextTokens + 256, slots });
    expect(larger.cacheBytes).toBeGreaterThanOrEqual(needs.cacheBytes);
    expect(Number.isSafeInteger(needs.cacheBytes)).toBe(true);
  });
});
