/**
 * A log once more, without anybody who thinks: what was said is taken from it, what follows is decided again.
 *
 * Owns: whether every decision of a log is the one that these rules make of what came before it (TD1), and where a log
 * can be gone on from. Does not own: reading or writing logs.
 *
 *  RP1 What nobody's word is needed for is decided anew, at the time at which it was written, and compared.
 *  RP2 A log can be gone on from behind any of its events before it was closing. Who was thinking there thinks no more,
 *      and the time that went by since is not counted; what that took is told where it was cut off.
 *
 * @module
 */
import { next, openPoll } from "./discuss.ts";
import type { LogEvent, Logged, Unwritten } from "./log.ts";
import { begun, fold, standingOf } from "./standing.ts";
import { NO_USAGE } from "./usage.ts";

export interface Replayed {
  /** How many were decided again. */
  readonly decisions: number;
  /** The first event that is not what these rules decide, and what they do. */
  readonly differs?: { readonly seq: number; readonly decided: Unwritten | undefined };
}

/** What needs nobody's word; of a vote also the ballots, which are what was answered. */
const isDecision = (event: LogEvent, { mode }: Logged<"opened">): boolean =>
  event.type === "granted" ||
  event.type === "polled" ||
  event.type === "tallied" ||
  event.type === "closing" ||
  (event.type === "ballot" && mode === "vote");

/** RP1. */
export function replayed([opened, ...rest]: readonly LogEvent[]): Replayed {
  if (opened?.type !== "opened") return { decisions: 0, differs: { seq: 0, decided: undefined } };
  const standing = begun(opened);
  let decisions = 0;
  for (const event of rest) {
    if (isDecision(event, opened)) {
      const decided = next(standing, event.at);
      if (!isSame(decided, event)) return { decisions, differs: { seq: event.seq, decided } };
      decisions += 1;
    }
    fold(standing, event);
  }
  return { decisions };
}

const isSame = (decided: Unwritten | undefined, { seq: _seq, at: _at, ...body }: LogEvent): boolean =>
  decided !== undefined && JSON.stringify(sorted(decided)) === JSON.stringify(sorted(body));

const sorted = (body: object): object =>
  Object.fromEntries(Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** RP2. @returns nothing where there is nothing to go on from */
export function forkOf(log: readonly LogEvent[], seq: number): readonly LogEvent[] | undefined {
  const prefix = log.slice(0, seq + 1);
  const standing = prefix.length === seq + 1 ? standingOf(prefix) : undefined;
  return standing === undefined || standing.reason !== undefined ? undefined : prefix;
}

/** What is written behind the prefix before anything else, at this time. */
export function bridge(prefix: readonly LogEvent[], at: number): readonly Unwritten[] {
  const standing = standingOf(prefix);
  if (standing === undefined) return [];
  const turns = [...standing.turns.values()].map(({ agent, turn }): Unwritten => ({
    type: "cancelled",
    agent,
    turn,
    partial: "",
    usage: NO_USAGE,
  }));
  const poll = openPoll(standing);
  // A sample is a ballot as it stands: nobody is asked for it, and nobody cut off.
  const asked = standing.opened.mode === "vote" ? [] : (poll?.voters ?? []);
  const missing = asked.filter((voter) => poll?.ballots.has(voter) !== true && poll?.abstained.has(voter) !== true);
  const { round = 0 } = poll ?? {};
  const votes = missing.map((agent): Unwritten => ({
    type: "abstained",
    agent,
    round,
    kind: "interrupted",
    usage: NO_USAGE,
  }));
  const awayMs = Math.max(0, at - standing.at);
  return [{ type: "ordered", order: "extend", ms: awayMs }, ...turns, ...votes];
}
