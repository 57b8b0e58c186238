/**
 * Goal: how fast a model is on a machine is known without being led astray, and where it fails it is not tried at once.
 *
 * @see machines/rules/pair.ts, PA1 PA2
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  BARRED_MS,
  cleared,
  failed,
  isBarred,
  newPair,
  paced,
  PAIR_FAILURES_MAX,
  Pairs,
  paceStep,
} from "../../../../machines/rules/pair.ts";

const pair = newPair("a/hive/main", "m");
const speeds = fc.array(fc.double({ min: 0.02, max: 90_000, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("the speed of a model on a machine", () => {
  test.prop([speeds])("PA1 stays among what was measured", (measured) => {
    const { tokensPerS } = measured.reduce(paced, pair);
    expect(tokensPerS).toBeGreaterThanOrEqual(Math.min(...measured) - 0.01);
    expect(tokensPerS).toBeLessThanOrEqual(Math.max(...measured) + 0.01);
  });

  test.prop([fc.double({ min: 1, max: 1000, noNaN: true }), fc.double()])(
    "PA1 one odd job moves it by a fifth of the way, and nothing out of its bounds",
    (usual, odd) => {
      const before = paced(pair, usual).tokensPerS;
      const after = paced(paced(pair, usual), Number.isNaN(odd) ? 1 : odd).tokensPerS;
      const bounded = Math.min(100_000, Math.max(0.01, Number.isNaN(odd) ? 1 : odd));
      expect(Math.abs(after - before)).toBeLessThanOrEqual(Math.abs(bounded - before) * 0.2 + 0.02);
      expect(after).toBeGreaterThan(0);
    },
  );

  test("PA1 about as fast is as fast, twice as fast is faster, and nothing measured is least", () => {
    expect([paceStep(40), paceStep(0)]).toEqual([paceStep(38), 0]);
    expect(paceStep(80)).toBeGreaterThan(paceStep(40));
    expect(paceStep(0.5)).toBeGreaterThan(0);
  });
});

describe("a model that fails on a machine", () => {
  test("PA2 is kept from it for a minute after so many failures in a row, and one success clears it", () => {
    let row = pair;
    for (let n = 1; n < PAIR_FAILURES_MAX; n += 1) row = failed(row, 1000, false);
    expect(isBarred(row, 1000)).toBe(false);
    expect(isBarred(failed(cleared(row), 1000, false), 1000)).toBe(false);
    row = failed(row, 1000, false);
    expect([isBarred(row, 1000), isBarred(row, 1000 + BARRED_MS - 1)]).toEqual([true, true]);
    expect([isBarred(row, 1000 + BARRED_MS), isBarred(undefined, 0)]).toEqual([false, false]);
  });

  test("PA2 is kept from it at once where the machine has counted by itself", () => {
    expect(isBarred(failed(pair, 5, true), 6)).toBe(true);
  });
});

test("who was changed the longest time ago is known", () => {
  const index = new Pairs();
  for (const key of ["a", "b", "a", "c"]) index.put(key);
  expect(index.oldest()).toBe("b");
  index.del("b");
  expect(index.oldest()).toBe("a");
});
