/**
 * How a discussion's log is written, and told to whoever reads it.
 *
 * Owns: numbers and times of events. Does not own: which events (machines/rules/discuss.ts, noting.ts).
 *
 *  LW1 What is written is published in its order, once the disk has it.
 *  LW2 An event is numbered behind the last one, and is never earlier than it (TS1).
 *
 * @module
 */
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import type { LogEvent, Unwritten } from "../../../machines/rules/log.ts";
import { idOf } from "../../../machines/words.ts";
import { AUDIENCE_PORT } from "../../protocol/ports.ts";
import { ask, type Command, put, raise, type Scope } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { faring } from "./knowing.ts";
import { type DiscussionRow, discussions, type Kept, logKey, logs } from "./tables.ts";

const toSelf = event<DiscussionEvent>();

export const A_MINUTE_MS = 60_000;

/** What readers are given. */
export interface PublishAsk {
  readonly type: "publish";
  readonly discussion: string;
  readonly events: readonly LogEvent[];
}

export const keptOf = (scope: Scope): Kept | undefined => scope.rows(logs).index.of(idOf(scope.self));
export const rowOf = (scope: Scope): DiscussionRow | undefined => scope.rows(discussions).get(idOf(scope.self));
export const look = raise(toSelf({ type: "look" }));

/** Behind what there is. */
export const written = (scope: Scope, bodies: readonly Unwritten[], behind = keptOf(scope)): readonly Command[] =>
  appended(scope, bodies, behind?.standing.length ?? 0, behind?.standing.at ?? 0);

export function appended(scope: Scope, bodies: readonly Unwritten[], from: number, lastAt: number): readonly Command[] {
  const discussion = idOf(scope.self);
  const at = Math.max(scope.at, lastAt);
  const events = bodies.map((body, index): LogEvent => ({ seq: from + index, at, ...body }));
  return [
    ...events.map((one) => put(logs, logKey(discussion, one.seq), one)),
    published(discussion, events),
    ...faring(events, scope),
  ];
}

/** LW1. */
export function published(discussion: string, events: readonly LogEvent[]): Command {
  const made: PublishAsk = { type: "publish", discussion, events };
  return ask(AUDIENCE_PORT, made, {
    name: "publish",
    key: String(events[0]?.seq ?? 0),
    deadlineMs: A_MINUTE_MS,
    onRestart: "again",
    after: "flush",
  });
}
