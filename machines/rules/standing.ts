/**
 * How a discussion stands: its log, folded.
 *
 * Owns: what follows from the events and from nothing else. Does not own: what is to happen next (discuss.ts).
 *
 *  DS1 It is a function of the log alone: folded anew it is the same (TD1, TD2).
 *  DS2 What is outstanding is what was granted and has not ended (TS4, TS7).
 *  DS3 Only words of a thinker or of the user are news; a failure, a pass or a summary changes no head (TL6).
 *  DS4 Whoever was cut off has judged nothing and failed in nothing: it is as it was before its turn.
 *  DS5 Of a call that ended without a word of all that it cost, that is all that was set aside for it (TS12).
 *
 * @module
 */
import {
  type BallotOption,
  type Billed,
  endsTurn,
  type LogEvent,
  type Logged,
  type Reason,
  type Reserved,
  type TurnKind,
} from "./log.ts";
import { bytesKept, bytesRead, costOf } from "./event-cost.ts";

/** A thinker, as far as the log tells. */
export interface Thinker {
  readonly name: string;
  readonly contributionsMax: number;
  readonly billed: Billed | undefined;
  contributed: number;
  /** The turn that it has, or none. */
  turn: OpenTurn | undefined;
  /** Up to which event it has judged whether it has something to say. */
  evaluatedTo: number;
  /** It passed, and nothing new was said since. Held against `newsSeq`. */
  passedAt: number;
  /** Turns that have ended, in any way. */
  ended: number;
  /** In a row. */
  failures: number;
  isDead: boolean;
  isMuted: boolean;
  /** Its latest contribution, and its first one. */
  latest: Logged<"contributed"> | undefined;
  draft: Logged<"contributed"> | undefined;
}

export interface OpenTurn {
  readonly turn: number;
  readonly agent: string;
  readonly basis: number;
  readonly kind: TurnKind;
  readonly grantedAt: number;
  readonly reservedTokens: number;
  readonly reservedMicros?: number | undefined;
}

export interface Poll {
  readonly round: number;
  readonly seq: number;
  readonly basis: number;
  readonly options: readonly BallotOption[];
  readonly voters: readonly string[];
  readonly reserved?: readonly Reserved[] | undefined;
  readonly ballots: Map<string, Logged<"ballot">>;
  readonly abstained: Set<string>;
  tally: Logged<"tallied"> | undefined;
}

export interface Standing {
  readonly opened: Logged<"opened">;
  readonly thinkers: Map<string, Thinker>;
  readonly turns: Map<number, OpenTurn>;
  /** How many events there are. */
  length: number;
  at: number;
  /** The last contribution or word of the user's; 0, the question, where there is none. */
  newsSeq: number;
  /** The last word of the user's; 0, the question, where there is none. */
  userSeq: number;
  /** Who contributed last, unless the user has spoken since (TS2). */
  lastSpeaker: string | undefined;
  /** Of the last contribution, word of the user's or grant (TS6). */
  busyAt: number;
  contributions: Logged<"contributed">[];
  claims: Map<string, { readonly agent: string; readonly text: string }>;
  objections: Logged<"objection">[];
  settledTokens: number;
  reservedTokens: number;
  /** Money. */
  settledMicros: number;
  reservedMicros: number;
  /** Of these, for a summary that is on its way. */
  summingMicros: number;
  /** How much longer prompts are than at the beginning, at the most. */
  readBytes: number;
  extendedMs: number;
  isStopped: boolean;
  /** The user called for a vote, and none was held since. */
  isVoteCalled: boolean;
  polls: Poll[];
  summary: Logged<"summary"> | undefined;
  reason: Reason | undefined;
  isClosed: boolean;
  final: Logged<"final"> | undefined;
}

/** Enough that a model is no good for this discussion. */
const FAILURES_MAX = 2;
/** Waiting for the same again would cost another turn's time. */
const SLOW = "ask.deadline";

export function begun(opened: Logged<"opened">): Standing {
  const { contributionsMax: most } = opened.config;
  const thinkers = opened.agents.map(({ name, contributionsMax = most, billed }): Thinker => ({
    name,
    contributionsMax,
    billed: billed && { ...billed, promptTokens: billed.promptTokens + bytesKept(opened, name) },
    contributed: 0,
    turn: undefined,
    evaluatedTo: -1,
    passedAt: -1,
    ended: 0,
    failures: 0,
    isDead: false,
    isMuted: false,
    latest: undefined,
    draft: undefined,
  }));
  return {
    opened,
    thinkers: new Map(thinkers.map((thinker) => [thinker.name, thinker])),
    turns: new Map(),
    length: 1,
    at: opened.at,
    newsSeq: 0,
    userSeq: 0,
    lastSpeaker: undefined,
    busyAt: opened.at,
    contributions: [],
    claims: new Map(),
    objections: [],
    settledTokens: 0,
    reservedTokens: 0,
    settledMicros: 0,
    reservedMicros: 0,
    summingMicros: 0,
    readBytes: bytesRead(opened),
    extendedMs: 0,
    isStopped: false,
    isVoteCalled: false,
    polls: [],
    summary: undefined,
    reason: undefined,
    isClosed: false,
    final: undefined,
  };
}

/** @returns nothing for a log that has no beginning */
export function standingOf(log: readonly LogEvent[]): Standing | undefined {
  const [first, ...rest] = log;
  if (first?.type !== "opened") return undefined;
  const standing = begun(first);
  for (const event of rest) fold(standing, event);
  return standing;
}

/** Changes `standing` to what it is behind this event. */
export function fold(standing: Standing, event: LogEvent): void {
  standing.length = event.seq + 1;
  standing.at = event.at;
  standing.readBytes += bytesRead(event);
  if (endsTurn(event)) endTurn(standing, event);
  switch (event.type) {
    case "granted": {
      const turn: OpenTurn = { ...event, grantedAt: event.at };
      standing.turns.set(event.turn, turn);
      standing.reservedTokens += event.reservedTokens;
      standing.reservedMicros += event.reservedMicros ?? 0;
      standing.busyAt = event.at;
      return withThinker(standing, event.agent, (its) => void (its.turn = turn));
    }
    case "contributed":
      return contributed(standing, event);
    case "claims":
      for (const { id, text } of event.list) standing.claims.set(id, { agent: event.agent, text });
      return;
    case "objection":
      return void standing.objections.push(event);
    case "user":
      standing.newsSeq = event.seq;
      standing.userSeq = event.seq;
      standing.lastSpeaker = undefined;
      standing.busyAt = event.at;
      return;
    case "ordered":
      return ordered(standing, event);
    case "polled":
      return polled(standing, event);
    case "ballot":
      releaseBallot(standing, event);
      standing.polls.at(-1)?.ballots.set(event.agent, event);
      return;
    case "abstained":
      releaseBallot(standing, event);
      standing.polls.at(-1)?.abstained.add(event.agent);
      return;
    case "tallied": {
      const poll = standing.polls.at(-1);
      if (poll !== undefined) poll.tally = event;
      return;
    }
    case "summing":
      // DS5: one that is on its way still, never came.
      settle(standing, standing.summingMicros);
      standing.summingMicros = event.reservedMicros;
      standing.reservedMicros += event.reservedMicros;
      return;
    case "summary":
      settle(standing, standing.summingMicros, costOf(event));
      standing.summingMicros = 0;
      standing.summary = event;
      return;
    case "closing":
      standing.reason = event.reason;
      return;
    case "closed":
      standing.isClosed = true;
      return;
    case "final":
      standing.final = event;
      return;
    default:
  }
}

/** Each ballot is a call of its own, except that a sample of a vote is one already. */
const isAsked = ({ opened }: Standing): boolean => opened.mode !== "vote";

function polled(standing: Standing, event: Logged<"polled">): void {
  standing.isVoteCalled = false;
  if (isAsked(standing)) standing.reservedTokens += event.voters.length * standing.opened.config.turnTokensMax;
  for (const { micros } of event.reserved ?? []) standing.reservedMicros += micros;
  standing.polls.push({ ...event, ballots: new Map(), abstained: new Set(), tally: undefined });
}

function releaseBallot(standing: Standing, event: Logged<"ballot" | "abstained">): void {
  if (isAsked(standing)) standing.reservedTokens -= standing.opened.config.turnTokensMax;
  standing.settledTokens += event.usage?.completionTokens ?? 0;
  const its = standing.polls.at(-1)?.reserved?.find(({ agent }) => agent === event.agent);
  settle(standing, its?.micros, costOf(event));
}

/** DS5. */
function settle(standing: Standing, reservedMicros = 0, costMicros = reservedMicros): void {
  standing.reservedMicros -= reservedMicros;
  standing.settledMicros += costMicros;
}

function withThinker({ thinkers }: Standing, name: string, change: (thinker: Thinker) => void): void {
  const thinker = thinkers.get(name);
  if (thinker !== undefined) change(thinker);
}

function contributed(standing: Standing, event: Logged<"contributed">): void {
  standing.newsSeq = event.seq;
  standing.lastSpeaker = event.agent;
  standing.busyAt = event.at;
  standing.contributions.push(event);
  withThinker(standing, event.agent, (its) => {
    its.contributed += 1;
    its.latest = event;
    its.draft ??= event;
  });
}

function endTurn(standing: Standing, event: Extract<LogEvent, { readonly turn: number }>): void {
  const open = standing.turns.get(event.turn);
  if (open === undefined) return;
  standing.turns.delete(event.turn);
  standing.reservedTokens -= open.reservedTokens;
  if ("usage" in event) standing.settledTokens += event.usage?.completionTokens ?? 0;
  settle(standing, open.reservedMicros, costOf(event));
  withThinker(standing, event.agent, (its) => {
    its.turn = undefined;
    // DS4.
    if (event.type === "cancelled") return;
    its.ended += 1;
    if (event.type === "failed") {
      its.failures += 1;
      its.isDead ||= event.kind === SLOW || its.failures >= FAILURES_MAX;
    } else {
      its.failures = 0;
      its.evaluatedTo = Math.max(its.evaluatedTo, open.basis);
    }
    if (event.type === "passed") its.passedAt = open.basis;
  });
}

function ordered(standing: Standing, event: Logged<"ordered">): void {
  switch (event.order) {
    case "mute":
    case "unmute":
      return withThinker(standing, event.agent, (its) => void (its.isMuted = event.order === "mute"));
    case "extend":
      standing.extendedMs += event.ms;
      return;
    case "vote":
      standing.isVoteCalled = true;
      return;
    case "stop":
      standing.isStopped = true;
  }
}
