/**
 * Goal: who was kept waiting is not taken for one that hangs, and who hangs is found all the same.
 *
 * @see src/hosts/porter/silence.ts, SI1 SI2
 * @module
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ownTask, waitedMs } from "../../../../src/hosts/real/kernel.ts";
import { Silence } from "../../../../src/hosts/porter/silence.ts";

test("SI1 waiting for a processor is no silence; what comes on top of it is", () => {
  const silence = new Silence(0);
  expect(silence.lastedMs(1_000, 50)).toBe(1_000);
  expect(silence.lastedMs(9_000, 7_050)).toBe(2_000);
  expect(silence.lastedMs(10_000, 7_050)).toBe(3_000);
  silence.heard(10_500);
  expect(silence.lastedMs(11_000, 7_050)).toBe(500);
});

test("SI1 the time in which the listener slept is excused, and never more than has passed", () => {
  const silence = new Silence(0);
  silence.excuse(4_000, 5_000);
  expect(silence.lastedMs(5_000, undefined)).toBe(1_000);
  silence.excuse(60_000, 6_000);
  expect(silence.lastedMs(6_500, undefined)).toBe(500);
});

test("SI2 where nobody knows how long it waited, all of the time counts", () => {
  const silence = new Silence(0);
  expect(silence.lastedMs(1_000, undefined)).toBe(1_000);
  expect(silence.lastedMs(2_000, 900)).toBe(2_000);
  expect(silence.lastedMs(3_000, undefined)).toBe(3_000);
});

test.runIf(process.platform === "linux")("the kernel tells of one thread what it waited", () => {
  const task = ownTask();
  expect(readFileSync(`/proc/self/task/${task}/stat`, "utf8")).toContain(`${task} (`);
  expect(waitedMs(task ?? 0)).toBeGreaterThanOrEqual(0);
});
