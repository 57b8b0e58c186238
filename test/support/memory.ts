/**
 * What machines have and models need, in round numbers, for whoever tests what follows from it.
 *
 * @module
 */
import type { Device, ModelNeeds } from "../../machines/rules/reserve.ts";

/** Of a model that takes so much, all of it weights. */
export const needs = (bytes: number, given: Partial<ModelNeeds> = {}): ModelNeeds => ({
  weightsBytes: bytes,
  cacheBytes: 0,
  bufferBytes: 0,
  processBytes: 0,
  perTokenBytes: 0,
  contextTokens: 4096,
  askedTokens: 4096,
  trainedTokens: undefined,
  ...given,
});

export const cpu = (totalBytes: number, freeBytes = totalBytes): Device => ({
  id: "cpu",
  kind: "cpu",
  totalBytes,
  freeBytes,
});

export const gpu = (id: string, totalBytes: number, freeBytes = totalBytes): Device => ({
  id,
  kind: "cuda",
  totalBytes,
  freeBytes,
});
