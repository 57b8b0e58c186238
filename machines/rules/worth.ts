/**
 * What the team was worth: discussions that are over, counted by how they were answered.
 *
 * Owns: what a log says of what it cost and changed, and the sum of many. Does not own: where logs are kept, or what a
 * single one is told to have cost in its last word (conclude.ts).
 *
 *  WO1 It is a function of the logs alone, in whatever order they come.
 *  WO2 Completed is what came to a last word that somebody's contribution is in, and was not stopped. A failure is
 *      counted as one and never as a pass.
 *  WO3 Of a fork only what is its own is counted: what it was given is counted where it was said.
 *  WO4 Of what nothing is known nothing is said: no median of no discussion, no agreement where nobody voted.
 *  WO5 A thinker is at work from when it is given a turn to the end of that; how much of the time there was is told of
 *      all of them together.
 *  WO6 Whoever says how to answer has judged the request too: the gate is held against that, and against nothing that
 *      it said itself.
 *
 * @module
 */
import { roundsOf } from "./discuss.ts";
import { ASKED_FOR, gate } from "./gate.ts";
import { endsTurn, type LogEvent, type Mode, type Reason } from "./log.ts";
import { usageIn } from "./event-cost.ts";
import { standingOf } from "./standing.ts";
import { tokensOfUsage } from "./usage.ts";

/** Of one discussion. */
export interface Account {
  readonly mode: Mode;
  readonly why: string;
  readonly reason: Reason;
  readonly isCompleted: boolean;
  readonly contributions: number;
  readonly passes: number;
  readonly failures: number;
  readonly rejected: number;
  readonly tokens: number;
  readonly ms: number;
  /** Until they agreed, where they did. */
  readonly rounds?: number;
  readonly agreement?: number;
  readonly flips: number;
  /** Of all turns together. */
  readonly busyMs: number;
  /** As long as it was open, for each who has a seat. */
  readonly seatMs: number;
  /** Until the first turn was given; nothing of a fork. */
  readonly delegationMs?: number;
  readonly costMicros?: number;
  /** Its tokens and cost are the least that it took. */
  readonly isPart?: true;
  /** WO6. Whether the gate would have said the same as who asked; nothing where nobody did. */
  readonly isAsJudged?: boolean;
}

/** @returns nothing of a log that has not come to its end; WO3 @param from the first event of its own */
export function accountOf(log: readonly LogEvent[], from = 0): Account | undefined {
  const standing = standingOf(log);
  const { final, reason } = standing ?? {};
  if (standing === undefined || final === undefined || reason === undefined) return undefined;
  const { mode, why } = standing.opened;
  const own = log.slice(from);
  const count = (type: LogEvent["type"]): number => own.filter((event) => event.type === type).length;
  const { agreement, flips } = final.worth;
  const beganAt = own[0]?.at ?? final.at;
  const first = own.find(({ type }) => type === "granted");
  const { costMicros, isPart = final.worth.isPart } = usageIn(own);
  return {
    mode,
    why,
    reason,
    isCompleted: standing.contributions.length > 0 && reason !== "cancelled",
    contributions: count("contributed"),
    passes: count("passed"),
    failures: count("failed"),
    rejected: count("rejected"),
    tokens: Math.max(0, final.worth.tokens - tokensOf(log.slice(0, from))),
    ms: final.at - beganAt,
    ...(reason === "consensus" ? { rounds: roundsOf(standing) } : {}),
    ...(agreement === undefined ? {} : { agreement }),
    flips,
    busyMs: busyMsOf(own),
    seatMs: ((own.find(({ type }) => type === "closed") ?? final).at - beganAt) * standing.opened.agents.length,
    ...(from > 0 || first === undefined ? {} : { delegationMs: first.at - beganAt }),
    ...(costMicros === undefined ? {} : { costMicros }),
    ...(isPart === undefined ? {} : { isPart }),
    ...(from > 0 || !why.startsWith(ASKED_FOR) ? {} : { isAsJudged: gate(standing.opened.request).mode === mode }),
  };
}

/** WO5. A turn that was given before what is looked at is not counted. */
function busyMsOf(own: readonly LogEvent[]): number {
  const since = new Map<number, number>();
  let busyMs = 0;
  for (const event of own) {
    if (event.type === "granted") since.set(event.turn, event.at);
    else if (endsTurn(event)) busyMs += event.at - (since.get(event.turn) ?? event.at);
  }
  return busyMs;
}

/** What its turns and ballots took. */
export const tokensOf = (log: readonly LogEvent[]): number => tokensOfUsage(usageIn(log));

/** How many events two logs begin with that are the same. */
export function sharedLength(one: readonly LogEvent[], other: readonly LogEvent[]): number {
  const differs = one.findIndex((event, seq) => JSON.stringify(event) !== JSON.stringify(other[seq]));
  return differs < 0 ? one.length : differs;
}

/** Of all discussions of a mode. */
export interface ModeWorth {
  readonly mode: Mode;
  readonly discussions: number;
  readonly completed: number;
  readonly contributions: number;
  readonly passes: number;
  readonly failures: number;
  readonly rejected: number;
  readonly tokens: number;
  readonly flips: number;
  readonly ms: { readonly p50: number; readonly p95: number };
  readonly roundsToConsensus?: number;
  /** On average, where there was a vote. */
  readonly agreement?: number;
  /** WO5. From 0 to 1. */
  readonly utilisation?: number;
  /** The median until the first turn was given. */
  readonly delegationMs?: number;
  /** In millionths of whatever the prices are in; nothing where nothing had a price. */
  readonly costMicros?: number;
  /** Of some, tokens and cost are the least that they took. */
  readonly isPart?: true;
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: Reason; readonly discussions: number }[];
  readonly whys: readonly { readonly why: string; readonly discussions: number }[];
}

const WHYS_MAX = 10;
const MODES: readonly Mode[] = ["alone", "vote", "discuss"];

export function worthOf(accounts: readonly Account[]): readonly ModeWorth[] {
  return MODES.flatMap((mode) => {
    const its = accounts.filter((account) => account.mode === mode);
    return its.length === 0 ? [] : [worthOfMode(mode, its)];
  });
}

function worthOfMode(mode: Mode, its: readonly Account[]): ModeWorth {
  const sum = (of: (account: Account) => number): number => its.reduce((all, account) => all + of(account), 0);
  const times = its.map(({ ms }) => ms);
  const rounds = its.flatMap((account) => account.rounds ?? []);
  const agreements = its.flatMap((account) => account.agreement ?? []);
  const delegations = its.flatMap((account) => account.delegationMs ?? []);
  const costs = its.flatMap((account) => account.costMicros ?? []);
  const seatMs = sum((account) => account.seatMs);
  return {
    mode,
    discussions: its.length,
    completed: its.filter(({ isCompleted }) => isCompleted).length,
    contributions: sum(({ contributions }) => contributions),
    passes: sum(({ passes }) => passes),
    failures: sum(({ failures }) => failures),
    rejected: sum(({ rejected }) => rejected),
    tokens: sum(({ tokens }) => tokens),
    flips: sum(({ flips }) => flips),
    ms: { p50: quantile(times, 0.5), p95: quantile(times, 0.95) },
    ...(rounds.length === 0 ? {} : { roundsToConsensus: quantile(rounds, 0.5) }),
    ...(agreements.length === 0 ? {} : { agreement: mean(agreements) }),
    ...(seatMs === 0 ? {} : { utilisation: sum(({ busyMs }) => busyMs) / seatMs }),
    ...(delegations.length === 0 ? {} : { delegationMs: quantile(delegations, 0.5) }),
    ...(costs.length === 0 ? {} : { costMicros: costs.reduce((all, one) => all + one, 0) }),
    ...(its.some(({ isPart }) => isPart) ? { isPart: true } : {}),
    reasons: counted(its.map(({ reason }) => reason)).map(([reason, discussions]) => ({ reason, discussions })),
    whys: counted(its.map(({ why }) => why))
      .slice(0, WHYS_MAX)
      .map(([why, discussions]) => ({ why, discussions })),
  };
}

/** WO6. How often somebody said how to answer, and how often the gate would have said the same. */
export function judgedOf(accounts: readonly Account[]): { readonly told: number; readonly same: number } {
  const judged = accounts.flatMap(({ isAsJudged }) => isAsJudged ?? []);
  return { told: judged.length, same: judged.filter(Boolean).length };
}

/** The smallest that so large a share of them does not exceed. */
export function quantile(of: readonly number[], share: number): number {
  const sorted = of.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Sorted first: the same numbers have one sum in whatever order they come. */
const mean = (of: readonly number[]): number =>
  of.toSorted((a, b) => a - b).reduce((sum, value) => sum + value, 0) / of.length;

/** The most frequent first, and those that are as frequent by name. */
function counted<Value extends string>(of: readonly Value[]): readonly (readonly [Value, number])[] {
  const counts = new Map<Value, number>();
  for (const value of of) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}
