/**
 * Goal: ways of answering are judged by one rule and on the same questions, and no more is claimed than was found.
 * Method: answers and tables whose figures are known.
 *
 * @see src/cli/eval/verdict.ts, EV1-EV3; report-text.ts, ER1
 */
import { describe, expect, test } from "vitest";
import type { Mode } from "../../../../machines/rules/log.ts";
import { reportText, verdictText } from "../../../../src/cli/eval/report-text.ts";
import { type Answered, figuresOf, isRight } from "../../../../src/cli/eval/verdict.ts";

const one = (mode: Mode, right: boolean, more: Partial<Answered> = {}): Answered => ({
  mode,
  answer: right ? "1" : "2",
  isRight: right,
  isLost: false,
  flips: 0,
  tokens: 100,
  ms: 2_000,
  ...more,
});
const times = (count: number, row: readonly Answered[]): readonly (readonly Answered[])[] =>
  Array.from({ length: count }, () => row);

describe("an answer", () => {
  test.each([
    ["19", "19", true],
    ["12 plus 7 is 19.", "19", true],
    ["The sum is $1,234.50", "1234.5", true],
    ["It was 20 and is -3", "-3", true],
    ["19 is 12 plus 7", "19", false],
    ["It is 19 [4, 6]. Nobody objects [7].", "19", true],
    ["It is 20 [19].", "19", false],
    ["It is [19].", "19", true],
    ["I do not know", "19", false],
    ["(B) Paris", "b", true],
    ["Paris", "Lyon", false],
    ["", "19", false],
  ])("EV1 %j for %j: right is %j", (answer, expected, right) => {
    expect(isRight(answer, expected)).toBe(right);
  });
});

describe("figures", () => {
  test("EV3 are of those questions that every way has answered", () => {
    const rows = [...times(3, [one("alone", true), one("vote", false)]), [one("alone", false)]];
    const { questions, modes } = figuresOf(["alone", "vote"], rows);
    expect([questions, ...modes.map(({ right }) => right)]).toEqual([3, 3, 0]);
  });

  test("EV2 a failure is not right and is told as one; what somebody had said in vain is told too", () => {
    const failed = one("vote", false, { answer: undefined });
    const [alone, vote] = figuresOf(
      ["alone", "vote"],
      [
        [one("alone", false), failed],
        [one("alone", true), one("vote", false, { isLost: true, flips: 2, tokens: 300 })],
      ],
    ).modes;
    expect(vote).toMatchObject({ right: 0, failed: 1, lost: 1, flips: 2, tokensEach: 200, secondsEach: 2 });
    expect(alone).toMatchObject({ right: 1, failed: 0, accuracy: 0.5 });
  });

  test("a way is compared with the first, by the questions on which one alone was right", () => {
    const rows = [
      ...times(2, [one("alone", true), one("vote", false)]),
      ...times(3, [one("alone", false), one("vote", true)]),
      ...times(4, [one("alone", true), one("vote", true)]),
    ];
    const [its] = figuresOf(["alone", "vote"], rows).differences;
    expect(its).toMatchObject({ mode: "vote", to: "alone", gained: 3, lost: 2, isClaimed: false });
    expect(its?.p).toBeCloseTo(1, 10);
  });
});

describe("the sentence", () => {
  const figures = (better: number, modes: readonly Mode[] = ["alone", "vote"]) =>
    figuresOf(
      modes,
      times(
        better,
        modes.map((mode, index) => one(mode, index > 0)),
      ),
    );

  test("ER1 claims nothing from five questions, however they came out, and says how many would do", () => {
    expect(verdictText(figures(5))).toMatch(/^No difference can be claimed from 5 questions; about \d+ would/);
  });

  test("ER1 claims a difference that chance does not make, in the direction it has", () => {
    expect(verdictText(figures(6))).toContain("vote is better than alone here: 6 of 6 questions");
    const worse = figuresOf(["alone", "vote"], times(6, [one("alone", true), one("vote", false)]));
    expect(verdictText(worse)).toContain("vote is worse than alone");
  });

  test("ER1 of two comparisons each has to show more", () => {
    expect(verdictText(figures(6, ["alone", "vote", "discuss"]))).toContain("No difference");
  });

  test("of one way, and of no question, nothing is compared", () => {
    expect(verdictText(figures(9, ["vote"]))).toContain("nothing to compare it with");
    expect(reportText(figuresOf(["alone"], []))).toContain("nothing can be said");
  });

  test("stands below a table of 80 columns", () => {
    const text = reportText(figures(6));
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
    expect(
      text
        .split("\n")[2]
        ?.split(/\s{2,}/)
        .slice(0, 4),
    ).toEqual(["vote", "6/6", "100 %", "61-100"]);
  });
});
