/**
 * Goal: what comes from the hub takes no more of a line than its owner gives it, however many models come at once.
 * Method: pieces of any size, taken by several who wait as they are told, on a clock of the test's own.
 *
 * @see src/hosts/models/throttle.ts, TH1 TH2
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Throttle } from "../../../../src/hosts/models/throttle.ts";

const RATE = 1_000;
const pieces = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 });

describe("a throttle", () => {
  test.prop([fc.array(pieces, { minLength: 1, maxLength: 4 })])(
    "TH1 over any while lets through what the rate allows, and one piece of each who takes",
    (takers) => {
      const throttle = new Throttle(RATE);
      const readyMs = takers.map(() => 0);
      const taken: { atMs: number; bytes: number }[] = [];
      const left = takers.map((list) => [...list]);
      for (;;) {
        const [next] = left
          .map((list, at) => ({ list, at }))
          .filter(({ list }) => list.length > 0)
          .toSorted((a, b) => (readyMs[a.at] ?? 0) - (readyMs[b.at] ?? 0));
        if (next === undefined) break;
        const atMs = readyMs[next.at] ?? 0;
        const bytes = next.list.shift() ?? 0;
        taken.push({ atMs, bytes });
        readyMs[next.at] = atMs + throttle.waitMs(bytes, atMs);
      }
      const largest = Math.max(...taken.map(({ bytes }) => bytes));
      for (const [first, { atMs: fromMs }] of taken.entries()) {
        let sum = 0;
        for (const { atMs, bytes } of taken.slice(first)) {
          sum += bytes;
          expect(sum).toBeLessThanOrEqual(((atMs - fromMs) * RATE) / 1_000 + largest * takers.length + 1);
        }
      }
    },
  );

  test.prop([pieces])("TH2 nobody waits for longer than what was taken takes at the rate", (list) => {
    const throttle = new Throttle(RATE);
    let nowMs = 0;
    for (const bytes of list) nowMs += throttle.waitMs(bytes, nowMs);
    expect(nowMs).toBeCloseTo(list.reduce((sum, bytes) => sum + bytes, 0));
    expect(throttle.waitMs(500, nowMs + 60_000)).toBe(500);
  });

  test("without a bound nobody waits", () => {
    expect(new Throttle(Infinity).waitMs(10 ** 12, 5)).toBe(0);
  });
});
