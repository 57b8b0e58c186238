/**
 * Goal: a prompt finds the worker that was given its beginning, whatever else was said there, and nothing grows.
 * Method: random lives of workers against a plain search through all that each remembers.
 *
 * @see machines/rules/prefix.ts, PX1 to PX3
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { MARK_CHARS, marksOf, Prefixes, type PrefixRow, remembered } from "../../../../machines/rules/prefix.ts";

const longest = MARK_CHARS.at(-1) ?? 0;
/** Text of so many characters, no two places of it alike for long. */
const text = (chars: number, seed: number): string => {
  const words: string[] = [];
  for (let at = 0, n = seed; at < chars; n += 7) at += words[words.push(`${n} bees, `) - 1]?.length ?? 0;
  return words.join("").slice(0, chars);
};
const cut = (whole: string, places: readonly number[]): readonly string[] => {
  const at = [0, ...places.map((place) => place % (whole.length + 1)), whole.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, i) => whole.slice(at[i], end));
};

describe("the marks of a text", () => {
  test.prop([fc.nat(longest), fc.nat(longest), fc.nat(5000)], { numRuns: 25 })(
    "PX1 are shared exactly as far as two texts begin alike",
    (alike, chars, more) => {
      const beginning = text(alike, 1);
      const [a, b] = [`${beginning}a${text(chars, 2)}`, `${beginning}b${text(more, 3)}`];
      const [ours, theirs] = [marksOf([a]), marksOf([b])];
      expect(ours.length).toBe(MARK_CHARS.filter((mark) => mark <= a.length).length);
      const shared = ours.filter((mark, at) => mark === theirs[at]).length;
      expect(shared).toBe(MARK_CHARS.filter((mark) => mark <= alike).length);
    },
  );

  test.prop([fc.array(fc.nat(10_000), { maxLength: 5 })], { numRuns: 30 })(
    "PX1 do not depend on the pieces it comes in",
    (places) => {
      const whole = text(9000, 4);
      expect(marksOf(cut(whole, places))).toEqual(marksOf([whole]));
    },
  );

  test("PX1 are whole numbers, and no two texts of ten thousand share one by chance", () => {
    const marks = Array.from({ length: 10_000 }, (_, n) => marksOf([`${n}${"x".repeat(1024)}`])[0]);
    expect(marks.every((mark) => Number.isSafeInteger(mark) && (mark ?? -1) >= 0)).toBe(true);
    expect(new Set(marks).size).toBe(marks.length);
  });
});

/** Chains as prompts make them: of a tree, where two share what they share with their parents. */
const chain = fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }).map((path) => {
  let mark = 1;
  return path.map((step) => (mark = mark * 4 + step + 1));
});
const change = fc.record({
  worker: fc.constantFrom("w1", "w2", "w3", "w4", "w5", "w6"),
  marks: fc.option(chain, { nil: undefined }),
});

describe("what is remembered of a worker", () => {
  test("PX2 is as many beginnings as it has slots, the latest first; what goes on with one takes its place", () => {
    const row = remembered(remembered(remembered([], [1], 2), [2], 2), [3], 2);
    expect(row).toEqual([[3], [2]]);
    expect(remembered(row, [2, 5], 2)).toEqual([[2, 5], [3]]);
    expect(remembered([[2, 5]], [2], 2)).toEqual([[2], [2, 5]]);
    expect(
      remembered(
        Array.from({ length: 40 }, (_, n) => [n + 9]),
        [1],
        999,
      ),
    ).toHaveLength(16);
  });

  test.prop([fc.array(change, { maxLength: 40, size: "max" }), chain])(
    "PX3 names those that hold most of a prompt, four at most, as a search through all rows does",
    (changes, wanted) => {
      const rows = new Map<string, PrefixRow>();
      const index = new Prefixes();
      for (const { worker, marks } of changes) {
        const row = marks === undefined ? undefined : remembered(rows.get(worker) ?? [], marks, 2);
        if (row === undefined) {
          rows.delete(worker);
          index.del(worker);
        } else {
          rows.delete(worker);
          rows.set(worker, row);
          index.put(worker, row);
        }
      }
      const held = (row: PrefixRow): number => wanted.findLastIndex((mark) => row.flat().includes(mark)) + 1;
      const depths = [...rows].map(([worker, row]) => [worker, held(row)] as const).filter(([, depth]) => depth > 0);
      const found = index.holders(wanted);
      expect(found.length).toBe(Math.min(4, depths.length));
      for (const { worker, marks } of found) expect(depths).toContainEqual([worker, marks]);
      const best = depths.map(([, depth]) => depth).toSorted((a, b) => b - a);
      expect(found.map(({ marks }) => marks)).toEqual(best.slice(0, 4));
      expect(index.size).toBe([...rows.values()].reduce((sum, row) => sum + new Set(row.flat()).size, 0));
      expect(index.oldest()).toBe(rows.keys().next().value);
    },
  );
});
