/**
 * What work of models took: tokens, and money where somebody bills it.
 *
 *  US1 Money is counted in millionths of whatever it is billed in, so that a price for a million tokens times tokens is
 *      a whole number, and sums are exact. Where nobody bills anything there is none, which is not the same as nothing
 *      to pay.
 *  US2 Of work that broke off what is known is a part: it took that at the least, and so did a sum with a part.
 *
 * @module
 */

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** US1. */
  readonly costMicros?: number | undefined;
  /** US2. */
  readonly isPart?: true | undefined;
}

/** For a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

export const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0 };
/** Of what somebody did, and never said what it took. */
export const UNTOLD: Usage = { ...NO_USAGE, isPart: true };

export const plus = (one: Usage, other: Usage): Usage => ({
  promptTokens: one.promptTokens + other.promptTokens,
  completionTokens: one.completionTokens + other.completionTokens,
  ...(one.costMicros === undefined && other.costMicros === undefined
    ? {}
    : { costMicros: (one.costMicros ?? 0) + (other.costMicros ?? 0) }),
  ...(one.isPart === true || other.isPart === true ? { isPart: true } : {}),
});

export const tokensOfUsage = ({ promptTokens, completionTokens }: Usage): number => promptTokens + completionTokens;

/** US1. Rounded up: a part of a millionth is billed as one. */
export const priced = (usage: Usage, price: Price | undefined): Usage =>
  price === undefined
    ? usage
    : { ...usage, costMicros: Math.ceil(usage.promptTokens * price.input + usage.completionTokens * price.output) };
