/**
 * What a discussion may cost: the most that a call can be billed, and whether there is enough left for it; and what is
 * known of what it took.
 *
 * Owns: the bounds, and the sum of a log. Does not own: who is asked (discuss.ts), what is settled (standing.ts),
 * prices (the configuration).
 *
 *  MO1 A call is billed no more than its bound: a token has a byte at the least, so that no prompt has more tokens than
 *      what its thinker is told and the log have bytes; and it says no more than it may.
 *  MO2 Whoever bills nothing is never refused for money.
 *  MO3 What the last word may cost is kept aside, as long as models are asked for something else.
 *  MO4 It is a function of the log: prices and what a thinker is told beside the log stand in `opened`.
 *  MO5 Nobody is billed for a request that never went out: where one ends a turn, the steps before it are paid for and
 *      nothing else. Of any other failure of a request nobody knows, nor of one that was cut: what came of it is known,
 *      and is the least that it took (US2).
 *  MO6 A call that is billed is made once: an attempt that broke is a failure, and is not made again unseen (J10).
 *
 * @module
 */
import type { Billed, LogEvent, Logged, TurnKind } from "./log.ts";
import type { Standing } from "./standing.ts";
import { NO_USAGE, plus, UNTOLD, type Usage } from "./usage.ts";

/** What a model is asked for. */
type Call = TurnKind | "vote" | "summary" | "final";

/** Beside the words of an event: which one it is and whose, and the marks around them. */
const FRAME_BYTES = 128;
/** Of whoever answers alone. */
export const ANSWER_TOKENS_MAX = 1_024;

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;

/** How much longer an event makes the prompts behind it, at the most. */
export function bytesRead(event: LogEvent): number {
  return textsOf(event).reduce((sum, text) => sum + bytesOf(text) + FRAME_BYTES, 0);
}

/** What a thinker was given of its own when the log began (NT1). */
export const bytesKept = ({ memory = [] }: Logged<"opened">, agent: string): number =>
  memory.filter((its) => its.agent === agent).reduce((sum, { notes }) => sum + bytesOf(notes.join("\n")), 0);

function textsOf(event: LogEvent): readonly string[] {
  switch (event.type) {
    case "contributed":
    case "user":
      return [event.text];
    case "claims":
      return event.list.map(({ text }) => text);
    // Its author's own notes.
    case "passed":
      return [event.why];
    case "rejected":
      return event.text === undefined ? [] : [event.text];
    case "cancelled":
      return [event.partial];
    case "ballot":
      return [""];
    default:
      return [];
  }
}

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

/** MO5. By an error's code. */
export const isUnbilled = (kind: string): boolean => UNBILLED.has(kind);
const UNBILLED: ReadonlySet<string> = new Set([
  "privacy.refused",
  "endpoint.unknown",
  "endpoint.unauthorized",
  "endpoint.elsewhere",
  "endpoint.unreachable",
  // No worker is started for it, and whoever is billed begins once (MO6).
  "worker.unstable",
]);

/** Of all that was said, decided and summed up in it. */
export const usageIn = (log: readonly LogEvent[]): Usage =>
  log.reduce((sum, event) => plus(sum, usageOf(event) ?? (isUntold(event) ? UNTOLD : NO_USAGE)), NO_USAGE);

const usageOf = (event: LogEvent): Usage | undefined => ("usage" in event ? event.usage : undefined);

/** MO5. */
const isUntold = (event: LogEvent): boolean =>
  event.type === "cancelled" || event.type === "late" || (isFailure(event) && !isUnbilled(event.kind));

const isFailure = (event: LogEvent): event is Logged<"failed" | "abstained"> =>
  event.type === "failed" || event.type === "abstained";

/** @returns nothing where nobody knows all of it */
export function costOf(event: LogEvent): number | undefined {
  const usage = usageOf(event);
  if (usage !== undefined) return usage.isPart === true ? undefined : usage.costMicros;
  return isFailure(event) && isUnbilled(event.kind) ? 0 : undefined;
}

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
