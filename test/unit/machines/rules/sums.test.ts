/**
 * Goal: of the sums that stand in a text those are found that are wrong, and no other words are taken for one.
 *
 * @see machines/rules/sums.ts, SU1 to SU3; machines/rules/tools.ts, TO1 and TO2
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wrongSums } from "../../../../machines/rules/sums.ts";
import { foundBy } from "../../../../machines/rules/tools.ts";
import { granted, logOf, openedBody, said } from "../../../support/team-rows.ts";

describe("a sum that somebody wrote", () => {
  test.each([
    ["12 * 7 = 86", "84"],
    ["So it is 12*7=86.", "84"],
    ["2 + 3 * 4 = 20", "14"],
    ["10 - 2 - 3 = 11", "5"],
    ["100 / 8 = 12.4", "12.5"],
    ["0.1 + 0.2 = 0.4", "0.3"],
    ["7 × 6 = 40, and", "42"],
    ["9 ÷ 2 − 1 = 5", "3.5"],
    ["3 - 10 = 7", "-7"],
    ["- 3 + 4 = 8 a month", "7"],
    ["(3 + 4 = 8)", "7"],
    ["12 * 7 = 86 km", "84"],
  ])("SU1 is judged: %s", (text, is) => {
    expect(wrongSums(text)).toEqual([{ sum: expect.any(String) as string, is }]);
  });

  test.each([
    "12 * 7 = 84",
    "10 / 3 = 3.33",
    "2 / 3 = 0.67",
    "0.1 + 0.2 = 0.3",
    "3 - 10 = -7",
    "1000000 * 1000000 = 1000000000000",
  ])("SU2 is right: %s", (text) => {
    expect(wrongSums(text)).toEqual([]);
  });

  test.each([
    "version 2.1.3 + 4 = 9",
    "x2 + 3 = 9",
    "-3 + 4 = 7",
    "b × 3 + 4 = 9",
    "b - 3 + 4 = 9",
    "2 + 2 = 1 + 3",
    "2 + 2 = 5%",
    "2 + 2 = 5th",
    "1,200 + 300 = 1,500",
    "2 * 3 km = 9 km",
    "(2 + 3) * 4 = 9",
    "2 ^ 3 + 1 = 9",
    "1 / 0 = 3",
    "2026-11-22",
    "a = 3",
  ])("SU1 may be meant otherwise, and is none: %s", (text) => {
    expect(wrongSums(text)).toEqual([]);
  });

  test("SU1 SU2 sums of whole numbers are wrong where they are not what they come to", () => {
    const term = fc.tuple(fc.constantFrom("+", "-", "*"), fc.nat(999));
    fc.assert(
      fc.property(
        fc.nat(999),
        fc.array(term, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: -3, max: 3 }),
        (...its) => {
          const [first, terms, off] = its;
          const sum = [String(first), ...terms.map(([operator, figure]) => `${operator} ${figure}`)].join(" ");
          const factors = [first];
          for (const [operator, figure] of terms) {
            if (operator === "*") factors.push((factors.pop() ?? 0) * figure);
            else factors.push(operator === "-" ? -figure : figure);
          }
          const is = factors.reduce((all, one) => all + one, 0);
          // Figures have at most twelve digits.
          fc.pre(Math.abs(is + off) < 1e12);
          const text = `It costs ${sum} = ${is + off} a year.`;
          expect(wrongSums(text)).toEqual(off === 0 ? [] : [{ sum: `${sum} = ${is + off}`, is: String(is) }]);
        },
      ),
    );
  });

  test("SU3 as many as there are, at most 32 are judged, and each is told once", () => {
    expect(wrongSums("1 + 1 = 3\n1 + 1 = 3\n")).toHaveLength(1);
    expect(wrongSums("1 + 1 = 2 ".repeat(32).concat("1 + 1 = 3"))).toEqual([]);
    const long = "1 + ".repeat(20_000);
    expect(wrongSums(`${long}1 = 2`)).toEqual([]);
  });
});

describe("whoever has arithmetic", () => {
  test("TO1 is told what is wrong up to the basis, with its place, and nobody else is", () => {
    const log = logOf(
      openedBody(),
      granted("a", 1),
      said("a", 1, "It is 2 + 2 = 5."),
      granted("b", 3),
      said("b", 3, "No: 3 + 3 = 7."),
    );
    expect(foundBy(["arithmetic"], log, 2)).toEqual(["[2] says 2 + 2 = 5. It is 4."]);
    expect(foundBy(["arithmetic"], log, 4)).toEqual(["[2] says 2 + 2 = 5. It is 4.", "[4] says 3 + 3 = 7. It is 6."]);
    expect(foundBy([], log, 4)).toEqual([]);
  });

  test("TO2 is told the newest of many", () => {
    const many = Array.from({ length: 8 }, (_, n) => `${n} + 1 = 90`).join("; ");
    const found = foundBy(["arithmetic"], logOf(openedBody(), granted("a", 1), said("a", 1, many)), 2);
    expect(found).toHaveLength(5);
    expect(found.at(-1)).toBe("[2] says 7 + 1 = 90. It is 8.");
  });
});
