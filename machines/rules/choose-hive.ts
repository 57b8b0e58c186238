/**
 * On which machine a model is loaded.
 *
 * A pure rule over the hives that are there. What a hive really has room for it decides itself; who is refused by one
 * asks the next.
 *
 *  CH1 A hive that is not there, or has refused this load, is not chosen; and none after {@link HIVES_TRIED_MAX}.
 *  CH2 The one with the fewest workers is, among equals the queen's own, then the one with the smaller address.
 *
 * @module
 */
import type { Address } from "../words.ts";

export interface HiveView {
  readonly address: Address;
  readonly name: string;
  readonly isLocal: boolean;
  readonly isPresent: boolean;
  /** That run there or are on their way. */
  readonly workers: number;
}

/** Each costs a measurement over there. */
export const HIVES_TRIED_MAX = 8;

export function chooseHive(hives: Iterable<HiveView>, tried: readonly Address[]): HiveView | undefined {
  if (tried.length >= HIVES_TRIED_MAX) return undefined;
  let best: HiveView | undefined;
  for (const hive of hives) {
    if (!hive.isPresent || tried.includes(hive.address)) continue;
    if (best === undefined || isBetter(hive, best)) best = hive;
  }
  return best;
}

function isBetter(a: HiveView, b: HiveView): boolean {
  if (a.workers !== b.workers) return a.workers < b.workers;
  return a.isLocal === b.isLocal ? a.address < b.address : a.isLocal;
}
