/**
 * Goal: durations and sizes mean what people expect of them, and nothing else passes.
 * Method: tables, and properties over amounts.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationMs, durationText, sizeBytes, sizeText } from "../../../src/runtime/config/units.ts";

describe("durations and sizes", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["0s", 0],
  ])("%s is %i ms", (text, ms) => expect(durationMs(text)).toBe(ms));

  test.each(["", "30", "s", "-1s", "30 s", "30sec", "1e3s", "5m ", "Infinityms", "0x10s"])(
    "%j is no duration, and is not guessed at",
    (text) => expect(durationMs(text)).toBeUndefined(),
  );

  test.each([
    ["512MiB", 536_870_912],
    ["8GiB", 8_589_934_592],
    ["8GB", 8_000_000_000],
    ["1.5 GiB", 1_610_612_736],
    ["10kB", 10_000],
    ["7B", 7],
  ])("%s is %i bytes", (text, bytes) => expect(sizeBytes(text)).toBe(bytes));

  test.each(["", "8", "GiB", "8gib", "-1MiB", "8 G", "99999999999TiB"])("%j is no size", (text) => {
    expect(sizeBytes(text)).toBeUndefined();
  });

  test("seconds and minutes add up whichever way they are written", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 59 }), (minutes, seconds) => {
        expect(durationMs(`${minutes}m${seconds}s`)).toBe(durationMs(`${minutes * 60 + seconds}s`));
      }),
    );
  });

  test("what is written for people is short and in the largest unit that fits", () => {
    expect([0, 1023, 1024, 1_610_612_736].map(sizeText)).toEqual(["0 B", "1023 B", "1 KiB", "1.5 GiB"]);
    expect([350, 12_400, 300_000, 12_000_000, 187_200_000].map(durationText)).toEqual([
      "350 ms",
      "12 s",
      "5 min",
      "3 h 20 min",
      "2 d 4 h",
    ]);
  });
});
