/**
 * What a discussion may cost: the most that a call can be billed, and whether there is enough left for it.
 *
 * Owns: the bounds. Does not own: who is asked (discuss.ts), what is settled (standing.ts), what an event took
 * (event-cost.ts), prices (the configuration).
 *
 *  MO1 A call is billed no more than its bound: a token has a byte at the least, so that no prompt has more tokens than
 *      what its thinker is told and the log have bytes; and it says no more than it may.
 *  MO2 Whoever bills nothing is never refused for money.
 *  MO3 What the last word may cost is kept aside, as long as models are asked for something else.
 *  MO4 It is a function of the log: prices and what a thinker is told beside the log stand in `opened`.
 *  MO6 A call that is billed is made once: an attempt that broke is a failure, and is not made again unseen (J10).
 *
 * MO5 is in event-cost.ts.
 *
 * @module
 */
import type { Billed, TurnKind } from "./log.ts";
import type { Standing } from "./standing.ts";

/** What a model is asked for. */
type Call = TurnKind | "vote" | "summary" | "final";

/** Of whoever answers alone. */
export const ANSWER_TOKENS_MAX = 1_024;

/** A draft and its claims, or a judgement and words: two calls, of which the second may read what the first said. */
const isTwice = (call: Call): boolean => call === "draft" || call === "talk";

/** MO1. In millionths; nothing where money is no matter, or this work is not billed. */
export function boundOf(standing: Standing, billed: Billed | undefined, call: Call): number {
  if (billed === undefined || standing.opened.config.costMaxMicros === undefined) return 0;
  return Math.ceil(readBound(standing, billed, call) + billed.output * saidBound(standing, call));
}

function readBound({ readBytes, opened }: Standing, { input, promptTokens }: Billed, call: Call): number {
  const read = promptTokens + readBytes;
  // What was said is read once more, in quotes.
  return input * (isTwice(call) ? 2 * read + 2 * opened.config.turnTokensMax : read);
}

function saidBound({ opened }: Standing, call: Call): number {
  const { turnTokensMax, answerTokensMax = turnTokensMax } = opened.config;
  if (call === "answer") return ANSWER_TOKENS_MAX;
  return call === "final" ? Math.min(turnTokensMax, answerTokensMax) : turnTokensMax;
}

/** MO3. */
const lastWord = (standing: Standing): number =>
  standing.opened.mode === "discuss" ? boundOf(standing, standing.opened.summarizer, "final") : 0;

/** MO2. */
export const isPaid = (standing: Standing, micros: number): boolean =>
  micros === 0 || micros <= leftOf(standing) - standing.reservedMicros;

/** It is too dear, whatever comes of those who speak now: what is spent is never given back. */
export const isTooDear = (standing: Standing, micros: number): boolean => micros > 0 && micros > leftOf(standing);

function leftOf(standing: Standing): number {
  const { costMaxMicros = Infinity } = standing.opened.config;
  return costMaxMicros - standing.settledMicros - lastWord(standing);
}

/** What was kept aside for it pays the last word. */
export function isLastWordPaid(standing: Standing): boolean {
  const { costMaxMicros = Infinity } = standing.opened.config;
  const micros = lastWord(standing);
  return micros === 0 || standing.settledMicros + standing.reservedMicros + micros <= costMaxMicros;
}
