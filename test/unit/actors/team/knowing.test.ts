/**
 * Goal: a discussion tells its agents how they fare, and what it came to, once, to whom it concerns.
 *
 * @see src/actors/team/knowing.ts, KW1; src/actors/team/discussion.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LogEvent, Unwritten } from "../../../../machines/rules/log.ts";
import { discussionBehaviour } from "../../../../src/actors/team/discussion.ts";
import { concluded, faring } from "../../../../src/actors/team/knowing.ts";
import { agents, discussions, logKey, logs, storeTables } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { lines, Stage } from "../../../support/stage.ts";
import { discussionRow, granted, logOf, openedBody, roster, said, USAGE } from "../../../support/team-rows.ts";

const A = "store/agent/s1-a-1";
const stageOf = (): Stage =>
  new Stage("store/discussion/d1", storeTables)
    .set(discussions, { d1: discussionRow() })
    .set(agents, { "s1/a": { session: "s1", name: "a", address: A } });
const none = { event: { type: "look" } } as const;
const told = (make: (scope: Scope) => readonly Command[]): readonly string[] =>
  lines(stageOf().play((_params: unknown, scope: Scope) => make(scope), {}, none));
const fares = (...bodies: readonly Unwritten[]): readonly string[] => told((scope) => faring(logOf(...bodies), scope));

describe("an agent", () => {
  test("AG1 hears of its turn, of its end however it came, and of a round of votes", () => {
    expect(fares(granted("a", 1))).toEqual([`tell ${A}: task`]);
    expect(fares(said("a", 1, "So."))).toEqual([`tell ${A}: rested`]);
    expect(fares({ type: "failed", agent: "a", turn: 1, kind: "worker.lost", message: "" })).toEqual([
      `tell ${A}: rested`,
    ]);
    expect(fares({ type: "polled", round: 1, basis: 1, options: [], voters: ["a", "b"] })).toEqual([
      `tell ${A}: consulted`,
    ]);
    expect(fares({ type: "closed" })).toEqual([]);
  });

  test("KW1 that has gone is told nothing", () => expect(fares(granted("b", 1), said("b", 1, "So."))).toEqual([]));
});

describe("what a discussion came to", () => {
  const END: readonly Unwritten[] = [
    { type: "passed", agent: "a", turn: 1, basis: 0, why: "it was said", usage: USAGE },
    { type: "closing", reason: "consensus" },
    { type: "closed" },
    {
      type: "final",
      upTo: 0,
      text: "Left.",
      by: "model",
      minority: [],
      worth: { tokens: 1, ms: 1, contributions: 1, agreement: 1, flips: 0 },
    },
  ];
  const log = (mode: "discuss" | "alone"): readonly LogEvent[] => logOf(openedBody({ mode }), ...END);

  test("LU1 NT1 is learnt, and each who thought for itself keeps that", () => {
    expect(told((scope) => concluded(log("discuss"), discussionRow(), scope))).toEqual([
      "tell store/library/main: remember session=s1",
      "tell store/knowledge/main: learn",
    ]);
    expect(told((scope) => concluded(log("alone"), discussionRow(), scope))).toEqual([]);
  });

  test("LU3 is not learnt where an API key asked", () => {
    const row = discussionRow({ caller: { requestId: "r", key: "k" } });
    expect(told((scope) => concluded(log("discuss"), row, scope))).toEqual([
      "tell store/library/main: remember session=s1",
    ]);
  });
});

test("KN2 what is forgotten while a discussion runs is in its log no more, and the rest of it stands", () => {
  const settings = { crew: "thinkers/crew/main", summarizer: roster("s")[0] as never, frame: "" } as const;
  const { handlers } = discussionBehaviour(settings);
  const knowledge = [
    { id: "k1", text: "Left." },
    { id: "k2", text: "Right." },
  ];
  const log = logOf(openedBody({ knowledge }), granted("a", 1));
  const stage = stageOf().set(logs, Object.fromEntries(log.map((one) => [logKey("d1", one.seq), one])));
  const redact = handlers["redact"] as (params: unknown, scope: Scope) => readonly Command[];
  expect(stage.play(redact, { knowledge: "k1" }, none)).toEqual([]);
  const kept = stage.rows(logs).index.of("d1");
  expect(kept?.events[0]).toMatchObject({ knowledge: [{ id: "k1", text: "" }, knowledge[1]] });
  expect([kept?.events.length, kept?.standing.turns.size]).toEqual([2, 1]);
});
