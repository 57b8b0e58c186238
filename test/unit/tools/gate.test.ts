/**
 * Goal: the gate's weights are what tools/gate learns from the requests that lie beside it, and worth it.
 *
 * @see tools/gate/train.ts, tools/gate/learn.ts
 * @module
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { learned, MODES, type Row } from "../../../tools/gate/learn.ts";
import { allRequests, likenesses, rowOf } from "../../../tools/gate/requests.ts";
import { WEIGHTS_PATH, written } from "../../../tools/gate/train.ts";

describe("what the gate learned", () => {
  test("LN1 is byte for byte what its requests teach", () => {
    expect(written(learned(allRequests().map(rowOf)))).toBe(readFileSync(WEIGHTS_PATH, "utf8"));
  });

  test("is small enough to ship", () => {
    expect(readFileSync(WEIGHTS_PATH).length).toBeLessThanOrEqual(150_000);
  });

  test("comes from many requests of each kind, of many languages, and from none twice", () => {
    const all = allRequests();
    for (const mode of MODES) expect(all.filter((each) => each.mode === mode).length).toBeGreaterThanOrEqual(800);
    expect(new Set(all.map(({ language }) => language)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(all.map(({ request }) => request)).size).toBe(all.length);
  });
});

describe("learning", () => {
  const rows = (count: number): readonly Row[] =>
    Array.from({ length: count }, (_, index) => {
      const mode = MODES[index % MODES.length] ?? "alone";
      return { mode, features: [`word ${mode}`, "of all", ...(index % 7 === 0 ? [] : [`now and then ${mode}`])] };
    });

  test("finds the feature that tells, and gives none to what all have", () => {
    const { features } = learned(rows(300));
    const [vote = 0, discuss = 0] = features.get("word vote") ?? [];
    expect(vote).toBeGreaterThan(100);
    expect(discuss).toBeLessThan(vote);
    expect(Math.abs(features.get("of all")?.[0] ?? 0)).toBeLessThan(vote / 4);
  });

  test("leaves out what was seen once", () => {
    const { features } = learned([...rows(300), { mode: "vote", features: ["never again"] }]);
    expect(features.has("never again")).toBe(false);
  });

  test("examines nothing by what is like it: two requests that differ in a number are one", () => {
    const like = (request: string) => ({ language: "en", mode: "vote", request }) as const;
    const [a, b, c] = likenesses([
      like("how many days are there in 3 weeks"),
      like("my goat ate the contract"),
      like("how many days are there in 17 weeks"),
    ]);
    expect(c).toBe(a);
    expect(b).not.toBe(a);
  });
});
