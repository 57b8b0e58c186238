/**
 * Goal: a model whose workers die again and again is started a bounded number of times in any window, and again later.
 * Method: lives of a model that is started whenever the rule allows it and dies after any time.
 *
 * @see machines/rules/intensity.ts, I1 I2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DEATHS_MAX, restartAt, WINDOW_MS } from "../../../../machines/rules/intensity.ts";

const lifetimes = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 });

describe("restart intensity", () => {
  test.prop([lifetimes])("I1 no window sees more starts than the deaths it allows, whatever a life lasts", (lives) => {
    const deaths: number[] = [];
    const starts: number[] = [];
    let now = 0;
    for (const lifeMs of lives) {
      now = restartAt(deaths, now) ?? now;
      expect(restartAt(deaths, now)).toBeUndefined();
      starts.push(now);
      now += lifeMs;
      deaths.push(now);
    }
    // A start needs the death before it, so that the deaths of a window bound its starts.
    for (const from of deaths) {
      const after = starts.filter((at) => at > from && at < from + WINDOW_MS);
      expect(after.length).toBeLessThanOrEqual(DEATHS_MAX);
    }
  });

  test("I1 one that dies at once is started so many times, and then when the window has passed", () => {
    const deaths = Array.from({ length: DEATHS_MAX }, (_, at) => 1000 + at);
    expect(restartAt(deaths.slice(1), 2000)).toBeUndefined();
    expect(restartAt(deaths, 2000)).toBe(1000 + WINDOW_MS);
    expect(restartAt(deaths, 1000 + WINDOW_MS)).toBeUndefined();
  });

  test("I2 a clock that was set back lets nobody wait for a time that is far away", () => {
    const tomorrow = Array.from({ length: DEATHS_MAX }, () => 86_400_000);
    expect(restartAt(tomorrow, 1000)).toBeUndefined();
  });
});
