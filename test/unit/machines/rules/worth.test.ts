/**
 * Goal: what the team is told to have been worth is what its logs say.
 * Method: recorded logs whose figures are known, a fork of one of them, and logs in any order.
 *
 * @see machines/rules/worth.ts, WO1-WO6 (Q12)
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import {
  type Account,
  accountOf,
  judgedOf,
  quantile,
  sharedLength,
  worthOf,
} from "../../../../machines/rules/worth.ts";
import { DISCUSSION, logOf, opened, recorded, type Recorded, VOTE } from "../../../support/recorded-log.ts";

const log = (events: readonly Recorded[]): readonly LogEvent[] => logOf(recorded(events));
const account = (events: readonly Recorded[], from = 0): Account => {
  const its = accountOf(log(events), from);
  if (its === undefined) throw new Error("it has no end");
  return its;
};

const END = DISCUSSION.slice(-2);
const silent = (reason: "all_failed" | "exhausted"): readonly Recorded[] => [
  opened("discuss"),
  { type: "failed", agent: "divergent", turn: 1, kind: "worker.lost", message: "its worker ended" },
  { type: "closing", reason },
  ...END,
];

describe("a discussion", () => {
  test("is counted as its log has it", () => {
    expect(account(DISCUSSION)).toMatchObject({
      mode: "discuss",
      reason: "consensus",
      isCompleted: true,
      contributions: 3,
      passes: 1,
      failures: 1,
      rejected: 0,
      tokens: 1_234,
      agreement: 1,
      flips: 1,
    });
    expect(account(VOTE)).toMatchObject({ mode: "vote", contributions: 2, tokens: 30, flips: 0 });
  });

  test("WO4 US2 says where its tokens and cost are the least that it took, also of a log that says nothing of that", () => {
    expect(account(VOTE).isPart).toBeUndefined();
    expect(account(silent("all_failed")).isPart).toBe(true);
    const told = VOTE.map((event): Recorded =>
      event.type === "final" ? { ...event, worth: { ...event.worth, isPart: true } } : event,
    );
    expect(account(told).isPart).toBe(true);
    expect(worthOf([account(VOTE), account(told)])).toMatchObject([{ mode: "vote", isPart: true }]);
    expect(worthOf([account(VOTE)])[0]).not.toHaveProperty("isPart");
  });

  test("WO2 in which nobody could speak is not completed, nor one that was stopped", () => {
    expect(account(silent("all_failed"))).toMatchObject({ isCompleted: false, failures: 1, passes: 0 });
    const stopped = DISCUSSION.map((event): Recorded =>
      event.type === "closing" ? { type: "closing", reason: "cancelled" } : event,
    );
    expect(account(stopped).isCompleted).toBe(false);
  });

  test("WO5 Q12 tells how long its thinkers had a turn, of all the time in which they had a seat", () => {
    // Turns of 3, 4, 4, 2 and 1 tenths of a second; three seats for 1.9 s.
    expect(account(DISCUSSION)).toMatchObject({ busyMs: 1_400, seatMs: 3 * 1_900, delegationMs: 100 });
    expect(worthOf([account(DISCUSSION)])[0]).toMatchObject({ utilisation: 1_400 / 5_700, delegationMs: 100 });
    const given = DISCUSSION.filter(({ type }) => type !== "token").findIndex(({ type }) => type === "summary");
    const fork = account(DISCUSSION, given);
    expect(fork).toMatchObject({ busyMs: 300 });
    expect(fork.delegationMs).toBeUndefined();
  });

  test("WO6 Q12 holds the gate against who said how to answer, and against nothing that it said itself", () => {
    const asked = (mode: "discuss" | "vote", request: string): Account =>
      account([opened(mode, { why: "it was asked for", request }), ...DISCUSSION.slice(1)]);
    const both = "Discuss the pros and cons of moving our servers to the cloud.";
    const told = [asked("discuss", both), asked("vote", both), account(DISCUSSION)];
    expect(told.map(({ isAsJudged }) => isAsJudged)).toEqual([true, false, undefined]);
    expect(judgedOf(told)).toEqual({ told: 2, same: 1 });
  });

  test("is not counted before its end", () => {
    expect(accountOf(log(DISCUSSION.slice(0, -1)))).toBeUndefined();
    expect(accountOf([])).toBeUndefined();
  });

  test("WO3 that goes on from another one has neither the other's turns, nor its tokens, nor its time", () => {
    const whole = log(DISCUSSION);
    const given = whole.findIndex(({ type }) => type === "summary");
    const fork = [...whole.slice(0, given), ...whole.slice(given + 1)].map((event, seq) => ({ ...event, seq }));
    expect(sharedLength(whole, fork)).toBe(given);
    const its = accountOf(fork, given);
    // Two contributions of 15 tokens and a failure are the other's.
    expect(its).toMatchObject({ contributions: 1, failures: 0, passes: 1, tokens: 1_234 - 30 });
    expect(its?.ms).toBe((whole.at(-1)?.at ?? 0) - (fork[given]?.at ?? 0));
  });
});

describe("all of them", () => {
  test("are told by mode, with why they ended and why they were chosen, the most frequent first", () => {
    const told = worthOf([DISCUSSION, silent("all_failed"), VOTE, silent("all_failed")].map((its) => account(its)));
    expect(told.map(({ mode }) => mode)).toEqual(["vote", "discuss"]);
    expect(told[1]).toMatchObject({
      discussions: 3,
      completed: 1,
      contributions: 3,
      failures: 3,
      reasons: [
        { reason: "all_failed", discussions: 2 },
        { reason: "consensus", discussions: 1 },
      ],
      whys: [{ why: "several perspectives are asked for", discussions: 3 }],
    });
  });

  test("WO4 nobody agreed and nobody voted: no rounds and no agreement are told", () => {
    const { agreement: _, ...silence } = account(silent("exhausted"));
    const [its] = worthOf([silence]);
    expect(Object.keys(its ?? {})).not.toContain("agreement");
    expect(Object.keys(its ?? {})).not.toContain("roundsToConsensus");
    expect(worthOf([])).toEqual([]);
  });

  test("WO1 are the same in whatever order they come", () => {
    const some = fc.record({
      mode: fc.constantFrom("alone", "vote", "discuss"),
      why: fc.constantFrom("a", "b", "c"),
      reason: fc.constantFrom("consensus", "exhausted"),
      isCompleted: fc.boolean(),
      contributions: fc.nat(9),
      passes: fc.nat(9),
      failures: fc.nat(9),
      rejected: fc.nat(9),
      tokens: fc.nat(9_999),
      ms: fc.nat(9_999),
      agreement: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.nat(3),
      busyMs: fc.nat(9_999),
      seatMs: fc.nat(9_999),
      delegationMs: fc.nat(99),
      costMicros: fc.nat(9_999),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.nat(), (accounts, by) => {
        const turned = accounts.map((_, index) => accounts[(index + by) % accounts.length]).flatMap((its) => its ?? []);
        expect(worthOf(turned.toReversed())).toEqual(worthOf(accounts));
      }),
    );
  });

  test("a quantile is one of them", () => {
    expect([0.5, 0.95, 1].map((share) => quantile([3, 1, 2, 4], share))).toEqual([2, 4, 4]);
    expect(quantile([], 0.5)).toBe(0);
  });
});
