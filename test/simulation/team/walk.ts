/**
 * Every discussion of a small size: whatever thinkers, the user, the clock and crashes may do next, breadth first.
 *
 * Owns: the moves, and which states are one. Does not own: what is promised (check-log.ts), the rules themselves.
 *
 *  WK1 Two logs are one state when nothing that may follow can tell them apart.
 *  WK2 The first broken promise comes with a shortest way to it.
 *
 * @module
 */
import { openPoll } from "../../../machines/rules/discuss.ts";
import type { DiscussionConfig, LogEvent, Mode } from "../../../machines/rules/log.ts";
import type { OpenTurn, Standing, Thinker } from "../../../machines/rules/standing.ts";
import { checkFrom, told } from "./check-log.ts";
import { Owner, type Said } from "./owner.ts";
import { openedOf } from "./play.ts";
import { seatsOf } from "./scripts.ts";

export interface Size {
  readonly mode: Mode;
  readonly thinkers: number;
  readonly config: DiscussionConfig;
  /** How often the user speaks, stops it, calls a vote; how often its memory goes. */
  readonly words: number;
  readonly stops: number;
  readonly calls: number;
  readonly crashes: number;
}

interface State {
  readonly log: readonly LogEvent[];
  readonly at: number;
  readonly left: Pick<Size, "words" | "stops" | "calls" | "crashes">;
  readonly way: Way | undefined;
}

interface Way {
  readonly move: string;
  readonly before: Way | undefined;
}

export interface Walked {
  readonly states: number;
  readonly moves: number;
  /** Discussions that came to their end. */
  readonly ended: number;
  readonly reasons: readonly string[];
  readonly broken: { readonly what: readonly string[]; readonly way: readonly string[] } | undefined;
}

const USAGE = { promptTokens: 1, completionTokens: 2 };
const SAYINGS: readonly Said[] = [
  { type: "said", text: "so", usage: USAGE },
  { type: "passed", why: "nothing new", usage: USAGE },
  { type: "failed", kind: "worker.lost" },
];

type Move = readonly [name: string, left: State["left"], run: (owner: Owner, at: number) => void];

function movesOf({ log, at, left }: State, { config }: Size): readonly (readonly [...Move, number])[] {
  const owner = Owner.of(log);
  const { standing } = owner;
  if (standing.isClosed) return [];
  const turns = [...standing.turns.values()];
  const due = turns.find(
    ({ kind, grantedAt }) => at >= grantedAt + (kind === "draft" ? config.draftMs : config.turnMs),
  );
  const answers = turns.flatMap((turn) => answersOf(turn, standing).map((said) => turned(turn, said, left)));
  if (due !== undefined) return [[...turned(due, { type: "failed", kind: "ask.deadline" }, left), 0]];
  const moves = [...answers, ...ballotsOf(standing, left), ...fromOutside(owner, left)];
  return [...moves.map((move) => [...move, 0] as const), ["a tick", left, () => {}, 1]];
}

/** Where nobody can pass, nobody does. */
function answersOf({ kind }: OpenTurn, { reason }: Standing): readonly Said[] {
  const mayPass = kind === "draft" || kind === "talk";
  const heard = SAYINGS.filter(({ type }) => mayPass || type !== "passed");
  return reason === "cancelled" ? [...heard, { type: "cut", partial: "s" }] : heard;
}

const turned = ({ agent, turn }: OpenTurn, said: Said, left: State["left"]): Move => [
  `${agent} ${said.type}`,
  left,
  (owner, at) => {
    owner.turned(turn, said, at);
    // Said twice; and what was lost comes back with its word (TL8).
    const { dropped } = owner;
    for (const more of [said, ...SAYINGS]) owner.turned(turn, more, at);
    if (owner.dropped !== dropped + 1 + SAYINGS.length)
      throw new Error(`a word for turn ${turn}, which is over, counts`);
  },
];

function ballotsOf(standing: Standing, left: State["left"]): readonly Move[] {
  const poll = openPoll(standing);
  if (poll === undefined || standing.opened.mode === "vote") return [];
  const silent = poll.voters.filter((voter) => !poll.ballots.has(voter) && !poll.abstained.has(voter));
  const options = [...poll.options.map(({ id }) => id), undefined];
  return silent.flatMap((voter) =>
    options.map((option): Move => [
      `${voter} votes for ${option ?? "nobody"}`,
      left,
      (owner, at) => owner.voted(voter, poll.round, option, 0.9, at),
    ]),
  );
}

function fromOutside(owner: Owner, left: State["left"]): readonly Move[] {
  if (owner.isClosing) return [];
  const { words, stops, calls, crashes } = left;
  const moves: readonly (Move | undefined)[] = [
    words > 0 ? ["the user speaks", { ...left, words: words - 1 }, (its, at) => its.say("and?", at)] : undefined,
    stops > 0
      ? ["the user stops it", { ...left, stops: stops - 1 }, (its, at) => its.order({ order: "stop" }, at)]
      : undefined,
    calls > 0
      ? ["the user calls a vote", { ...left, calls: calls - 1 }, (its, at) => its.order({ order: "vote" }, at)]
      : undefined,
    crashes > 0 ? ["its memory goes", { ...left, crashes: crashes - 1 }, (its) => its.crash()] : undefined,
  ];
  return moves.filter((move) => move !== undefined);
}

/** WK1. */
function keyOf({ log, at, left }: State): string {
  const { standing: its } = Owner.of(log);
  const { config } = its.opened;
  const poll = openPoll(its);
  const last = its.polls.at(-1);
  const facts = [
    at - its.opened.at,
    Math.min(at - its.busyAt, config.idleMs),
    its.lastSpeaker,
    its.isStopped,
    its.isVoteCalled,
    its.reason,
    its.isClosed,
    its.reason === undefined ? 0 : at - (log.find(({ type }) => type === "closing")?.at ?? at),
    its.contributions.length === 0,
    Math.min(its.settledTokens, config.tokensMax),
    last === undefined ? 0 : [last.seq > its.newsSeq, last.tally?.reached, last.tally?.winner],
    poll === undefined ? 0 : [...poll.ballots].map(([agent, { option }]) => [agent, option]).toSorted(),
    poll === undefined ? 0 : [poll.options.map(({ id }) => id), poll.voters, [...poll.abstained].toSorted()],
    left,
    [...its.thinkers.values()].map((thinker) => thinkerFacts(thinker, its, at)),
    [...new Set(its.contributions.map(({ agent }) => agent))],
  ];
  return JSON.stringify(facts);
}

function thinkerFacts(thinker: Thinker, its: Standing, at: number): unknown {
  const { contributed, turn, evaluatedTo, passedAt, ended, failures, isDead } = thinker;
  const { staleMax, roundsMax } = its.opened.config;
  const missed = (basis: number): number =>
    Math.min(staleMax + 1, its.contributions.filter(({ seq, agent }) => seq > basis && agent !== thinker.name).length);
  const open = turn === undefined ? 0 : [turn.kind, at - turn.grantedAt, turn.basis >= its.newsSeq, missed(turn.basis)];
  const judged = [evaluatedTo >= its.newsSeq, passedAt >= its.newsSeq];
  return [contributed, open, judged, Math.min(ended, roundsMax), failures, isDead];
}

export function walk(size: Size, statesMax = 2_000_000): Walked {
  const { words, stops, calls, crashes, mode, config } = size;
  const seats = seatsOf(Array.from({ length: size.thinkers }, () => "always-new" as const));
  const owner = new Owner(openedOf({ seed: 0, mode, config, seats, asides: [] }), 0);
  owner.look(0);
  const first: State = { log: owner.log, at: 0, left: { words, stops, calls, crashes }, way: undefined };
  const met = new Set([keyOf(first)]);
  const queue: State[] = [first];
  const reasons = new Set<string>();
  let [moves, ended] = [0, 0];
  for (const state of queue) {
    for (const [name, left, run, ticks] of movesOf(state, size)) {
      moves += 1;
      const at = state.at + ticks;
      const its = Owner.of(state.log);
      run(its, at);
      its.look(at);
      const way = { move: name, before: state.way };
      const what = broken(its, state.log.length, at);
      if (what.length > 0)
        return { states: met.size, moves, ended, reasons: [...reasons], broken: { what, way: wayOf(way) } };
      const next: State = { log: its.log, at, left, way };
      const key = keyOf(next);
      if (met.has(key)) continue;
      met.add(key);
      if (met.size > statesMax) throw new Error(`more than ${statesMax} states`);
      if (its.standing.reason !== undefined) reasons.add(its.standing.reason);
      if (its.standing.isClosed) ended += 1;
      queue.push(next);
    }
  }
  return { states: met.size, moves, ended, reasons: [...reasons].toSorted(), broken: undefined };
}

/** Rules of the log, and that it is shut in time even if nothing is written any more. */
function broken({ log, standing }: Owner, from: number, at: number): readonly string[] {
  const { hardMs, graceMs } = standing.opened.config;
  if (!standing.isClosed && at > hardMs + graceMs) return [`TL1: it is open at ${at}`];
  return told(checkFrom(log, from, 0));
}

const wayOf = (way: Way | undefined): readonly string[] => (way === undefined ? [] : [...wayOf(way.before), way.move]);
