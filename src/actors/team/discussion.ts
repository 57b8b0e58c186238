/**
 * A discussion: its machine, and what each of its actions means.
 *
 * Owns: writing the log and the asks that follow from what is written. Does not own: what is written next
 * (machines/rules/discuss.ts), the thinkers (crew.ts), readers (the porter).
 *
 *  DB1 Of what is written one event is decided at a time, and what follows from it is asked for in the same step.
 *
 * @module
 */
import { type DiscussionEvent, discussionMachine } from "../../../machines/discussion.ts";
import { next, wakeAt } from "../../../machines/rules/discuss.ts";
import type { LogEvent, Unwritten } from "../../../machines/rules/log.ts";
import { boundOf, isPaid } from "../../../machines/rules/money.ts";
import { withoutKnown } from "../../../machines/rules/learn.ts";
import { bridge } from "../../../machines/rules/replay.ts";
import { address, hostOf, idOf } from "../../../machines/words.ts";
import type { LibraryEvent } from "../../../machines/library.ts";
import {
  behaviour,
  type Behaviour,
  type Command,
  put,
  raise,
  refuse,
  reply,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { factsOf, task, type TeamSettings } from "./calling.ts";
import {
  clear,
  conclude,
  concludeAgain,
  cutRest,
  keep,
  letGo,
  shut,
  wind,
  writeFallback,
  writeFinal,
} from "./ending.ts";
import { appended, keptOf, look, published, rowOf, written } from "./log-writing.ts";
import {
  forgetSummary,
  noteAbstention,
  noteFailure,
  noteOrder,
  noteSay,
  noteSummary,
  noteTurn,
  noteUnvoted,
  noteVote,
} from "./noting.ts";
import { type DiscussionRow, discussions, type Kept, logKey, logs } from "./tables.ts";
import { assignmentOf, ballotOf } from "./tasks.ts";

const read = reader<DiscussionEvent>();
const toLibrary = event<LibraryEvent>();
const toSelf = event<DiscussionEvent>();

export interface ReadEvent {
  readonly type: "log";
  readonly events: readonly LogEvent[];
  readonly session: string;
}

function open(_params: unknown, scope: Scope): readonly Command[] {
  const { session, opening, roster, model, caller } = read(scope, "begin");
  const discussion = idOf(scope.self);
  const row: DiscussionRow = { session, roster, model, caller, summaryAt: scope.at, isSumming: false };
  const kept = [
    put(discussions, discussion, row),
    tell(address(hostOf(scope.self), "library", "main"), toLibrary({ type: "begun", discussion })),
  ];
  if (opening.type === "question") return [...kept, ...written(scope, [opening.opened])];
  const { prefix, text } = opening;
  const said: readonly Unwritten[] = text === undefined ? [] : [{ type: "user", text }];
  return [
    ...kept,
    ...prefix.map((one) => put(logs, logKey(discussion, one.seq), one)),
    published(discussion, prefix),
    ...appended(scope, [...bridge(prefix, scope.at), ...said], prefix.length, prefix.at(-1)?.at ?? 0),
  ];
}

const refuseLate = (_params: unknown, { re }: Scope): readonly Command[] =>
  re === undefined ? [] : [refuse(re, { code: "discussion.over", message: "it has come to its end" })];

function answerRead(_params: unknown, scope: Scope): readonly Command[] {
  const { from } = read(scope, "read");
  if (scope.re === undefined) return [];
  const answer: ReadEvent = {
    type: "log",
    events: keptOf(scope)?.events.slice(from) ?? [],
    session: rowOf(scope)?.session ?? "",
  };
  // What is read is not unsaid by a loss of power: it may be read once the disk has it.
  return [reply(scope.re, { ...answer }, "flush")];
}

/** What was given to it and is forgotten since is in no prompt any more, and not in what is kept of it. */
function redact({ knowledge }: { knowledge: string }, scope: Scope): readonly Command[] {
  const opened = keptOf(scope)?.standing.opened;
  if (opened === undefined) return [];
  return [put(logs, logKey(idOf(scope.self), 0), withoutKnown(opened, knowledge))];
}

/** One event at a time: each may change what comes next. */
function lookOn(settings: TeamSettings, scope: Scope): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  // Its host ended between the writing and the closing.
  if (kept.standing.reason !== undefined) return [raise(toSelf({ type: "close" }))];
  const body = next(kept.standing, scope.at);
  if (body !== undefined) return [...written(scope, [body], kept), ...follow(settings, body, kept, scope)];
  const row = rowOf(scope);
  const { summaryMs } = kept.standing.opened.config;
  const hasNews = kept.standing.opened.mode === "discuss" && kept.standing.newsSeq > (kept.standing.summary?.upTo ?? 0);
  const summing = boundOf(kept.standing, kept.standing.opened.summarizer, "summary");
  const sums = row !== undefined && hasNews && !row.isSumming && isPaid(kept.standing, summing);
  const isDue = sums && scope.at >= row.summaryAt + summaryMs;
  const until = Math.min(wakeAt(kept.standing), sums && !isDue ? row.summaryAt + summaryMs : Infinity);
  return [
    ...(isDue ? askSummary(settings, kept, row, summing, scope) : []),
    raise(toSelf({ type: "wait", ms: Math.max(1, until - scope.at) })),
  ];
}

function askSummary(
  settings: TeamSettings,
  kept: Kept,
  row: DiscussionRow,
  reservedMicros: number,
  scope: Scope,
): readonly Command[] {
  const basis = kept.standing.newsSeq;
  const made = assignmentOf(kept, factsOf(settings, scope), settings.summarizer, { duty: "summary", basis });
  return [
    ...(reservedMicros === 0 ? [] : written(scope, [{ type: "summing", basis, reservedMicros }], kept)),
    put(discussions, idOf(scope.self), { ...row, isSumming: true }),
    task(settings.crew, made, { name: "summary", deadlineMs: kept.standing.opened.config.turnMs, at: scope.at }),
  ];
}

/** What follows from an event that was just written. */
function follow(settings: TeamSettings, body: Unwritten, kept: Kept, scope: Scope): readonly Command[] {
  const { config } = kept.standing.opened;
  if (body.type === "closing") return [raise(toSelf({ type: "close" }))];
  if (body.type === "granted") {
    const { kind, agent, turn, basis } = body;
    const its = rowOf(scope)?.roster.find(({ name }) => name === agent);
    if (its === undefined) return [look];
    const made = assignmentOf(kept, factsOf(settings, scope), its, { duty: kind, basis, turn });
    const deadlineMs = kind === "draft" ? config.draftMs : config.turnMs;
    return [task(settings.crew, made, { name: "turn", key: String(turn), deadlineMs, at: scope.at }), look];
  }
  if (body.type === "polled" && kept.standing.opened.mode === "discuss") {
    const { round, voters } = body;
    const asked = (rowOf(scope)?.roster ?? []).filter(({ name }) => voters.includes(name));
    const asks = asked.map((its) =>
      task(settings.crew, ballotOf(kept, factsOf(settings, scope), its, body), {
        name: "vote",
        key: `${round}/${its.name}`,
        deadlineMs: config.turnMs,
        at: scope.at,
      }),
    );
    return [...asks, look];
  }
  return [look];
}

export const discussionBehaviour = (settings: TeamSettings): Behaviour =>
  behaviour(discussionMachine, {
    open,
    look: (_params, scope) => lookOn(settings, scope),
    noteTurn,
    noteFailure,
    noteVote,
    noteAbstention,
    noteUnvoted,
    noteSummary,
    forgetSummary,
    noteSay,
    noteOrder,
    refuseLate,
    answerRead,
    redact,
    wind: (_params, scope) => wind(settings, scope),
    cutRest: (_params, scope) => cutRest(settings, scope),
    shut: (_params, scope) => shut(settings, scope),
    letGo: (_params, scope) => letGo(settings, scope),
    conclude: (_params, scope) => conclude(settings, scope),
    concludeAgain,
    writeFinal,
    writeFallback,
    keep,
    clear,
  });
