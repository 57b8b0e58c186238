/**
 * Goal: a host is turned when something is due, and not for each thing that is.
 *
 * @see src/runtime/real/driver.ts, V3
 * @module
 */
import { expect, test } from "vitest";
import { realClock } from "../../../../src/runtime/real/clock.ts";
import { createDriver, GRAIN_MS } from "../../../../src/runtime/real/driver.ts";

const COUNT = 40;

test("V3 what comes due within one grain shares a turn, and nothing is taken before it is due", async () => {
  const driver = createDriver();
  const startMs = (Math.floor(realClock.monotonicMs() / GRAIN_MS) + 2) * GRAIN_MS;
  const due = Array.from({ length: COUNT }, (_, n) => startMs + (n + 0.5) * ((0.9 * GRAIN_MS) / COUNT));
  const taken: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  driver.drive(
    {
      crashed: undefined,
      get nextDueMs() {
        return due[0];
      },
      turn() {
        const nowMs = realClock.monotonicMs();
        const ready = due.filter((atMs) => atMs <= nowMs).length;
        if (ready > 0) taken.push(ready);
        due.splice(0, ready);
        if (due.length === 0) resolve();
        return false;
      },
    },
    () => {},
  );
  await promise;
  driver.stop();
  expect(taken).toEqual([COUNT]);
});
