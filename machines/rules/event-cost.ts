/**
 * What an event of a discussion's log took, and how much longer it makes the prompts behind it.
 *
 * Owns: what is known of that from the events alone. Does not own: what is settled for them (standing.ts), what may be
 * spent (money.ts).
 *
 *  MO5 Nobody is billed for a request that never went out: where one ends a turn, the steps before it are paid for and
 *      nothing else. Of any other failure of a request nobody knows, nor of one that was cut: what came of it is known,
 *      and is the least that it took (US2).
 *
 * @module
 */
import type { LogEvent, Logged } from "./log.ts";
import { NO_USAGE, plus, UNTOLD, type Usage } from "./usage.ts";

/** Beside the words of an event: which one it is and whose, and the marks around them. */
const FRAME_BYTES = 128;
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
