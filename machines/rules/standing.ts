/**
 * How a discussion stands: its log, folded.
 *
 * Owns: what follows from the events and from nothing else. Does not own: what is to happen next (discuss.ts).
 *
 *  DS1 It is a function of the log alone: folded anew it is the same (TD1, TD2).
 *  DS2 What is outstanding is what was granted and has not ended (TS4, TS7).
 *  DS3 Only words of a thinker or of the user are news; a failure, a pass or a summary changes no head (TL6).
 *  DS4 Whoever was cut off has judged nothing and failed in nothing: it is as it was before its turn.
 *
 * @module
 */
import { type BallotOption, endsTurn, type LogEvent, type Logged, type Reason, type TurnKind } from "./log.ts";

/** A thinker, as far as the log tells. */
export interface Thinker {
  readonly name: string;
  readonly contributionsMax: number;
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
}

export interface Poll {
  readonly round: number;
  readonly seq: number;
  readonly basis: number;
  readonly options: readonly BallotOption[];
  readonly voters: readonly string[];
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
  const thinkers = opened.agents.map(({ name, contributionsMax = opened.config.contributionsMax }): Thinker => ({
    name,
    contributionsMax,
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
  if (endsTurn(event)) endTurn(standing, event);
  switch (event.type) {
    case "granted": {
      const turn: OpenTurn = { ...event, grantedAt: event.at };
      standing.turns.set(event.turn, turn);
      standing.reservedTokens += event.reservedTokens;
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
      standing.isVoteCalled = false;
      if (isAsked(standing)) standing.reservedTokens += event.voters.length * standing.opened.config.turnTokensMax;
      standing.polls.push({ ...event, ballots: new Map(), abstained: new Set(), tally: undefined });
      return;
    case "ballot":
      standing.settledTokens += event.usage.completionTokens;
      releaseBallot(standing);
      standing.polls.at(-1)?.ballots.set(event.agent, event);
      return;
    case "abstained":
      releaseBallot(standing);
      standing.polls.at(-1)?.abstained.add(event.agent);
      return;
    case "tallied": {
      const poll = standing.polls.at(-1);
      if (poll !== undefined) poll.tally = event;
      return;
    }
    case "summary":
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

function releaseBallot(standing: Standing): void {
  if (isAsked(standing)) standing.reservedTokens -= standing.opened.config.turnTokensMax;
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
  if ("usage" in event) standing.settledTokens += event.usage.completionTokens;
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
