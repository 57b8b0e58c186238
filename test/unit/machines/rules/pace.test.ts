/**
 * Goal: a deadline is refused only where the quickest that anybody ever was would be too slow.
 *
 * @see machines/rules/pace.ts, PC1 PC2
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JOBS_KNOWN_MIN, type Pace, soonestMs } from "../../../../machines/rules/pace.ts";

const pace: Pace = { ahead: 9, slots: 2, known: JOBS_KNOWN_MIN, quickestMs: 100 };

describe("the soonest a job can be begun", () => {
  test("PC1 is when those ahead have left, a job a slot at a time, each as quick as the quickest", () => {
    expect(soonestMs(pace)).toBe(400);
    expect(soonestMs({ ...pace, ahead: 1 })).toBe(0);
  });

  test("PC1 no order in which those ahead run, each at least as long as the quickest, begins it sooner", () => {
    const lengths = fc.array(fc.integer({ min: 100, max: 5000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 5 }), (running, slots) => {
        const freeAt = Array.from({ length: slots }, () => 0);
        const next = (): number => freeAt.indexOf(Math.min(...freeAt));
        for (const ms of running) freeAt[next()] = (freeAt[next()] ?? 0) + ms;
        const begunMs = freeAt[next()] ?? 0;
        const quickestMs = Math.min(...running);
        expect(soonestMs({ ...pace, ahead: running.length, slots, quickestMs })).toBeLessThanOrEqual(begunMs);
      }),
    );
  });

  test("PC2 is not known of a model with few finished jobs, without a worker, or with one on its way", () => {
    for (const unsure of [{ known: JOBS_KNOWN_MIN - 1 }, { slots: 0 }, { slots: undefined }]) {
      expect(soonestMs({ ...pace, ...unsure })).toBe(0);
    }
  });
});
