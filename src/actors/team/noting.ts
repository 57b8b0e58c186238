/**
 * What a discussion writes of what it is told: turns that ended, ballots, summaries, words of the user's.
 *
 * Owns: which answers still count. Does not own: what is written next (machines/rules/discuss.ts).
 *
 *  NO1 An answer for a turn that has ended writes nothing (TS7, TS8).
 *  NO2 A ballot counts for its own round, while that is open, and once (TS15).
 *  NO3 Words that were overtaken, or come twice in a row, are refused and said to be (TS2, TS9).
 *
 * @module
 */
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import { openPoll, refusalOf } from "../../../machines/rules/discuss.ts";
import type { Claim, Unwritten } from "../../../machines/rules/log.ts";
import type { OpenTurn } from "../../../machines/rules/standing.ts";
import { idOf } from "../../../machines/words.ts";
import { type Command, put, raise, reply, type Scope } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { keptOf, look, rowOf, written } from "./log-writing.ts";
import { discussions, type Kept } from "./tables.ts";
import { summaryOf } from "./tasks.ts";

const read = reader<DiscussionEvent>();
const toSelf = event<DiscussionEvent>();

/** The place of what somebody said. */
export interface NotedEvent {
  readonly type: "noted";
  readonly seq: number;
}

/** NO1. */
function ofOpenTurn(
  scope: Scope,
  turn: number,
  then: (kept: Kept, open: OpenTurn) => readonly Unwritten[],
): readonly Command[] {
  const kept = keptOf(scope);
  const its = kept?.standing.turns.get(turn);
  if (kept === undefined || its === undefined) return [];
  const isLast = kept.standing.reason !== undefined && kept.standing.turns.size === 1;
  return [...written(scope, then(kept, its), kept), isLast ? raise(toSelf({ type: "over" })) : look];
}

export function noteTurn(_params: unknown, scope: Scope): readonly Command[] {
  const { turn, result } = read(scope, "turned");
  return ofOpenTurn(scope, turn, ({ standing }, { agent, basis, kind }) => {
    const its = { agent, turn };
    const { usage } = result;
    if (result.type === "cut") return [{ type: "cancelled", ...its, partial: result.partial, usage }];
    if (result.type === "failed") return [{ ...failed(agent, turn, result.code, result.message), usage }];
    if (result.type === "passed") return [{ type: "passed", ...its, basis, why: result.why, usage }];
    const why = kind === "talk" ? refusalOf(standing, agent, basis) : undefined;
    if (why !== undefined) return [{ type: "rejected", ...its, why, usage, text: result.text }];
    const { text, source, conf, claims = [], objection } = result;
    const contributed: Unwritten = {
      type: "contributed",
      ...its,
      basis,
      text,
      usage,
      source,
      ...(conf === undefined ? {} : { conf }),
    };
    // Behind `closing` a turn ends and does no more (TS5).
    if (standing.reason !== undefined) return [contributed];
    const quote = standing.claims.get(objection?.claim ?? "")?.text;
    const list = claims.map((claim, index) => ({ id: `c${standing.claims.size + index + 1}`, text: claim }));
    return [
      ...(objection === undefined || quote === undefined ? [] : [objectionOf(its, objection, quote)]),
      contributed,
      ...(list.length === 0 ? [] : [claimsOf(its, list)]),
    ];
  });
}

const objectionOf = (
  its: { readonly agent: string; readonly turn: number },
  { claim, error }: { readonly claim: string; readonly error: string },
  quote: string,
): Unwritten => ({ type: "objection", ...its, claim, quote, error });

const claimsOf = (its: { readonly agent: string; readonly turn: number }, list: readonly Claim[]): Unwritten => ({
  type: "claims",
  ...its,
  list,
});

/** What nobody answered names an ask of cells; a person is told who was asked. */
const failed = (agent: string, turn: number, kind: string, message: string): Unwritten => ({
  type: "failed",
  agent,
  turn,
  kind,
  message: kind === "ask.deadline" ? `${agent} did not answer in its time` : message,
});

export function noteFailure(_params: unknown, scope: Scope): readonly Command[] {
  const { key, code, message } = read(scope, "turn.failed");
  const turn = Number(key);
  return ofOpenTurn(scope, turn, (_kept, { agent }) => [failed(agent, turn, code, message)]);
}

export function noteVote(_params: unknown, scope: Scope): readonly Command[] {
  const { agent, round, option, conf, usage } = read(scope, "voted");
  return ofOpenPoll(scope, round, agent, (basis) => ({ type: "ballot", agent, round, basis, option, conf, usage }));
}

export function noteAbstention(_params: unknown, scope: Scope): readonly Command[] {
  const { key, code } = read(scope, "vote.failed");
  const [round, agent = ""] = key.split(/\/(.*)/s);
  return ofOpenPoll(scope, Number(round), agent, () => ({
    type: "abstained",
    agent,
    round: Number(round),
    kind: code,
  }));
}

export function noteUnvoted(_params: unknown, scope: Scope): readonly Command[] {
  const { agent, round, code: kind, usage } = read(scope, "unvoted");
  return ofOpenPoll(scope, round, agent, () => ({ type: "abstained", agent, round, kind, usage }));
}

/** NO2. */
function ofOpenPoll(
  scope: Scope,
  round: number,
  agent: string,
  then: (basis: number) => Unwritten,
): readonly Command[] {
  const kept = keptOf(scope);
  const poll = kept === undefined ? undefined : openPoll(kept.standing);
  if (poll?.round !== round || poll.ballots.has(agent) || poll.abstained.has(agent)) return [];
  return [...written(scope, [then(poll.basis)], kept), look];
}

export function noteSummary(_params: unknown, scope: Scope): readonly Command[] {
  const { upTo, text, usage } = read(scope, "summed");
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  return [...written(scope, [summaryOf(kept, upTo, text, usage)], kept), ...summed(scope), look];
}

export const forgetSummary = (_params: unknown, scope: Scope): readonly Command[] => [...summed(scope), look];

function summed(scope: Scope): readonly Command[] {
  const row = rowOf(scope);
  return row === undefined
    ? []
    : [put(discussions, idOf(scope.self), { ...row, isSumming: false, summaryAt: scope.at })];
}

export function noteSay(_params: unknown, scope: Scope): readonly Command[] {
  const { text, to } = read(scope, "say");
  return noted(scope, { type: "user", text, ...(to === undefined ? {} : { to }) });
}

export const noteOrder = (_params: unknown, scope: Scope): readonly Command[] =>
  noted(scope, { type: "ordered", ...read(scope, "order").order });

/** Whoever said it is told its place once it cannot be lost any more. */
function noted(scope: Scope, body: Unwritten): readonly Command[] {
  const kept = keptOf(scope);
  if (kept === undefined) return [];
  const answer: NotedEvent = { type: "noted", seq: kept.standing.length };
  return [...written(scope, [body], kept), ...(scope.re === undefined ? [] : [reply(scope.re, answer, "flush")]), look];
}
