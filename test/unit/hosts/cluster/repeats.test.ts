/**
 * What a machine says again of what it has, and what it keeps to itself.
 */
import { describe, expect, test } from "vitest";
import { AGAIN_MS, Repeats } from "../../../../src/hosts/cluster/repeats.ts";

const GB = 1e9;
const ram = (freeGb: number) => ({ totalBytes: 256 * GB, freeBytes: freeGb * GB });

describe("saying again what there is", () => {
  test("RP1 it is said at once, and each time something worth a decision has changed", () => {
    const repeats = new Repeats();
    const heard = [
      repeats.isDue([ram(100)], "cpu", 0),
      repeats.isDue([ram(100.5)], "cpu", 10_000),
      repeats.isDue([ram(102)], "cpu", 20_000),
      repeats.isDue([ram(102)], "cuda", 30_000),
      repeats.isDue([ram(102), ram(1)], "cuda", 40_000),
    ];
    expect(heard).toEqual([true, false, true, true, true]);
  });

  test("RP1 what changes little by little is measured against what was said last", () => {
    const repeats = new Repeats();
    const heard = [0, 0.5, 1, 1.5, 2, 2.5].map((moreGb, i) => repeats.isDue([ram(100 + moreGb)], "", i));
    expect(heard).toEqual([true, false, false, true, false, false]);
  });

  test("RP2 what hardly changed is said again within a minute", () => {
    const repeats = new Repeats();
    const times = Array.from({ length: 19 }, (_, i) => i * 10_000);
    const saidAt = times.filter((nowMs) => repeats.isDue([ram(100 + nowMs / 1e9)], "", nowMs));
    expect(saidAt).toEqual([0, AGAIN_MS, 2 * AGAIN_MS, 3 * AGAIN_MS]);
  });
});
