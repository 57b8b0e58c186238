/**
 * Scripts for discussions, drawn by fast-check: every mode and style, thinkers of every way, users of every kind.
 *
 * @module
 */
import { fc } from "@fast-check/vitest";
import type { Billed, DiscussionConfig, Mode, Order } from "../../../machines/rules/log.ts";
import type { Aside, Script } from "./play.ts";
import { type Way, WAYS } from "./thinkers.ts";

export const config: DiscussionConfig = {
  style: "free",
  contributionsMax: 3,
  roundsMax: 10,
  staleMax: 2,
  quorum: "majority",
  samples: 5,
  tokensMax: 1_000_000,
  turnTokensMax: 1_000,
  idleMs: 6_000,
  hardMs: 300_000,
  graceMs: 5_000,
  draftMs: 60_000,
  turnMs: 60_000,
  finalMs: 30_000,
  summaryMs: 4_000,
};

const NAMES = ["divergent", "convergent", "critical", "careful", "practical", "historical"] as const;

export const seatsOf = (ways: readonly Way[]): Script["seats"] =>
  ways.map((way, at) => ({ name: NAMES[at] ?? `thinker ${at}`, way }));

const order = (seats: number): fc.Arbitrary<Order> =>
  fc.oneof(
    fc.record({
      order: fc.constantFrom("mute" as const, "unmute" as const),
      agent: fc.integer({ min: 0, max: seats - 1 }).map((at) => NAMES[at] ?? ""),
    }),
    fc.record({ order: fc.constant("extend" as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ order: fc.constantFrom("vote" as const, "stop" as const) }),
  );

const aside = (seats: number, hardMs: number): fc.Arbitrary<Aside> =>
  fc.integer({ min: 0, max: hardMs }).chain((atMs) =>
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ atMs: fc.constant(atMs), does: fc.constant("says" as const), text: fc.string() }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ atMs: fc.constant(atMs), does: fc.constant("orders" as const), order: order(seats) }),
      },
      { weight: 1, arbitrary: fc.record({ atMs: fc.constant(atMs), does: fc.constant("crashes" as const) }) },
    ),
  );

const configs: fc.Arbitrary<DiscussionConfig> = fc
  .record({
    style: fc.constantFrom("free" as const, "structured" as const),
    contributionsMax: fc.integer({ min: 1, max: 4 }),
    roundsMax: fc.integer({ min: 1, max: 10 }),
    staleMax: fc.integer({ min: 0, max: 3 }),
    quorum: fc.constantFrom("all" as const, "majority" as const, 0.5, 0.67, 1),
    tokensMax: fc.constantFrom(1, 900, 3_000, 7_500, 20_000, 1_000_000),
    idleMs: fc.constantFrom(0, 1, 500, 6_000),
    hardMs: fc.constantFrom(1, 1_000, 20_000, 300_000),
    graceMs: fc.constantFrom(0, 500, 5_000),
    turnMs: fc.constantFrom(4, 400, 60_000),
    draftMs: fc.constantFrom(4, 800, 60_000),
  })
  .map((drawn) => ({ ...config, ...drawn }));

const billed: fc.Arbitrary<Billed> = fc.record({
  input: fc.constantFrom(0, 0.15, 2.5, 3.3),
  output: fc.constantFrom(0, 0.6, 10),
  promptTokens: fc.integer({ min: 1, max: 3_000 }),
});

/** Of some discussions there is a bound to what they may cost, and some of their models are billed. */
const moneys = fc.record({
  costMaxMicros: fc.constantFrom(undefined, undefined, 1, 20_000, 60_000, 200_000, 10_000_000),
  prices: fc.array(fc.option(billed, { nil: undefined }), { maxLength: NAMES.length }),
  summarizer: fc.option(billed, { nil: undefined }),
});

const MODES: readonly Mode[] = ["discuss", "discuss", "discuss", "vote", "alone"];

export const scripts: fc.Arbitrary<Script> = fc
  .record({
    seed: fc.integer(),
    mode: fc.constantFrom(...MODES),
    drawn: configs,
    money: moneys,
    ways: fc.array(fc.constantFrom(...WAYS), { minLength: 1, maxLength: NAMES.length }),
  })
  .chain(({ seed, mode, drawn, ways, money }) => {
    const isTalk = mode === "discuss";
    const { costMaxMicros, prices, summarizer } = money;
    const isBounded = costMaxMicros !== undefined;
    const seats = seatsOf(mode === "alone" ? ways.slice(0, 1) : ways).map((seat, at) => ({
      ...seat,
      ...(isBounded && prices[at] !== undefined ? { billed: prices[at] } : {}),
    }));
    const contributionsMax = isTalk ? drawn.contributionsMax : 1;
    const asides = fc.array(aside(seats.length, drawn.hardMs), { maxLength: 5 });
    const bound = isBounded ? { costMaxMicros } : {};
    const its = { seed, mode, config: { ...drawn, ...bound, contributionsMax }, seats };
    const sums = isBounded && isTalk && summarizer !== undefined ? { summarizer } : {};
    return asides.map((all): Script => ({ ...its, ...sums, asides: all }));
  });

/** Of each mode one that is soon over, so that it can be cut behind every step. */
export const shortScripts: readonly Script[] = (["alone", "vote", "discuss"] as const).map((mode) => ({
  seed: 7,
  mode,
  config: { ...config, style: "structured", contributionsMax: 1, turnMs: 400, draftMs: 400, idleMs: 500 },
  seats: seatsOf(mode === "alone" ? ["always-new"] : ["always-new", "at-random"]),
  asides: [],
}));

/** TD7: all times so many times as long. */
export const timesOf = (its: DiscussionConfig, factor: number): DiscussionConfig => ({
  ...its,
  idleMs: its.idleMs * factor,
  hardMs: its.hardMs * factor,
  graceMs: its.graceMs * factor,
  draftMs: its.draftMs * factor,
  turnMs: its.turnMs * factor,
  finalMs: its.finalMs * factor,
  summaryMs: its.summaryMs * factor,
});
