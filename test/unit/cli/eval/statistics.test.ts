/**
 * Goal: what an evaluation claims of its figures is what statistics allows.
 * Method: figures from the literature and by counting, and every table of few questions.
 *
 * @see src/cli/eval/statistics.ts, EX1 EX2
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mcNemar, questionsFor, wilson } from "../../../../src/cli/eval/statistics.ts";

describe("an interval", () => {
  test("EX1 is Wilson's", () => {
    // Newcombe 1998, table I: 81 of 263, and 0 of 20.
    expect(wilson(81, 263).low).toBeCloseTo(0.2553, 4);
    expect(wilson(81, 263).high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20).low).toBe(0);
    expect(wilson(0, 20).high).toBeCloseTo(0.1611, 4);
  });

  test("EX1 holds the share, stays between nothing and all, and of no question says nothing", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (right, wrong) => {
        const { low, high } = wilson(right, right + wrong);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        if (right + wrong === 0) return;
        expect(low).toBeLessThanOrEqual(right / (right + wrong) + 1e-12);
        expect(high).toBeGreaterThanOrEqual(right / (right + wrong) - 1e-12);
      }),
    );
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe("two ways on the same questions", () => {
  /** As many heads or fewer, of all sequences of tosses. */
  function counted(gained: number, lost: number): number {
    const tosses = gained + lost;
    let few = 0;
    for (let all = 0; all < 2 ** tosses; all += 1) {
      const heads = all.toString(2).replaceAll("0", "").length;
      if (heads <= Math.min(gained, lost)) few += 1;
    }
    return Math.min(1, (2 * few) / 2 ** tosses);
  }

  test("EX2 are compared by the exact binomial test of two sides", () => {
    for (let gained = 0; gained <= 6; gained += 1) {
      for (let lost = 0; lost <= 6; lost += 1) expect(mcNemar(gained, lost)).toBeCloseTo(counted(gained, lost), 10);
    }
    expect(mcNemar(0, 5)).toBeCloseTo(0.0625, 10);
  });

  test("EX2 are compared over thousands of questions too", () => {
    expect(mcNemar(2_000, 2_000)).toBeCloseTo(1, 6);
    expect(mcNemar(3_000, 1_000)).toBeLessThan(1e-100);
  });

  test("a difference of five points of which a fifth differ takes some 630 questions, of ten some 160", () => {
    expect(questionsFor(0.05, 0.2)).toBe(628);
    expect(questionsFor(0.1, 0.2)).toBe(157);
  });
});
