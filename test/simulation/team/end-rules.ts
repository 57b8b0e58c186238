/**
 * Rules of the end: when it comes, that its reason is true, and that nothing comes behind it.
 *
 * @see machines/README.md, TS1 TS5 TS6 TL1 TL2 TL3 TL4
 * @module
 */
import { type LogEvent, type Logged, type Reason, REASONS } from "../../../machines/rules/log.ts";
import {
  type Books,
  counted,
  hardAt,
  hasJudged,
  isQuiet,
  isReached,
  isSpent,
  isTerminal,
  isAsked,
  isWanted,
  live,
  reservedTokens,
  type Seated,
} from "./books.ts";
import { ballotMicros, isPaid, isTooDear, turnMicros } from "./purse.ts";
import type { Rule } from "./rule.ts";

function numbered({ length, at }: Books, event: LogEvent): string | undefined {
  if (event.seq !== length) return `it is numbered ${event.seq} and is number ${length}`;
  if (event.at < at) return `it was written ${at - event.at} ms before the one before it`;
  return event.type === "opened" ? `a log is opened once` : undefined;
}

function ordered({ closing, closed, final }: Books, event: LogEvent): string | undefined {
  if (final !== undefined) return `${event.type} comes behind the final word`;
  if (closed !== undefined)
    return event.type === "late" || event.type === "final" ? undefined : behind(event, "closed");
  if (event.type === "final") return `the final word comes before it is closed`;
  if (closing === undefined) return event.type === "closed" ? `it is closed without a reason` : undefined;
  return event.type === "closed" || (isTerminal(event) && event.type !== "late") ? undefined : behind(event, "closing");
}

const behind = ({ type }: LogEvent, what: string): string => `${type} comes behind ${what}`;

// TS6.

const isOverdue = (books: Books, at: number): boolean => at >= hardAt(books);

/** What is to be bought next costs more than there is, for everybody; with nothing to buy nobody is broke. */
function isBroke(books: Books): boolean {
  const asked = live(books).filter((its) => isWanted(books, its));
  const voters = asked.length > 0 ? [] : votersDue(books);
  if (asked.length > 0) return isDry(books, 1) || !asked.some((its) => isPaid(books, turnMicros(books, its)));
  if (voters.length > 0) {
    const micros = voters.reduce((sum, its) => sum + ballotMicros(books, its), 0);
    return isDry(books, voters.length) || !isPaid(books, micros);
  }
  return !isAnswered(books) && live(books).some((its) => isAsked(books, its));
}

/** Samples are counted for nothing, and of those that agree no more are bought. */
const isAnswered = (books: Books): boolean =>
  books.opened.mode === "vote" && (books.votes.length === 0 ? books.contributions.length > 0 : isAgreed(books));

const isDry = (books: Books, calls: number): boolean =>
  books.spentTokens + reservedTokens(books) + calls * books.config.turnTokensMax > books.config.tokensMax;

/** A vote is due when the user calls for one, or when all is said and it was not voted on. */
function votersDue(books: Books): readonly Seated[] {
  const { opened, config, contributions, votes, head, isVoteCalled } = books;
  if (opened.mode !== "discuss" || contributions.length === 0) return [];
  const isNew = (votes.at(-1)?.polled.seq ?? 0) < head;
  const authors = new Set(contributions.map(({ agent }) => agent)).size;
  const isDue = isVoteCalled || (config.style === "structured" && isNew && authors > 1);
  return isDue ? live(books).filter(({ isMuted }) => !isMuted) : [];
}

/** The latest vote was counted, reached what was asked for, and nothing was said since it was called that matters. */
function isAgreed({ opened, votes, config, head }: Books): boolean {
  const last = votes.at(-1);
  if (last?.tallied === undefined || (last.polled.seq < head && opened.mode !== "vote")) return false;
  return isReached(counted(last), config.quorum);
}

function isWornOut(books: Books): boolean {
  const asked = live(books).filter((its) => !its.isMuted && !isTooDear(books, its));
  return asked.length > 0 && asked.every(({ ended }) => ended >= books.config.roundsMax);
}

const hasNoMore = (books: Books): boolean =>
  live(books).length > 0 && live(books).every((its) => isSpent(its) || its.passedOn >= books.head);

const isIdle = ({ busyAt, config }: Books, at: number): boolean => at - busyAt >= config.idleMs;

const HOLDS: Readonly<Record<Reason, (books: Books, at: number) => boolean>> = {
  cancelled: ({ isStopped }) => isStopped,
  budget: (books) => isQuiet(books) && isBroke(books),
  timeout: isOverdue,
  all_failed: (books) => live(books).length === 0,
  consensus: isAgreed,
  max_rounds: isWornOut,
  exhausted: hasNoMore,
  all_idle: (books, at) => isQuiet(books) && isIdle(books, at),
};

/** These end it while others still think; every other reason is a rest. */
const INTERRUPTS: ReadonlySet<Reason> = new Set(["cancelled", "timeout"]);

function truthful(books: Books, event: LogEvent): string | undefined {
  if (event.type !== "closing") return undefined;
  const { reason, at } = event;
  if (!HOLDS[reason](books, at)) return `${reason} is not true`;
  if (!INTERRUPTS.has(reason) && !isQuiet(books)) return `${reason}, and somebody is still thinking or voting`;
  const first = REASONS.find((each) => HOLDS[each](books, at));
  if (first === undefined || REASONS.indexOf(first) >= REASONS.indexOf(reason)) return undefined;
  return `${first} goes before ${reason}`;
}

// Liveness, as far as a log shows it.

function bounded(books: Books, event: LogEvent, tickMs: number): string | undefined {
  const { closed, config } = books;
  const moreMs = event.type === "ordered" && event.order === "extend" ? event.ms : 0;
  const closedBy = hardAt(books) + moreMs + config.graceMs + tickMs;
  const isOver = closed !== undefined || event.type === "closed";
  if (!isOver && event.at > closedBy) return `it is open ${event.at - closedBy} ms behind its last moment`;
  if (event.type === "closed" && event.at > closedBy) return `it was closed ${event.at - closedBy} ms too late`;
  const finalBy = closedBy + config.finalMs;
  return event.type === "final" && event.at > finalBy ? `its end came ${event.at - finalBy} ms too late` : undefined;
}

function restless({ restedAt, config }: Books, event: LogEvent, tickMs: number): string | undefined {
  const isGoneOn = event.type === "ordered" && event.order === "extend";
  if (restedAt === undefined || event.type === "summary" || isGoneOn) return undefined;
  const restedMs = event.at - restedAt;
  return restedMs <= config.idleMs + tickMs ? undefined : `nobody had anything to say for ${restedMs} ms`;
}

function early(books: Books, event: LogEvent): string | undefined {
  if (event.type !== "closing" || event.reason !== "all_idle") return undefined;
  const unjudged = live(books).find((its) => !its.isMuted && !isSpent(its) && !hasJudged(books, its));
  return unjudged === undefined ? undefined : `${unjudged.name} was not asked about event ${books.head}`;
}

const NEED_NOT_ASK: ReadonlySet<Reason> = new Set(["cancelled", "timeout", "budget"]);

function unasked(books: Books, event: LogEvent): string | undefined {
  if (event.type !== "closing" || NEED_NOT_ASK.has(event.reason) || isSettled(books, event)) return undefined;
  const never = live(books).find((its) => its.grants === 0 && !its.isMuted && !isTooDear(books, its));
  return never === undefined ? undefined : `${never.name} was never asked`;
}

/** The vote of whoever was never asked could not turn it over. */
function isSettled(books: Books, { reason }: Logged<"closing">): boolean {
  const last = books.votes.at(-1);
  if (reason !== "consensus" || last === undefined) return false;
  // Of a vote no more samples are drawn than it takes; which were not drawn is nobody's loss.
  if (books.opened.mode === "vote") return true;
  const { voters } = last.polled;
  const silent = live(books).filter(({ name, grants }) => grants === 0 && !voters.includes(name)).length;
  const count = counted(last);
  const agreement = (count.agreement * voters.length) / (voters.length + silent);
  return isReached({ ...count, agreement }, books.config.quorum);
}

export const END_RULES: readonly Rule[] = [
  { id: "TS1", broken: numbered },
  { id: "TS5", broken: ordered },
  { id: "TS6", broken: truthful },
  { id: "TL1", broken: bounded },
  { id: "TL2", broken: restless },
  { id: "TL3", broken: early },
  { id: "TL4", broken: unasked },
];
