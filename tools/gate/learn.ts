/**
 * Learns what features say about labels: a multinomial logistic regression.
 *
 * Owns: the fit, and the whole numbers it is told in. Does not own: which features a request has, or how many labels
 * there are beside the three ways to answer.
 *
 *  LN1 The same rows in the same order are learned to the last digit the same on every machine: seeded, and made of
 *      sums, products, quotients and roots alone, which are exact by definition.
 *
 * @module
 */
import type { AnswerMode, Weights } from "../../machines/rules/gate.ts";
import { isSign } from "../../machines/rules/gate-features.ts";

export const MODES = ["alone", "vote", "discuss"] as const satisfies readonly AnswerMode[];

export interface Row {
  readonly features: readonly string[];
  readonly mode: AnswerMode;
}

const ROUNDS = 12;
/** The rounds whose ends are averaged: where a fit comes to rest hangs on the order of the last rows. */
const AVERAGED = 8;
const RATE = 0.3;
/** Pulls the weight of what is seen once towards nothing. */
const DECAY = 0.05;
const SEEN_MIN = 2;
/** What is left out at each step, so that no feature relies on another that says the same. */
const WORDS_LEFT_OUT = 0.3;
const SIGNS_LEFT_OUT = 0.1;
/** How loud a sign is beside all words of a request together. */
const SIGN_VALUE = 0.35;
const KEPT_MAX = 5_500;
const WHOLE = 100;

/** Learned twice: what says the least is left out the second time. */
export function learned(rows: readonly Row[]): Weights {
  const seen = new Map<string, number>();
  for (const { features } of rows) for (const name of features) seen.set(name, (seen.get(name) ?? 0) + 1);
  const often = [...seen].filter(([, count]) => count >= SEEN_MIN).map(([name]) => name);
  const first = fitted(rows, often);
  const worth = new Map(
    often.map((name, index) => {
      const weights = first.weights.map((of) => of[index] ?? 0);
      return [name, (Math.max(...weights) - Math.min(...weights)) * Math.sqrt(seen.get(name) ?? 0)];
    }),
  );
  const kept = often.toSorted((a, b) => (worth.get(b) ?? 0) - (worth.get(a) ?? 0)).slice(0, KEPT_MAX);
  return inWholeNumbers(kept, fitted(rows, kept));
}

interface Fit {
  readonly before: readonly number[];
  /** By mode, then by feature. */
  readonly weights: readonly Float64Array[];
}

function fitted(rows: readonly Row[], names: readonly string[]): Fit {
  const indexes = new Map(names.map((name, index) => [name, index]));
  const signs = Uint8Array.from(names, (name) => (isSign(name) ? 1 : 0));
  const data = rows.map(({ features, mode }) => ({
    indexes: Int32Array.from(features.map((name) => indexes.get(name) ?? -1).filter((index) => index >= 0)),
    label: MODES.indexOf(mode),
  }));
  const counts = new Float64Array(names.length);
  for (const each of data) for (const index of each.indexes) counts[index] = (counts[index] ?? 0) + 1;
  const by = MODES.map(() => ({
    before: 0,
    beforeSquares: 1,
    weights: new Float64Array(names.length),
    squares: new Float64Array(names.length).fill(1e-3),
    beforeMean: 0,
    mean: new Float64Array(names.length),
  }));
  const chance = seeded(7);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const row of shuffled(data, chance)) {
      const taken = row.indexes.filter((index) => chance() >= (signs[index] === 1 ? SIGNS_LEFT_OUT : WORDS_LEFT_OUT));
      const values = valuesOf(taken, signs, row.indexes);
      const odds = shares(by.map((each) => each.before + product(each.weights, taken, values)));
      for (const [label, each] of by.entries()) {
        const wrong = (odds[label] ?? 0) - (row.label === label ? 1 : 0);
        each.beforeSquares += wrong * wrong;
        each.before -= (RATE * wrong) / Math.sqrt(each.beforeSquares);
        descend(each, wrong, taken, values, counts);
      }
    }
    if (round < ROUNDS - AVERAGED) continue;
    for (const each of by) {
      each.beforeMean += each.before / AVERAGED;
      for (const [index, weight] of each.weights.entries())
        each.mean[index] = (each.mean[index] ?? 0) + weight / AVERAGED;
    }
  }
  return { before: by.map(({ beforeMean }) => beforeMean), weights: by.map(({ mean }) => mean) };
}

/** Each step is the smaller the more was learned about a feature. */
function descend(
  { weights, squares }: { readonly weights: Float64Array; readonly squares: Float64Array },
  wrong: number,
  indexes: Int32Array,
  values: Float64Array,
  counts: Float64Array,
): void {
  for (let at = 0; at < indexes.length; at += 1) {
    const index = indexes[at] ?? 0;
    const weight = weights[index] ?? 0;
    const slope = wrong * (values[at] ?? 0) + (DECAY * weight) / (counts[index] ?? 1);
    const square = (squares[index] ?? 0) + slope * slope;
    squares[index] = square;
    weights[index] = weight - (RATE * slope) / Math.sqrt(square);
  }
}

/** What is left weighs more for what is left out. */
function valuesOf(taken: Int32Array, signs: Uint8Array, all: Int32Array): Float64Array {
  const words = all.reduce((sum, index) => sum + (signs[index] === 1 ? 0 : 1), 0);
  const word = 1 / Math.sqrt(Math.max(1, words)) / (1 - WORDS_LEFT_OUT);
  const sign = SIGN_VALUE / (1 - SIGNS_LEFT_OUT);
  return Float64Array.from(taken, (index) => (signs[index] === 1 ? sign : word));
}

function product(weights: Float64Array, indexes: Int32Array, values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < indexes.length; at += 1) sum += (weights[indexes[at] ?? 0] ?? 0) * (values[at] ?? 0);
  return sum;
}

function shares(scores: readonly number[]): readonly number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => power(score - most));
  const all = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((each) => each / all);
}

/** LN1. Nearly e to the power of what is at most nothing; `Math.exp` is not the same on every machine. */
function power(exponent: number): number {
  let result = 1 + Math.max(exponent, -700) / 1024;
  for (let doubled = 0; doubled < 10; doubled += 1) result *= result;
  return result;
}

/** LN1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function shuffled<T>(all: readonly T[], chance: () => number): readonly T[] {
  const order = [...all];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance() * (last + 1));
    const [a, b] = [order[last], order[other]];
    if (a !== undefined && b !== undefined) [order[last], order[other]] = [b, a];
  }
  return order;
}

/** Of a vote and of a discussion, against one answer. What is rounded to nothing is left out. */
function inWholeNumbers(names: readonly string[], { before, weights }: Fit): Weights {
  const against = (of: (mode: number) => number, value: number): readonly number[] =>
    [1, 2].map((mode) => Math.round((of(mode) - of(0)) * value * WHOLE));
  const features = names
    .map((name, index): readonly [string, readonly number[]] => [
      name,
      against((mode) => weights[mode]?.[index] ?? 0, isSign(name) ? SIGN_VALUE : 1),
    ])
    .filter(([, each]) => each.some((weight) => weight !== 0))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { before: against((mode) => before[mode] ?? 0, 1), features: new Map(features) };
}
