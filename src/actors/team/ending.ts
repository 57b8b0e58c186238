/**
 * How a discussion comes to its end: who speaks may finish, then the thinkers go, then the last word, then the archive.
 *
 * Owns: the order of these, and the time that each of them has. Does not own: when it closes, what the last word says
 * (machines/rules/discuss.ts, conclude.ts).
 *
 *  EN1 Stopped, it cuts who speaks; otherwise they may end within the grace, and are cut just before its end (TS5,
 *      TS17, DI6).
 *  EN2 What a model has not said in its time is put together without one (TL1).
 *  EN3 Thinkers that did not go in time, as when the store was away for longer, are told to go all the same (TS18).
 *
 * @module
 */
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import { extract, finalOf, readyAnswer } from "../../../machines/rules/conclude.ts";
import { openPoll } from "../../../machines/rules/discuss.ts";
import type { LogEvent, Logged, Unwritten } from "../../../machines/rules/log.ts";
import { isUnbilled } from "../../../machines/rules/event-cost.ts";
import { NO_USAGE, UNTOLD, type Usage } from "../../../machines/rules/usage.ts";
import { idOf } from "../../../machines/words.ts";
import { ARCHIVE_PORT } from "../../protocol/ports.ts";
import { ask, type Command, del, drop, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import type { CrewAsk } from "./assignment.ts";
import { factsOf, task, type TeamSettings, toCrew } from "./calling.ts";
import { concluded } from "./knowing.ts";
import { A_MINUTE_MS, keptOf, rowOf, written } from "./log-writing.ts";
import { discussions, type Kept, logKey, logs } from "./tables.ts";
import { assignmentOf } from "./tasks.ts";

const read = reader<DiscussionEvent>();
const toSelf = event<DiscussionEvent>();

const RELEASE_MS = 5_000;

/** What the archive is given. */
export interface KeepAsk {
  readonly type: "keep";
  readonly discussion: string;
  readonly session: string;
  readonly log: readonly LogEvent[];
}

/** EN1. */
export function wind({ crew }: TeamSettings, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const { standing } = kept;
  const silenced = [...votesOf(kept).map((key) => drop("vote", key)), drop("summary")];
  if (standing.turns.size === 0) return [...silenced, raise(toSelf({ type: "over" }))];
  return standing.reason === "cancelled" ? [...silenced, cut(crew, kept, scope)] : silenced;
}

/** EN1. Whoever was stopped is cut already. */
export function cutRest({ crew }: TeamSettings, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  return kept === undefined || kept.standing.reason === "cancelled" ? [] : [cut(crew, kept, scope)];
}

function cut(crew: TeamSettings["crew"], { standing }: Kept, scope: Scope): Command {
  const made: CrewAsk = { type: "cut", discussion: idOf(scope.self) };
  return toCrew(crew, made, { name: "cut", deadlineMs: standing.opened.config.graceMs });
}

export function shut(settings: TeamSettings, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const open = [...kept.standing.turns.values()];
  const late = open.map(({ agent, turn }): Unwritten => ({ type: "late", agent, turn }));
  return [
    ...written(scope, [{ type: "closed" }, ...late], kept),
    ...open.map(({ turn }) => drop("turn", String(turn))),
    release(settings, scope, kept.standing.opened),
  ];
}

/** TL1: its time and that of the final word are one. */
function release({ crew }: TeamSettings, scope: Scope, { config }: Logged<"opened">): Command {
  const deadlineMs = Math.min(RELEASE_MS, Math.ceil(config.finalMs / 2));
  return toCrew(crew, { type: "release", discussion: idOf(scope.self) }, { name: "release", deadlineMs });
}

/** EN3. Nobody waits for it, and it is said before anything that is asked for behind it. */
export const letGo = ({ crew }: TeamSettings, scope: Scope): readonly Command[] => {
  const made: CrewAsk = { type: "release", discussion: idOf(scope.self) };
  return [tell(crew, { ...made })];
};

export function conclude(settings: TeamSettings, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const ready = readyAnswer(kept.standing);
  if (ready !== undefined) return [raise(toSelf({ type: "concluded", ...ready, usage: NO_USAGE }))];
  const made = assignmentOf(kept, factsOf(settings, scope), settings.summarizer, {
    duty: "final",
    basis: kept.standing.length - 1,
  });
  return [task(settings.crew, made, { name: "final", deadlineMs: finalMsLeft(kept, scope.at), at: scope.at })];
}

export function concludeAgain(_params: unknown, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  const ready = kept === undefined ? undefined : readyAnswer(kept.standing);
  return ready === undefined ? [] : [raise(toSelf({ type: "concluded", ...ready, usage: NO_USAGE }))];
}

function finish(
  scope: Scope,
  said: { readonly text: string; readonly by: Logged<"final">["by"]; readonly usage: Usage },
): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const final = finalOf(kept.standing, kept.events, said, scope.at);
  const row = rowOf(scope);
  const whole = [...kept.events, { seq: kept.standing.length, at: scope.at, ...final }];
  return [...written(scope, [final], kept), ...(row === undefined ? [] : concluded(whole, row, scope))];
}
export const writeFinal = (_params: unknown, scope: Scope): readonly Command[] =>
  finish(scope, read(scope, "concluded"));
export const writeFallback = (_params: unknown, scope: Scope): readonly Command[] => {
  const kept = keptOf(scope);
  const usage = isUnbilled(read(scope, "final.failed").code) ? NO_USAGE : UNTOLD;
  return kept === undefined ? [] : finish(scope, { text: extract(kept.standing), by: "extract", usage });
};

export function keep(_params: unknown, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const made: KeepAsk = {
    type: "keep",
    discussion: idOf(scope.self),
    session: rowOf(scope)?.session ?? "",
    log: [...kept.events],
  };
  return [drop("keep"), ask(ARCHIVE_PORT, { ...made }, { name: "keep", deadlineMs: A_MINUTE_MS, onRestart: "again" })];
}

/** TL1. */
function finalMsLeft({ events, standing }: Kept, at: number): number {
  const closedAt = events.findLast(({ type }) => type === "closed")?.at ?? at;
  return Math.max(1, closedAt + standing.opened.config.finalMs - at);
}

function votesOf({ standing }: Kept): readonly string[] {
  const poll = openPoll(standing);
  return poll === undefined ? [] : poll.voters.map((voter) => `${poll.round}/${voter}`);
}

export function clear(_params: unknown, scope: Scope): readonly Command[] {
  const discussion = idOf(scope.self);
  const rows = keptOf(scope)?.events ?? [];
  return [...rows.map(({ seq }) => del(logs, logKey(discussion, seq))), del(discussions, discussion)];
}
