/**
 * What is published of discussions, told as news: how each turn ended, and how each discussion did.
 *
 * Owns: where each discussion that runs has got to. Does not own: its log, or what becomes of the news.
 *
 *  TW1 Each event is told once at most, however often it is published; an end once.
 *  TW2 Of a fork only what is its own is told: what it was given comes with its beginning.
 *  TW3 What is remembered is bounded: by the discussions that run, and of those that have ended by a number.
 *
 * @module
 */
import { endsTurn, type LogEvent, type Logged } from "../../../machines/rules/log.ts";
import { tokensOf } from "../../../machines/rules/worth.ts";
import type { DiscussionMode, DiscussionReason, TakeNews } from "./news.ts";
import { Recent } from "./recent.ts";

interface Open {
  /** Unknown of one that an earlier life of the node began. */
  readonly mode: DiscussionMode;
  /** Of a fork, what it was given: how many tokens that took, and when the last of it was said. */
  readonly given: { readonly tokens: number; readonly at: number } | undefined;
  next: number;
  reason: DiscussionReason;
}

export class TeamWitness {
  readonly #tell: TakeNews;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Recent();

  constructor(tell: TakeNews) {
    this.#tell = tell;
  }

  readonly heard = (discussion: string, events: readonly LogEvent[]): void => {
    if (this.#ended.has(discussion)) return;
    const its = this.#open.get(discussion) ?? met(events);
    this.#open.set(discussion, its);
    for (const event of events) {
      if (event.seq < its.next) continue;
      its.next = event.seq + 1;
      if (endsTurn(event)) this.#tell({ event: "turn.ended", mode: its.mode, end: event.type });
      else if (event.type === "closing") its.reason = event.reason;
      else if (event.type === "final") this.#over(discussion, its, event);
    }
  };

  #over(discussion: string, { mode, given, reason }: Open, { at, worth }: Logged<"final">): void {
    this.#open.delete(discussion);
    this.#ended.add(discussion);
    this.#tell({
      event: "discussion.ended",
      mode,
      reason,
      tokens: Math.max(0, worth.tokens - (given?.tokens ?? 0)),
      durationMs: given === undefined ? worth.ms : at - given.at,
      flips: worth.flips,
    });
  }
}

/** By what is heard of it first. TW2 */
function met(events: readonly LogEvent[]): Open {
  const [first] = events;
  const fresh = { given: undefined, next: 0, reason: "unknown" } as const;
  if (first?.type !== "opened") return { ...fresh, mode: "unknown" };
  const { mode } = first;
  if (events.length === 1) return { ...fresh, mode };
  const given = { tokens: tokensOf(events), at: events.at(-1)?.at ?? first.at };
  return { ...fresh, mode, given, next: events.length };
}
