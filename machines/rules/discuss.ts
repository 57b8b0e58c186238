/**
 * What a discussion writes next, and when it has to look again.
 *
 * Owns: who is granted a turn, when a vote is called and counted, when and why it closes. Does not own: what the events
 * mean (standing.ts), how votes are counted (ballot.ts), the asking of models.
 *
 *  DC1 A draft is sealed: nobody is granted anything else before every draft has ended (TS15).
 *  DC2 Nobody contributes twice in a row, nor above the bound, nor has two turns (TS2, TS3, TS4).
 *  DC3 Whoever has judged the newest words is not asked again before there are newer ones; whoever has not, is (TL3,
 *      TL4).
 *  DC4 The reason is the first that holds of the fixed order (TS6).
 *  DC5 Nothing is granted that the budget could not pay, in tokens or in money; whoever can be paid goes on, and a vote
 *      is called when all of it can be (TS12).
 *  DC6 A vote counts until every voter has voted or failed to; it is called once for the same words.
 *  DC7 Nobody is left who may speak: that ends it as much as silence does (TL2).
 *  DC8 Of a vote no further sample is drawn once those to come cannot change what was chosen, or hardly can (BA6).
 *  DC9 Behind the last round they vote on what was said since they last did, and nobody speaks any more.
 *  DC10 Whoever has failed, and cannot be paid for another try, is out: more money is not what was lacking (TS6).
 *
 * @module
 */
import { answerKey } from "./answer-key.ts";
import { type Ballot, isDecided, tally } from "./ballot.ts";
import type { BallotOption, Logged, Reason, Reserved, TurnKind, Unwritten } from "./log.ts";
import { boundOf, isPaid, isTooDear } from "./money.ts";
import type { Poll, Standing, Thinker } from "./standing.ts";
import { NO_USAGE } from "./usage.ts";

/** How many samples of a vote are drawn before the first of them has been counted. */
const SAMPLES_AT_ONCE = 3;
/** Of a sample that did not say how sure it is. */
const CONF_UNKNOWN = 0.5;

/** @returns the next event of the log that needs nobody's word, or nothing */
export function next(standing: Standing, at: number): Unwritten | undefined {
  if (standing.reason !== undefined) return undefined;
  const poll = openPoll(standing);
  if (poll !== undefined && isComplete(poll)) return counted(standing, poll);
  const ballot = poll === undefined ? undefined : sampled(standing, poll);
  if (ballot !== undefined) return ballot;
  const reason = reasonToClose(standing, at);
  if (reason !== undefined) return { type: "closing", reason };
  if (poll !== undefined) return undefined;
  const options = pollWanted(standing);
  if (options !== undefined && isPollPaid(standing)) return called(standing, options);
  const agent = wanted(standing).find((its) => isTurnPaid(standing, its));
  return agent === undefined ? undefined : granted(standing, agent);
}

/** When there may be something to write though nobody has said anything. */
export function wakeAt(standing: Standing): number {
  const isQuiet = standing.turns.size === 0 && openPoll(standing) === undefined;
  return Math.min(hardAt(standing), isQuiet ? standing.busyAt + standing.opened.config.idleMs : Infinity);
}

const hardAt = ({ opened, extendedMs }: Standing): number => opened.at + opened.config.hardMs + extendedMs;

const live = (standing: Standing): readonly Thinker[] =>
  [...standing.thinkers.values()].filter((its) => !its.isDead && !isFailedForGood(standing, its));

/** DC10. */
const isFailedForGood = (standing: Standing, its: Thinker): boolean => its.failures > 0 && isDear(standing, its);

export const openPoll = ({ polls }: Standing): Poll | undefined => {
  const last = polls.at(-1);
  return last?.tally === undefined ? last : undefined;
};

const isComplete = ({ voters, ballots, abstained }: Poll): boolean =>
  voters.every((voter) => ballots.has(voter) || abstained.has(voter));

// Who speaks.

/** Whether it may be asked whether it has something to say. */
function mayTalk(standing: Standing, thinker: Thinker): boolean {
  if (thinker.isDead || thinker.isMuted || thinker.turn !== undefined) return false;
  if (thinker.contributed >= thinker.contributionsMax || thinker.name === standing.lastSpeaker) return false;
  return thinker.evaluatedTo < standing.newsSeq;
}

const isFresh = ({ ended, turn }: Thinker): boolean => ended === 0 && turn === undefined;

/** Those who are to be granted a turn now, in the order of the roster; nobody waits for who is too dear. */
function wanted(standing: Standing): readonly Thinker[] {
  const { mode, config } = standing.opened;
  const mine = live(standing).filter((its) => !isDear(standing, its));
  if (mode === "vote") {
    if (isSettled(standing)) return [];
    return mine.filter((its) => mayTalk(standing, its)).slice(0, Math.max(0, SAMPLES_AT_ONCE - standing.turns.size));
  }
  const isSealed = mode === "discuss" && config.style === "structured";
  if (isSealed && isDrafting(standing)) return mine.filter((its) => isFresh(its) && !its.isMuted);
  return mine.filter((its) => mayTalk(standing, its));
}

/** DC1: somebody has not begun its draft, or not ended it. */
const isDrafting = (standing: Standing): boolean =>
  live(standing).some((its) => (isFresh(its) && !its.isMuted && !isDear(standing, its)) || its.turn?.kind === "draft");

function kindOf(standing: Standing, thinker: Thinker): TurnKind {
  const { mode, config } = standing.opened;
  if (mode === "alone") return "answer";
  if (mode === "vote") return "sample";
  return config.style === "structured" && isFresh(thinker) ? "draft" : "talk";
}

function granted(standing: Standing, thinker: Thinker): Unwritten {
  const kind = kindOf(standing, thinker);
  const turn = standing.length;
  const basis = kind === "talk" ? standing.length - 1 : standing.userSeq;
  const { turnTokensMax: reservedTokens } = standing.opened.config;
  const its = { type: "granted", agent: thinker.name, turn, basis, kind, reservedTokens } as const;
  const reservedMicros = turnBound(standing, thinker);
  return reservedMicros === 0 ? its : { ...its, reservedMicros };
}

// DC5.

const turnBound = (standing: Standing, thinker: Thinker): number =>
  boundOf(standing, thinker.billed, kindOf(standing, thinker));

const isDear = (standing: Standing, thinker: Thinker): boolean => isTooDear(standing, turnBound(standing, thinker));

const isTurnPaid = (standing: Standing, thinker: Thinker): boolean =>
  isAffordable(standing, 1) && isPaid(standing, turnBound(standing, thinker));

function isAffordable({ settledTokens, reservedTokens, opened }: Standing, calls: number): boolean {
  const { turnTokensMax, tokensMax } = opened.config;
  return settledTokens + reservedTokens + calls * turnTokensMax <= tokensMax;
}

// Votes.

/** @returns what is voted on, when a vote is to be called now */
function pollWanted(standing: Standing): readonly BallotOption[] | undefined {
  const { opened, turns, isVoteCalled, polls, newsSeq } = standing;
  if (opened.mode === "alone") return undefined;
  if (opened.mode === "vote") return samplesPolled(standing);
  const options = optionsOf(standing);
  if (options.length === 0) return undefined;
  if (isVoteCalled) return options;
  const isNew = (polls.at(-1)?.seq ?? 0) < newsSeq;
  const isOver = turns.size === 0 && (wanted(standing).length === 0 || isRoundsOver(standing));
  return opened.config.style === "structured" && isOver && isNew && options.length > 1 ? options : undefined;
}

/** What each author said last, in the order in which the authors first spoke. */
function optionsOf({ thinkers, contributions }: Standing): readonly BallotOption[] {
  const authors = [...new Set(contributions.map(({ agent }) => agent))];
  return authors.flatMap((id) => {
    const of = thinkers.get(id)?.latest?.seq;
    return of === undefined ? [] : [{ id, of }];
  });
}

// A vote among samples: each is its author's ballot for what it answers.

const votesOf = ({ contributions }: Standing): readonly Ballot[] =>
  contributions.map(({ agent, text, conf }) => ({ agent, option: answerKey(text), conf }));

/** DC8. */
function isSettled(standing: Standing): boolean {
  const { thinkers, opened } = standing;
  const outstanding = thinkers.size - standing.contributions.length;
  const votes = votesOf(standing);
  if (votes.length < 2 || !isDecided(votes, outstanding)) return false;
  const options = [...new Set(votes.map(({ option }) => option))];
  return tally(votes, { quorum: opened.config.quorum, options }).reached;
}

function samplesPolled(standing: Standing): readonly BallotOption[] | undefined {
  if (standing.turns.size > 0 || standing.polls.length > 0 || standing.contributions.length === 0) return undefined;
  if (wanted(standing).length > 0) return undefined;
  const first = new Map<string, number>();
  for (const { text, seq } of standing.contributions) {
    const id = answerKey(text);
    if (!first.has(id)) first.set(id, seq);
  }
  return [...first].map(([id, of]) => ({ id, of }));
}

/** The ballot of a sample that has not been cast yet. */
function sampled({ opened, contributions }: Standing, { round, ballots }: Poll): Unwritten | undefined {
  if (opened.mode !== "vote") return undefined;
  const its = contributions.find(({ agent }) => !ballots.has(agent));
  if (its === undefined) return undefined;
  const { agent, text, conf = CONF_UNKNOWN } = its;
  return { type: "ballot", agent, round, basis: 0, option: answerKey(text), conf, usage: NO_USAGE };
}

function votersOf(standing: Standing): readonly string[] {
  const isVote = standing.opened.mode === "vote";
  return live(standing)
    .filter(({ isMuted, contributed }) => (isVote ? contributed > 0 : !isMuted))
    .map(({ name }) => name);
}

/** How many of them a model is asked for: a sample is its author's already. */
const ballotsOf = (standing: Standing): number => (standing.opened.mode === "vote" ? 0 : votersOf(standing).length);

function called(standing: Standing, options: readonly BallotOption[]): Unwritten {
  const voters = votersOf(standing);
  const round = standing.polls.length + 1;
  const its = { type: "polled", round, basis: standing.length - 1, options, voters } as const;
  const reserved = ballotBounds(standing);
  return reserved.length === 0 ? its : { ...its, reserved };
}

/** Of those whose work is billed. */
const ballotBounds = (standing: Standing): readonly Reserved[] =>
  standing.opened.mode === "vote"
    ? []
    : votersOf(standing).flatMap((agent) => {
        const micros = boundOf(standing, standing.thinkers.get(agent)?.billed, "vote");
        return micros === 0 ? [] : [{ agent, micros }];
      });

const isPollPaid = (standing: Standing): boolean =>
  isAffordable(standing, ballotsOf(standing)) &&
  isPaid(
    standing,
    ballotBounds(standing).reduce((sum, { micros }) => sum + micros, 0),
  );

function counted({ opened }: Standing, { round, options, ballots, voters }: Poll): Unwritten {
  const election = { quorum: opened.config.quorum, options: options.map(({ id }) => id), voters: voters.length };
  const { winner, agreement, reached } = tally([...ballots.values()], election);
  return { type: "tallied", round, ...(winner === undefined ? {} : { winner }), agreement, reached };
}

// The end.

/** DC4. */
function reasonToClose(standing: Standing, at: number): Reason | undefined {
  if (standing.isStopped) return "cancelled";
  const isQuiet = standing.turns.size === 0 && openPoll(standing) === undefined;
  const asks = wanted(standing);
  if (isQuiet && isBroke(standing)) return "budget";
  if (at >= hardAt(standing)) return "timeout";
  if (!isQuiet) return undefined;
  if (live(standing).length === 0) return "all_failed";
  if (isAgreed(standing)) return "consensus";
  if (isRoundsOver(standing)) return isPollAffordable(standing) ? undefined : "max_rounds";
  if (asks.length > 0 || pollWanted(standing) !== undefined) return undefined;
  if (live(standing).every((its) => isExhausted(standing, its))) return "exhausted";
  return at >= standing.busyAt + standing.opened.config.idleMs ? "all_idle" : undefined;
}

/** Nothing of what is to come before it can rest can be paid, neither anybody's turn nor the vote. */
function isBroke(standing: Standing): boolean {
  const asks = wanted(standing);
  if (asks.length > 0) return !asks.some((its) => isTurnPaid(standing, its));
  if (pollWanted(standing) !== undefined) return !isPollPaid(standing);
  // Of samples that agree no more are wanted.
  if (standing.opened.mode === "vote" && isAgreed(standing)) return false;
  return live(standing).some((its) => mayTalk(standing, its) && isDear(standing, its));
}

const isExhausted = ({ newsSeq }: Standing, { contributed, contributionsMax, passedAt }: Thinker): boolean =>
  contributed >= contributionsMax || passedAt >= newsSeq;

const isRoundsOver = (standing: Standing): boolean => roundsOf(standing) >= standing.opened.config.roundsMax;

/** DC9: a vote is to be called, and can be. */
const isPollAffordable = (standing: Standing): boolean => pollWanted(standing) !== undefined && isPollPaid(standing);

/** Nothing was said since that was not voted on; of samples, founded on the question alone, nothing can be. */
const isAgreed = ({ opened, polls, newsSeq }: Standing): boolean => {
  const last = polls.at(-1);
  return last?.tally?.reached === true && (last.seq > newsSeq || opened.mode === "vote");
};

/** A round: every live thinker has judged once who can be asked. */
export function roundsOf(standing: Standing): number {
  const heard = live(standing).filter((its) => !its.isMuted && !isDear(standing, its));
  return heard.length === 0 ? 0 : Math.min(...heard.map(({ ended }) => ended));
}

/** Whether others have said too much since it began to think (TS9), or nobody has spoken since it last did (TS2). */
export function refusalOf(standing: Standing, agent: string, basis: number): Logged<"rejected">["why"] | undefined {
  if (standing.lastSpeaker === agent) return "twice";
  const missed = standing.contributions.filter(({ seq, agent: author }) => seq > basis && author !== agent).length;
  return missed > standing.opened.config.staleMax ? "stale" : undefined;
}
