/**
 * Goal: who passes, how patient and how rich a discussion of the real cells is, and in which order it votes, changes in
 * its log what it should, and nothing else.
 * Method: the real library, discussion, crew and specialists on virtual time, over models that answer what they read;
 * the same script again with one thing changed, over wires and disks that take no time, so that nothing else is.
 *
 * @see machines/README.md, TD6 TD8 TD10; changed.test.ts for TD2 TD4 TD5 TD7
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { endsTurn, type LogEvent, type Logged, type LogType, type Quorum } from "../../../machines/rules/log.ts";
import type { JobRequest } from "../../../machines/request.ts";
import { isDeepStrictEqual } from "node:util";
import { type Books, enter, opened, reservedTokens } from "./books.ts";
import type { Script } from "./play.ts";
import { asideMicros, lastMicros, turnMicros } from "./purse.ts";
import { config, scripts, seatsOf } from "./scripts.ts";
import { promptOf } from "./sim-calls.ts";
import type { SimTeam, TeamOptions } from "./sim-team.ts";
import { human, logOf, type Staged, staged } from "./staged.ts";

const RUNS = { numRuns: 100 };
/** Few ballots weigh the same. */
const VOTES = { numRuns: 250 };
const CALM = { isCalm: true } as const;

const ofType = <Type extends LogType>(log: readonly LogEvent[], type: Type): readonly Logged<Type>[] =>
  log.filter((event): event is Logged<Type> => event.type === type);
function lived(script: Script): readonly LogEvent[] {
  const log = logOf(staged(script, "always-new", [], CALM));
  expect(log.at(-1)?.type).toBe("final");
  return log;
}
const reasonOf = (log: readonly LogEvent[]) => ofType(log, "closing")[0]?.reason;
const endOf = (log: readonly LogEvent[]): number => ofType(log, "closing")[0]?.at ?? Number.NaN;

/** Words are numbered, and whoever passes has some of the numbers. */
const unnumbered = (text: string): string => text.replaceAll(/\[\d+\] /g, "");

const PASSER = "silent";
const TURN_MS = 4_000;

/** Whoever talks does so as long as there is news, and there is time, room and money for it. */
const talks = scripts.map(({ config: { costMaxMicros: _bound, ...its }, summarizer: _billed, ...script }): Script => ({
  ...script,
  mode: "discuss",
  asides: [],
  seats: script.seats.map(({ name, way }) => ({ name, way })),
  config: {
    ...its,
    quorum: "all",
    roundsMax: 1_000,
    tokensMax: 1_000_000,
    contributionsMax: 3,
    hardMs: 300_000,
    idleMs: 6_000,
    turnMs: TURN_MS,
    draftMs: TURN_MS,
  },
}));

/** What may be voted for. */
function optionsIn({ jsonSchema }: JobRequest): readonly string[] {
  const form = jsonSchema as { readonly properties: { readonly choice: { readonly enum: readonly string[] } } };
  return form.properties.choice.enum;
}

/** All vote for the same; and whoever passes has no draft. */
const agreeing: NonNullable<TeamOptions["instead"]> = ({ step, agent, request }) => {
  if (step === "draft" && agent === PASSER) return { text: "" };
  if (step !== "vote") return {};
  return { text: JSON.stringify({ choice: optionsIn(request)[0], sure: 5 }) };
};

const thoughtsIn = (log: readonly LogEvent[]): readonly unknown[] =>
  log.flatMap((event): readonly unknown[] => {
    if (event.type === "contributed") return [[event.agent, event.text]];
    if (event.type === "claims") return [[event.agent, event.list]];
    return event.type === "objection" ? [[event.agent, event.claim, event.error]] : [];
  });

const saidAt = (log: readonly LogEvent[]): readonly number[] => ofType(log, "contributed").map(({ at }) => at);

function draftsEndedAt(log: readonly LogEvent[]): readonly number[] {
  const drafts = new Set(ofType(log, "granted").flatMap(({ turn, kind }) => (kind === "draft" ? [turn] : [])));
  return log.filter(endsTurn).flatMap(({ turn, at }) => (drafts.has(turn) ? [at] : []));
}

describe("whoever always passes", () => {
  const passing = fc.record({ delayMs: fc.integer({ min: 0, max: TURN_MS / 8 }), place: fc.nat({ max: 6 }) });

  test.prop([talks, passing], RUNS)(
    "changes nobody's words, and delays no end by more than what everybody waits for of it (TD6)",
    (script, { delayMs, place }) => {
      const passer = { name: PASSER, way: "always-passes", delayMs } as const;
      const seats = script.seats.toSpliced(place, 0, passer);
      const options = { ...CALM, reads: unnumbered, instead: agreeing };
      const alone = staged(script, "always-new", [], options);
      const beside = staged({ ...script, seats }, "always-new", [], options);
      expect(thoughtsIn(logOf(beside))).toEqual(thoughtsIn(logOf(alone)));
      expect(ofType(logOf(beside), "passed").map(({ agent }) => agent)).toContain(PASSER);
      // Where nobody waits for anybody's draft, nor is anything said later.
      if (script.config.style === "free") expect(saidAt(logOf(beside))).toEqual(saidAt(logOf(alone)));
      for (const { name } of script.seats) {
        const readBy = ({ team }: Staged) =>
          team.calls.asked.filter(({ agent }) => agent === name).map((asked) => unnumbered(promptOf(asked)));
        expect(readBy(beside)).toEqual(readBy(alone));
      }
      const [reason, without] = [reasonOf(logOf(beside)), reasonOf(logOf(alone))];
      expect(reason).toBe(without === "all_failed" ? "exhausted" : without);
      // It may be at a bid when the last of the others is done: then it is asked once more, about the newest words.
      const done = logOf(beside).findLastIndex((event) => endsTurn(event) && event.agent !== PASSER);
      expect(ofType(logOf(beside).slice(done), "granted").length).toBeLessThanOrEqual(1);
      // For its draft and its ballot all wait.
      const steps = script.config.style === "free" ? 2 : 4;
      // It is asked when the drafts are over, though nobody else may be left to be asked: silence begins there.
      const silentAt = Math.max(0, ...draftsEndedAt(logOf(alone))) + script.config.idleMs;
      expect(endOf(logOf(beside))).toBeLessThanOrEqual(Math.max(endOf(logOf(alone)), silentAt) + steps * delayMs);
    },
  );
});

describe("more patience", () => {
  test.prop([scripts.map(human), fc.integer({ min: 1, max: 10_000 })], RUNS)(
    "changes nothing before the hasty would have ended, and has never fewer words (TD8)",
    (script, more) => {
      const hasty = lived(script);
      const patient = lived({ ...script, config: { ...script.config, idleMs: script.config.idleMs + more } });
      const { seq = 0 } = ofType(hasty, "closing")[0] ?? {};
      expect(patient.slice(1, seq)).toEqual(hasty.slice(1, seq));
      expect(ofType(patient, "contributed").length).toBeGreaterThanOrEqual(ofType(hasty, "contributed").length);
    },
  );
});

describe("a larger budget", () => {
  /** Where the two part, what the richer one writes there, and how the poorer one stood. */
  function parting(
    poor: readonly LogEvent[],
    rich: readonly LogEvent[],
  ): { readonly event: LogEvent; readonly books: Books } | undefined {
    const at = rich.findIndex((event, seq) => seq > 0 && !isDeepStrictEqual(event, poor[seq]));
    const [first, event] = [poor[0], rich[at]];
    if (first?.type !== "opened" || event === undefined) return undefined;
    const books = opened(first);
    for (const each of poor.slice(1, at)) enter(books, each);
    return { event, books };
  }

  /** The most that was spent and set aside at any time. */
  function peakOf([first, ...rest]: readonly LogEvent[], needOf: (books: Books) => number): number {
    if (first?.type !== "opened") return 0;
    const books = opened(first);
    return Math.max(
      ...rest.map((event) => {
        enter(books, event);
        return needOf(books);
      }),
    );
  }

  /** Of what is needed. */
  const share = fc.double({ min: 0.1, max: 1.1, noNaN: true });
  const NO_BOUND = 1_000_000_000;

  test.prop([scripts.map(human), share], RUNS)(
    "of tokens changes nothing before the smaller one refuses a turn or a vote (TD8)",
    (script, much) => {
      const { turnTokensMax } = script.config;
      const bounded = (tokensMax: number) => lived({ ...script, config: { ...script.config, tokensMax } });
      const rich = bounded(NO_BOUND);
      const tokensMax = Math.ceil(peakOf(rich, (books) => books.spentTokens + reservedTokens(books)) * much);
      const found = parting(bounded(tokensMax), rich);
      if (found === undefined) return;
      const { event, books } = found;
      // For want of a turn the poorer one may have closed where the richer one does for another reason.
      expect(["granted", "polled", "closing"]).toContain(event.type);
      const calls = event.type === "polled" ? event.voters.length : 1;
      expect(books.spentTokens + reservedTokens(books) + calls * turnTokensMax).toBeGreaterThan(tokensMax);
    },
  );

  /** For what it asks for. */
  function asideFor(event: LogEvent, books: Books): number {
    if (event.type === "granted" || event.type === "summing") return event.reservedMicros ?? 0;
    if (event.type === "polled") return (event.reserved ?? []).reduce((sum, { micros }) => sum + micros, 0);
    if (event.type === "closing") return Math.max(...[...books.seated.values()].map((its) => turnMicros(books, its)));
    return event.type === "final" ? lastMicros(books) : 0;
  }

  const billed = scripts.map(human).filter(({ seats, config: { costMaxMicros }, summarizer }) => {
    return costMaxMicros !== undefined && (summarizer !== undefined || seats.some((seat) => seat.billed !== undefined));
  });

  test.prop([billed, share], RUNS)(
    "of money changes nothing before the smaller one refuses a turn, a vote, a summary or the last word (TD8)",
    (script, much) => {
      const bounded = (costMaxMicros: number) => lived({ ...script, config: { ...script.config, costMaxMicros } });
      const rich = bounded(NO_BOUND);
      const needOf = (books: Books) => books.spentMicros + asideMicros(books) + lastMicros(books);
      const costMaxMicros = Math.ceil(peakOf(rich, needOf) * much);
      const found = parting(bounded(costMaxMicros), rich);
      if (found === undefined) return;
      const { event, books } = found;
      expect(["granted", "polled", "summing", "final", "closing"]).toContain(event.type);
      // The last word is kept aside beside all others.
      const forAll = asideFor(event, books) + (event.type === "final" ? 0 : lastMicros(books));
      expect(books.spentMicros + asideMicros(books) + forAll).toBeGreaterThan(costMaxMicros);
    },
  );
});

describe("a vote", () => {
  interface Voice {
    /** Of what may be voted for. */
    readonly choice: number;
    readonly sure: number;
    /** When it is heard, among the others. */
    readonly rank: number;
  }

  interface Fate {
    /** How many of the words between hosts are told twice. */
    readonly duplicates: number;
    /** The store dies so long behind the asking, and asks again for what it has not heard. */
    readonly diesMs: number | undefined;
  }

  const STEP_MS = 10;
  const SURE_MAX = 10;
  const ANSWERS = ["41", "42", "43"] as const;
  const UNTROUBLED: Fate = { duplicates: 0, diesMs: undefined };

  const voice: fc.Arbitrary<Voice> = fc.record({
    choice: fc.nat({ max: 2 }),
    // Many weigh the same.
    sure: fc.oneof(fc.constant(5), fc.constantFrom(5, SURE_MAX), fc.integer({ min: 0, max: SURE_MAX })),
    rank: fc.nat({ max: 20 }),
  });
  const quorums = fc.constantFrom<Quorum>("all", "majority", 0.5, 0.67);
  const fate: fc.Arbitrary<Fate> = fc.record({
    duplicates: fc.constantFrom(0, 1),
    diesMs: fc.option(fc.nat({ max: 21 * STEP_MS }), { nil: undefined }),
  });
  /** Of a vote among samples all are drawn at once, up to three. */
  const votes = fc.oneof(
    fc.record({
      mode: fc.constant("discuss" as const),
      quorum: quorums,
      all: fc.array(voice, { minLength: 2, maxLength: 6 }),
    }),
    fc.record({
      mode: fc.constant("vote" as const),
      quorum: quorums,
      all: fc.array(voice, { minLength: 2, maxLength: 3 }),
    }),
  );
  type Drawn = typeof votes extends fc.Arbitrary<infer Each> ? Each : never;

  function voted({ mode, quorum, all }: Drawn, { duplicates, diesMs }: Fate): readonly LogEvent[] {
    const seats = seatsOf(all.map(() => "always-new" as const));
    const its = { ...config, style: "structured", quorum, contributionsMax: 1 } as const;
    let doom = diesMs;
    let team: SimTeam | undefined;
    const instead: NonNullable<TeamOptions["instead"]> = ({ step, agent, request }) => {
      if (step !== "vote" && step !== "sample") return {};
      if (doom !== undefined) team?.world.clock.after(doom, () => team?.kill("store", 0));
      doom = undefined;
      const { choice = 0, sure = 0, rank = 0 } = all[seats.findIndex(({ name }) => name === agent)] ?? {};
      const afterMs = 1 + rank * STEP_MS;
      const said = (options: readonly string[]) => options[choice % options.length];
      if (step === "sample") return { afterMs, text: JSON.stringify({ steps: "", answer: said(ANSWERS), sure }) };
      return { afterMs, text: JSON.stringify({ choice: said(optionsIn(request)), sure }) };
    };
    const prepare = (made: SimTeam): void => {
      team = made;
      made.world.duplicates = duplicates;
    };
    return logOf(
      staged({ seed: 1, mode, seats, asides: [], config: its }, "always-new", [], { ...CALM, instead, prepare }),
    );
  }

  const tallyOf = (log: readonly LogEvent[]) =>
    ofType(log, "tallied").map(({ winner, agreement, reached }) => ({ winner, agreement, reached }));
  const outcomeOf = (log: readonly LogEvent[]) => ({
    tally: tallyOf(log),
    reason: reasonOf(log),
    ballots: ofType(log, "ballot")
      .map(({ agent, option, conf }) => [agent, option, conf].join(" "))
      .toSorted(),
    final: ofType(log, "final").map(({ text, by }) => [text, by]),
  });

  /** Of samples the one that came first is chosen of two that weigh the same. */
  function isTied(log: readonly LogEvent[]): boolean {
    const weights = new Map<string, number>();
    for (const { option, conf } of ofType(log, "ballot"))
      weights.set(option, (weights.get(option) ?? 0) + Math.max(1, Math.round(conf * 1_000)));
    const [first, second] = [...weights.values()].toSorted((one, other) => other - one);
    return first === second;
  }

  test.prop([votes, fate], VOTES)(
    "has one outcome in whatever order its ballots come, told twice and asked for again behind a crash (TD10)",
    (drawn, troubles) => {
      const inTurn = voted({ ...drawn, all: drawn.all.map((each) => ({ ...each, rank: 0 })) }, UNTROUBLED);
      expect(ofType(inTurn, "tallied")).toHaveLength(1);
      expect(ofType(inTurn, "ballot")).toHaveLength(drawn.all.length);
      if (drawn.mode === "vote" && isTied(inTurn)) return;
      expect(outcomeOf(voted(drawn, troubles))).toEqual(outcomeOf(inTurn));
    },
  );

  test.prop([votes], RUNS)("has the same winner where those who voted for it are surer (TD10)", (drawn) => {
    const log = voted(drawn, UNTROUBLED);
    const [tally] = tallyOf(log);
    const its = new Set(
      ofType(log, "ballot").flatMap(({ agent, option }) => (option === tally?.winner ? [agent] : [])),
    );
    const names = seatsOf(drawn.all.map(() => "always-new" as const)).map(({ name }) => name);
    const all = drawn.all.map((each, at) => (its.has(names[at] ?? "") ? { ...each, sure: SURE_MAX } : each));
    const [surer] = tallyOf(voted({ ...drawn, all }, UNTROUBLED));
    expect(surer).toEqual({ ...tally, reached: tally?.reached === true || surer?.reached });
  });
});
