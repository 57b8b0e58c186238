/**
 * How much a share of so many questions says, and whether two ways of answering the same ones differ.
 *
 *  EX1 An interval is Wilson's of 95 %: it is right for few questions too, and for none or all of them right.
 *  EX2 Two ways are compared on the same questions, by those alone on which one was right and the other wrong:
 *      McNemar's exact test, of two sides.
 *
 * @module
 */

/** Of the normal distribution, for 95 % in the middle. */
const Z = 1.959964;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** EX1. */
export function wilson(right: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = right / of;
  const spread = (Z * Z) / of;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * EX2.
 * @param gained questions on which the second alone was right
 * @param lost those on which the first alone was
 * @returns how likely so much of a difference is when there is none
 */
export function mcNemar(gained: number, lost: number): number {
  const tosses = gained + lost;
  let logOfOne = -tosses * Math.LN2;
  let tail = 0;
  for (let heads = 0; heads <= Math.min(gained, lost); heads += 1) {
    tail += Math.exp(logOfOne);
    logOfOne += Math.log(tosses - heads) - Math.log(heads + 1);
  }
  return Math.min(1, 2 * tail);
}

/** Of both errors together, where one in twenty is claimed and one in five overlooked. */
const POWER = 7.84;

/** How many questions show this difference, where so large a share of them is answered right by one alone. */
export const questionsFor = (difference: number, differing: number): number =>
  Math.ceil((POWER * differing) / (difference * difference));
