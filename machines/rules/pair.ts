/**
 * What is known of a model on a machine: how fast it speaks there, and whether it fails there.
 *
 * A pure rule. Who chooses machines prefers those where a model is fast, and keeps away for a while from those where
 * it failed; where there is no other, it is tried all the same.
 *
 *  PA1 The speed is an exponentially weighted mean of what was measured, and bounded: one odd job moves it by a fifth
 *      of the way at most, and none out of its bounds.
 *  PA2 A model that failed so often in a row on a machine is kept from it for a minute; one that served is not.
 *
 * @module
 */
import type { Address } from "../words.ts";

export interface PairRow {
  readonly hive: Address;
  readonly model: string;
  /** 0 where nothing was measured. */
  readonly tokensPerS: number;
  /** In a row. */
  readonly failures: number;
  /** It is kept from there until then. */
  readonly barredUntil: number;
}

const WEIGHT = 0.2;
const TOKENS_PER_S = { min: 0.01, max: 100_000 } as const;
export const PAIR_FAILURES_MAX = 2;
export const BARRED_MS = 60_000;

/** Which was changed last, and which the longest time ago. */
export class Pairs {
  readonly #keys = new Set<string>();

  oldest(): string | undefined {
    return this.#keys.values().next().value;
  }

  put(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
  }

  del(key: string): void {
    this.#keys.delete(key);
  }
}

/** Pairs that are remembered. */
export const PAIRS_MAX = 16_384;

/** Measured again they would differ by as much. */
const STEPS_PER_OCTAVE = 4;

/** Speeds that are about the same are the same. */
export const paceStep = (tokensPerS: number): number =>
  tokensPerS <= 0 ? 0 : Math.max(0, Math.round(Math.log2(1 + tokensPerS) * STEPS_PER_OCTAVE));

export const pairKey = (hive: Address, model: string): string => `${hive} ${model}`;

export const newPair = (hive: Address, model: string): PairRow => ({
  hive,
  model,
  tokensPerS: 0,
  failures: 0,
  barredUntil: 0,
});

/** PA1. */
export function paced(row: PairRow, tokensPerS: number): PairRow {
  const measured = Math.min(TOKENS_PER_S.max, Math.max(TOKENS_PER_S.min, tokensPerS));
  const mean = row.tokensPerS === 0 ? measured : row.tokensPerS + WEIGHT * (measured - row.tokensPerS);
  return { ...row, tokensPerS: Math.round(mean * 100) / 100 };
}

/** PA2. @param atOnce its hive has counted by itself */
export function failed(row: PairRow, atMs: number, atOnce: boolean): PairRow {
  const failures = row.failures + 1;
  const isBarred = atOnce || failures >= PAIR_FAILURES_MAX;
  return { ...row, failures, barredUntil: isBarred ? atMs + BARRED_MS : row.barredUntil };
}

export const cleared = (row: PairRow): PairRow => ({ ...row, failures: 0, barredUntil: 0 });

export const isBarred = (row: PairRow | undefined, atMs: number): boolean =>
  row !== undefined && atMs < row.barredUntil;
