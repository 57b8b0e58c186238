/**
 * Seeded chance: the only source of randomness of the starter's corpus and of the random models.
 *
 * Owns nothing but numbers. One seed gives one sequence on every machine, which is what makes the corpus, the random
 * weights and so every file made from them repeatable.
 *
 * @module
 */

export interface Chance {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** A whole number, both ends included. */
  readonly integer: (low: number, high: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** Distinct picks, in random order. Asking for more than there are is a mistake of the caller and throws. */
  readonly sample: <T>(from: readonly T[], count: number) => T[];
  /** A draw from the normal distribution with mean 0 and deviation 1. */
  readonly gaussian: () => number;
}

/** Mulberry32: 32 bits of state, a full period, and short enough to check by eye. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function seeded(seed: number): Chance {
  const next = mulberry32(seed);
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[integer(0, from.length - 1)];
    if (chosen === undefined) throw new RangeError("nothing to pick from");
    return chosen;
  };
  const sample = <T>(from: readonly T[], count: number): T[] => {
    if (count > from.length) throw new RangeError(`cannot pick ${count} of ${from.length}`);
    const rest = [...from];
    return Array.from({ length: count }, () => rest.splice(integer(0, rest.length - 1), 1)).flat();
  };
  let spare: number | undefined;
  const gaussian = (): number => {
    if (spare !== undefined) {
      const drawn = spare;
      spare = undefined;
      return drawn;
    }
    // Box-Muller gives two independent draws for two uniform ones; the second waits for the next call.
    const radius = Math.sqrt(-2 * Math.log(Math.max(next(), Number.MIN_VALUE)));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { next, integer, pick, sample, gaussian };
}
