/**
 * Goal: a question finds what is near to it, by meaning or by words, and nothing where nothing is near.
 *
 * @see machines/rules/retrieve.ts, RV1 to RV4
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retrieved, wordsOf } from "../../../../machines/rules/retrieve.ts";

const TEXTS = {
  db: "Our database is Postgres 17, and it runs on the machine called bumble.",
  cat: "The cat is called Miso.",
  deploy: "We deploy on Fridays only after the release manager has said yes.",
  move: "Shall we move to one big machine?\nMove in two steps, and keep the old machines for a month.",
  base: "Notre base de données est Postgres.",
  day: "発売日は来月の三日です。",
} as const;
const PIECES = Object.entries(TEXTS).map(([id, text]) => ({ id, text }));
const ids = (text: string): readonly string[] => retrieved({ text }, PIECES, 3).map(({ id }) => id);
const of = (model: string, ...values: readonly number[]) => ({ model, values });

describe("by words", () => {
  test.each([
    ["Which database do we use?", "db"],
    ["When may we deploy?", "deploy"],
    ["What is the cat's name?", "cat"],
    ["What is moving to a big machine worth?", "move"],
    ["Quelle base de données ?", "base"],
    ["発売日はいつですか", "day"],
  ])("%s finds what it is about first", (question, id) => expect(ids(question)[0]).toBe(id));

  test.each(["What is the capital of France?", "2 + 2", "Hello", "", "and it is what they have"])(
    "RV2 RV4 %j finds nothing: none of its words says anything about a text",
    (question) => expect(ids(question)).toEqual([]),
  );

  test("RV4 a word that few texts have says more than one that many have", () => {
    const pieces = ["red machine", "blue machine", "green machine"].map((text, index) => ({ id: `k${index}`, text }));
    const [first, ...rest] = retrieved({ text: "blue machine" }, pieces, 3);
    expect(first).toMatchObject({ id: "k1", score: 1 });
    for (const { score } of rest) expect(score).toBeLessThan(0.5);
  });

  test("is told in whatever case, form and ending a word is written", () => {
    expect(wordsOf("Migrations")).toEqual(wordsOf("MIGRATE"));
    expect([...wordsOf("東京都")]).toEqual(["東京", "京都"]);
    expect([...wordsOf("I am it")]).toEqual([]);
  });
});

describe("by meaning", () => {
  const pieces = [
    { id: "near", text: "felines", vector: of("m", 1, 0.1) },
    { id: "far", text: "engines", vector: of("m", 0, 1) },
    { id: "other", text: "kittens", vector: of("n", 1, 0) },
    { id: "longer", text: "tigers", vector: of("m", 1, 0, 0) },
    { id: "none", text: "lions" },
  ];

  test("RV1 finds what one model means alike, and compares no vectors of two, nor of two lengths", () => {
    const found = retrieved({ text: "cats", vector: of("m", 2, 0) }, pieces, 5);
    expect(found).toMatchObject([{ id: "near", by: "meaning" }]);
    expect(retrieved({ text: "cats", vector: of("m", 0, 0) }, pieces, 5)).toEqual([]);
  });

  test("RV1 words count as well, and the way that finds a text nearer is told", () => {
    const found = retrieved({ text: "lions and felines", vector: of("m", 1, 1) }, pieces, 5);
    expect(found.map(({ id, by }) => `${id} by ${by}`)).toEqual(["near by words", "none by words", "far by meaning"]);
  });
});

const piece = fc.record({
  id: fc.uuid(),
  text: fc
    .array(fc.constantFrom("red", "blue", "green", "machine", "cat", "発売日"), { maxLength: 6 })
    .map((words) => words.join(" ")),
  vector: fc.option(
    fc.record({
      model: fc.constantFrom("m", "n"),
      values: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
    }),
    { nil: undefined },
  ),
});

test("RV2 RV3 in whatever order they come the same are found, the nearest first, none below its floor or above the limit", () => {
  const world = fc.record({
    pieces: fc.uniqueArray(piece, { maxLength: 12, selector: ({ id }) => id }),
    question: piece,
    limit: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(world, ({ pieces, question, limit }) => {
      const found = retrieved(question, pieces, limit);
      expect(retrieved(question, pieces.toReversed(), limit)).toEqual(found);
      expect(found.length).toBeLessThanOrEqual(limit);
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
      for (const { score, by } of found) expect(score).toBeGreaterThanOrEqual(by === "meaning" ? 0.6 : 0.4);
      const all = retrieved(question, pieces, pieces.length);
      expect(all.slice(0, limit)).toEqual(found);
    }),
  );
});
