/**
 * On which machine a model is loaded.
 *
 * A pure rule over the hives that are there. What a hive really has room for it decides itself; who is refused by one
 * asks the next.
 *
 *  CH1 A hive that is not there, is doubted or being drained, or has refused this load, is not chosen; and none after
 *      {@link HIVES_TRIED_MAX}.
 *  CH2 First come those where the model has not just failed; of these the ones that have room for it; of these the
 *      ones that have its file. Among equals the one with the fewest workers is chosen, then where the model is
 *      fastest, then the queen's own, then the one with the smaller address.
 *  CH3 Who is pinned goes there or nowhere.
 *  CH4 Whoever has room and the file, and where the model has not just failed, comes before everybody else: where such
 *      are enough, nobody else has to be looked at.
 *
 * @module
 */
import type { Address } from "../words.ts";
import { paceStep } from "./pair.ts";

export interface HiveView {
  readonly address: Address;
  readonly name: string;
  readonly isLocal: boolean;
  readonly isPresent: boolean;
  readonly isDoubted: boolean;
  readonly isDraining: boolean;
  /** The model has just failed there. */
  readonly isBarred: boolean;
  /** That run there or are on their way. */
  readonly workers: number;
  /** It has the model's file. */
  readonly hasFile: boolean;
  /** What one of its devices could give; nothing where it has not said. */
  readonly roomBytes: number | undefined;
  /** Of this model there; 0 where nothing was measured. */
  readonly tokensPerS: number;
}

export interface LoadWanted {
  readonly tried: readonly Address[];
  /** About what the model takes, where that is known. */
  readonly needBytes: number | undefined;
  readonly node?: Address | undefined;
}

/** Each costs a measurement over there. */
export const HIVES_TRIED_MAX = 8;

const hasRoom = (hive: HiveView, { needBytes }: Pick<LoadWanted, "needBytes">): boolean =>
  hive.roomBytes === undefined || (needBytes ?? 0) <= hive.roomBytes;

/** CH4. */
export const isFirst = (hive: HiveView, wanted: Pick<LoadWanted, "needBytes">): boolean =>
  hive.hasFile && !hive.isBarred && hasRoom(hive, wanted);

export const mayLoad = ({ isPresent, isDoubted, isDraining }: HiveView): boolean =>
  isPresent && !isDoubted && !isDraining;

export function chooseHive(hives: Iterable<HiveView>, wanted: LoadWanted): HiveView | undefined {
  const { tried, node } = wanted;
  if (tried.length >= HIVES_TRIED_MAX) return undefined;
  let best: HiveView | undefined;
  for (const hive of hives) {
    if (!mayLoad(hive) || tried.includes(hive.address) || (node !== undefined && hive.address !== node)) continue;
    if (best === undefined || byChoice(hive, best, wanted) < 0) best = hive;
  }
  return best;
}

/** CH2. What decides first, in order; the first that differs. */
export function byChoice(a: HiveView, b: HiveView, wanted: Pick<LoadWanted, "needBytes">): number {
  return (
    flag(a.isBarred, b.isBarred) ||
    flag(hasRoom(b, wanted), hasRoom(a, wanted)) ||
    flag(b.hasFile, a.hasFile) ||
    a.workers - b.workers ||
    paceStep(b.tokensPerS) - paceStep(a.tokensPerS) ||
    flag(b.isLocal, a.isLocal) ||
    (a.address < b.address ? -1 : 1)
  );
}

const flag = (a: boolean, b: boolean): number => Number(a) - Number(b);
