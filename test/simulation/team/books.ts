/**
 * The books that the checker of logs keeps: what it believes of a discussion, from its events and nothing else.
 *
 * Owns: its own reading of the vocabulary. Does not own: the rules (check-log.ts and beside it), nor what rbee itself
 * makes of a log (machines/rules/standing.ts), which this file is a second opinion of and never imports.
 *
 * @module
 */
import { enterMoney, isTooDear, withNotes } from "./purse.ts";
import type { Billed, DiscussionConfig, LogEvent, Logged, Quorum } from "../../../machines/rules/log.ts";

/** One thinker, as the events tell. */
export interface Seated {
  readonly name: string;
  readonly contributionsMax: number;
  contributed: number;
  grants: number;
  /** Turns that ended, in whatever way. */
  ended: number;
  open: Logged<"granted"> | undefined;
  readonly billed: Billed | undefined;
  /** The newest event on which it has said whether it has something to say. */
  judgedTo: number;
  passedOn: number;
  failedInRow: number;
  isOut: boolean;
  isMuted: boolean;
}

export interface Vote {
  readonly polled: Logged<"polled">;
  readonly ballots: Map<string, Logged<"ballot">>;
  readonly abstained: Set<string>;
  tallied: Logged<"tallied"> | undefined;
}

export interface Books {
  readonly opened: Logged<"opened">;
  readonly config: DiscussionConfig;
  readonly seated: Map<string, Seated>;
  readonly granted: Map<number, Logged<"granted">>;
  readonly endedBy: Map<number, LogEvent["type"]>;
  readonly contributions: Logged<"contributed">[];
  readonly claims: Map<string, string>;
  readonly votes: Vote[];
  length: number;
  at: number;
  /** The newest words of a thinker or of the user; 0 is the question. */
  head: number;
  /** The user's newest words; 0 is the question. */
  userSaid: number;
  /** Who may not speak, since it spoke last. */
  lastSpeaker: string | undefined;
  /** Of the last contribution, word of the user or grant. */
  busyAt: number;
  /** Since when nobody who lives has anything to do or to say. */
  restedAt: number | undefined;
  /** Of what models said; what they read is bounded by what was said. */
  spentTokens: number;
  /** Of money, in millionths; what a call took that never said so, is what was set aside for it. */
  spentMicros: number;
  /** Set aside for a summary that has not come. */
  summingMicros: number;
  /** What the events so far add to a prompt, in bytes. */
  readBytes: number;
  extendedMs: number;
  isStopped: boolean;
  isVoteCalled: boolean;
  summedTo: number;
  closing: Logged<"closing"> | undefined;
  closed: Logged<"closed"> | undefined;
  final: Logged<"final"> | undefined;
}

export function opened(event: Logged<"opened">): Books {
  const seats = event.agents.map(({ name, contributionsMax, billed }): [string, Seated] => [
    name,
    seat(name, contributionsMax ?? event.config.contributionsMax, withNotes(event, name, billed)),
  ]);
  return {
    opened: event,
    config: event.config,
    seated: new Map(seats),
    granted: new Map(),
    endedBy: new Map(),
    contributions: [],
    claims: new Map(),
    votes: [],
    length: 1,
    at: event.at,
    head: 0,
    userSaid: 0,
    lastSpeaker: undefined,
    busyAt: event.at,
    restedAt: undefined,
    spentTokens: 0,
    spentMicros: 0,
    summingMicros: 0,
    readBytes: 0,
    extendedMs: 0,
    isStopped: false,
    isVoteCalled: false,
    summedTo: 0,
    closing: undefined,
    closed: undefined,
    final: undefined,
  };
}

const seat = (name: string, contributionsMax: number, billed: Billed | undefined): Seated => ({
  name,
  billed,
  contributionsMax,
  contributed: 0,
  grants: 0,
  ended: 0,
  open: undefined,
  judgedTo: -1,
  passedOn: -1,
  failedInRow: 0,
  isOut: false,
  isMuted: false,
});

const TERMINAL: ReadonlySet<LogEvent["type"]> = new Set([
  "contributed",
  "passed",
  "failed",
  "cancelled",
  "rejected",
  "late",
]);

export type Terminal = Extract<
  LogEvent,
  { readonly type: "contributed" | "passed" | "failed" | "cancelled" | "rejected" | "late" }
>;
export const isTerminal = (event: LogEvent): event is Terminal => TERMINAL.has(event.type);

/** Two failures in a row, or a turn that took all of its time: it is asked no more. */
const leavesOut = (its: Seated, kind: string): boolean => its.failedInRow >= 2 || kind === "ask.deadline";

/** A summary and the last word are beside the budget: they are of no turn. */
export const spentBy = (event: LogEvent): number =>
  event.type === "summary" || event.type === "final" || !("usage" in event) ? 0 : (event.usage?.completionTokens ?? 0);

/** Enters one event. Whether it may stand there was looked at before. */
export function enter(books: Books, event: LogEvent): void {
  books.length += 1;
  books.at = event.at;
  books.spentTokens += spentBy(event);
  enterMoney(books, event);
  if (isTerminal(event)) ended(books, event);
  switch (event.type) {
    case "granted":
      books.granted.set(event.turn, event);
      books.busyAt = event.at;
      enterAgent(books, event.agent, (its) => {
        its.open = event;
        its.grants += 1;
      });
      break;
    case "contributed":
      books.contributions.push(event);
      books.head = event.seq;
      books.lastSpeaker = event.agent;
      books.busyAt = event.at;
      enterAgent(books, event.agent, (its) => void (its.contributed += 1));
      break;
    case "user":
      books.head = event.seq;
      books.userSaid = event.seq;
      books.lastSpeaker = undefined;
      books.busyAt = event.at;
      break;
    case "claims":
      for (const { id, text } of event.list) books.claims.set(id, text);
      break;
    case "ordered":
      ordered(books, event);
      break;
    case "summary":
      books.summedTo = event.upTo;
      break;
    default:
      voted(books, event);
  }
  rest(books, event);
}

function enterAgent({ seated }: Books, name: string, change: (its: Seated) => void): void {
  const its = seated.get(name);
  if (its !== undefined) change(its);
}

function ended(books: Books, event: Terminal): void {
  books.endedBy.set(event.turn, event.type);
  const grant = books.granted.get(event.turn);
  enterAgent(books, event.agent, (its) => {
    its.open = undefined;
    if (event.type === "cancelled") return;
    its.ended += 1;
    its.failedInRow = event.type === "failed" ? its.failedInRow + 1 : 0;
    if (event.type === "failed") its.isOut ||= leavesOut(its, event.kind);
    else its.judgedTo = Math.max(its.judgedTo, grant?.basis ?? -1);
    if (event.type === "passed") its.passedOn = grant?.basis ?? -1;
  });
}

function ordered(books: Books, event: Logged<"ordered">): void {
  switch (event.order) {
    case "mute":
    case "unmute":
      return enterAgent(books, event.agent, (its) => void (its.isMuted = event.order === "mute"));
    case "extend":
      books.extendedMs += event.ms;
      return;
    case "vote":
      books.isVoteCalled = true;
      return;
    case "stop":
      books.isStopped = true;
  }
}

function voted(books: Books, event: LogEvent): void {
  switch (event.type) {
    case "polled":
      books.isVoteCalled = false;
      books.votes.push({ polled: event, ballots: new Map(), abstained: new Set(), tallied: undefined });
      return;
    case "ballot":
      return void voteOf(books, event.round)?.ballots.set(event.agent, event);
    case "abstained":
      return void voteOf(books, event.round)?.abstained.add(event.agent);
    case "tallied": {
      const vote = voteOf(books, event.round);
      if (vote !== undefined) vote.tallied = event;
      return;
    }
    case "closing":
      books.closing ??= event;
      return;
    case "closed":
      books.closed ??= event;
      return;
    case "final":
      books.final ??= event;
      return;
    default:
  }
}

/** A word of the user's begins the wait anew, and so does more time: of a fork, that is its start. */
function rest(books: Books, { type, at }: LogEvent): void {
  const isAtRest = books.closing === undefined && isQuiet(books) && !live(books).some((its) => isWanted(books, its));
  const since = type === "user" || type === "ordered" ? undefined : books.restedAt;
  books.restedAt = isAtRest ? (since ?? at) : undefined;
}

// What follows from them.

export const voteOf = ({ votes }: Books, round: number): Vote | undefined =>
  votes.find(({ polled }) => polled.round === round);

export const openVote = ({ votes }: Books): Vote | undefined => votes.find(({ tallied }) => tallied === undefined);

/** Whoever failed, and costs more for another try than there is, is as good as gone. */
export const live = (books: Books): readonly Seated[] =>
  [...books.seated.values()].filter((its) => !its.isOut && !(its.failedInRow > 0 && isTooDear(books, its)));

export const isQuiet = (books: Books): boolean =>
  openVote(books) === undefined && [...books.seated.values()].every(({ open }) => open === undefined);

export const isSpent = ({ contributed, contributionsMax }: Seated): boolean => contributed >= contributionsMax;

/** Whether somebody would have to be asked for its word before the discussion could come to rest. */
export const isWanted = (books: Books, its: Seated): boolean => isAsked(books, its) && !isTooDear(books, its);

/** Were there the money. */
export const isAsked = (books: Books, its: Seated): boolean =>
  !its.isOut && !its.isMuted && its.open === undefined && !isSpent(its) && !hasJudged(books, its);

export const hasJudged = (books: Books, its: Seated): boolean =>
  its.judgedTo >= books.head || its.name === books.lastSpeaker;

/** For turns that run, and for the ballots that are to come. */
export const reservedTokens = (books: Books): number =>
  [...books.seated.values()].reduce((sum, { open }) => sum + (open?.reservedTokens ?? 0), 0) +
  unheard(books) * books.config.turnTokensMax;

export const hardAt = ({ opened: { at }, config, extendedMs }: Books): number => at + config.hardMs + extendedMs;

export interface Count {
  readonly winner: string | undefined;
  /** Of the weight of all ballots, and of all who may vote. */
  readonly share: number;
  readonly agreement: number;
}

/** What the ballots come to: each weighs as much as its author is sure; the order of the options decides a tie. */
export function counted({ polled, ballots }: Vote): Count {
  const cast = [...ballots.values()];
  const weigh = (from: readonly Logged<"ballot">[]): number =>
    from.reduce((sum, { conf }) => sum + Math.max(1, Math.round(conf * 1_000)), 0);
  const sides = polled.options.map(({ id }) => ({ id, side: cast.filter(({ option }) => option === id) }));
  const [best] = sides.toSorted((one, other) => weigh(other.side) - weigh(one.side));
  if (best === undefined || best.side.length === 0) return { winner: undefined, share: 0, agreement: 0 };
  return {
    winner: best.id,
    share: weigh(best.side) / weigh(cast),
    agreement: best.side.length / Math.max(cast.length, polled.voters.length),
  };
}

/** By weight and by heads; a share is meant to two digits, so that two of three are 0.67. */
export function isReached({ share, agreement }: Count, quorum: Quorum): boolean {
  const least = Math.min(share, agreement);
  if (quorum === "all" || quorum === 1) return least === 1;
  return quorum === "majority" ? least > 0.5 : least > 0 && least >= quorum - 0.005;
}

/** Ballots that a model is still to be asked for; of a vote among samples there are none. */
export function unheard(books: Books): number {
  const vote = openVote(books);
  if (vote === undefined || books.opened.mode === "vote") return 0;
  return vote.polled.voters.length - vote.ballots.size - vote.abstained.size;
}
