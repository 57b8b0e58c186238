/**
 * Goal: workers share the cores there are, and none is without a thread.
 *
 * @see machines/rules/cores.ts, T1 T2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect, test as plain } from "vitest";
import { SMALL_WEIGHTS_BYTES, threadsFor } from "../../../../machines/rules/cores.ts";

const weights = fc.constantFrom(SMALL_WEIGHTS_BYTES - 1, SMALL_WEIGHTS_BYTES, 8 * SMALL_WEIGHTS_BYTES);

test.prop([fc.integer({ min: 1, max: 32 }), fc.array(weights, { maxLength: 12 })])(
  "T2 every worker has a thread, and those who have several have no more than there are cores",
  (cores, models) => {
    const given: number[] = [];
    for (const each of models) given.push(threadsFor("auto", each, cores, given).threads);
    for (const threads of given) expect(threads).toBeGreaterThanOrEqual(1);
    const several = given.filter((threads) => threads > 1).reduce((total, threads) => total + threads, 0);
    expect(several).toBeLessThanOrEqual(cores);
  },
);

plain("T1 a small model runs on one thread, a large one on the cores that nobody has", () => {
  expect(threadsFor("auto", SMALL_WEIGHTS_BYTES - 1, 8, [])).toEqual({
    threads: 1,
    why: "1 thread, since the model is small",
  });
  expect(threadsFor("auto", SMALL_WEIGHTS_BYTES, 8, [1, 2])).toEqual({
    threads: 5,
    why: "5 of 8 cores, 3 are taken",
  });
});

plain("a number that is configured stays what it is", () => {
  expect(threadsFor(6, 1, 2, [6])).toMatchObject({ threads: 6 });
});
