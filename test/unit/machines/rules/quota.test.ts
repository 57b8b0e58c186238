/**
 * Goal: a key uses what it may and no more, in each window anew, and nothing is counted twice or lost.
 *
 * @see machines/rules/quota.ts, QU1 to QU3
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KeyLimit, type KeyRow, newKey, usedIn, usedUp, withUse } from "../../../../machines/rules/quota.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Half past nine in the morning, UTC, and ten seconds. */
const NOW = 20_000 * DAY_MS + 9.5 * 3_600_000 + 10_000;

const keyOf = (...limits: readonly KeyLimit[]): KeyRow => newKey({ id: "k1", name: "phone", hash: "00", limits }, NOW);
const used = (tokensIn: number, tokensOut: number) => ({ tokensIn, tokensOut });

describe("what a key has used", () => {
  test("QU1 use is in the total and in its own window, and the next window begins with none", () => {
    const once = withUse(keyOf(), { requests: 1, ...used(3, 4) }, NOW);
    expect(once.total).toEqual({ requests: 1, tokensIn: 3, tokensOut: 4 });
    expect(usedIn("minute", once, NOW)).toEqual(once.total);
    expect(usedIn("minute", once, NOW + MINUTE_MS).requests).toBe(0);
    expect(usedIn("hour", once, NOW + MINUTE_MS)).toEqual(once.total);
    const later = withUse(once, used(1, 1), NOW + DAY_MS);
    expect(later.total).toEqual({ requests: 1, tokensIn: 4, tokensOut: 5 });
    expect(usedIn("day", later, NOW + DAY_MS)).toEqual({ requests: 0, tokensIn: 1, tokensOut: 1 });
  });

  test("QU1 whatever comes when, the total is the sum, and a window holds what came within it", () => {
    const uses = fc.array(fc.record({ afterMs: fc.nat(3 * DAY_MS), tokensOut: fc.nat(1000) }), { maxLength: 20 });
    fc.assert(
      fc.property(uses, (given) => {
        let at = NOW;
        let key = keyOf();
        const days = new Map<number, number>();
        for (const { afterMs, tokensOut } of given) {
          at += afterMs;
          key = withUse(key, { tokensOut }, at);
          const day = Math.floor(at / DAY_MS);
          days.set(day, (days.get(day) ?? 0) + tokensOut);
          expect(usedIn("day", key, at).tokensOut).toBe(days.get(day));
        }
        expect(key.total.tokensOut).toBe(given.reduce((sum, { tokensOut }) => sum + tokensOut, 0));
      }),
    );
  });
});

describe("a limit", () => {
  test("QU2 refuses once it is used up, tokens read and said together, until its window ends", () => {
    const key = keyOf({ max: 10, of: "tokens", per: "day" });
    expect(usedUp(withUse(key, used(4, 5), NOW), NOW)).toBeUndefined();
    const full = withUse(key, used(4, 6), NOW);
    expect(usedUp(full, NOW)).toEqual({
      limit: { max: 10, of: "tokens", per: "day" },
      used: 10,
      retryAfterMs: 14.5 * 3_600_000 - 10_000,
    });
    expect(usedUp(full, NOW + 14.5 * 3_600_000)).toBeUndefined();
  });

  test("QU2 of several that are used up the one that lasts longest is told", () => {
    const key = keyOf({ max: 1, of: "requests", per: "minute" }, { max: 1, of: "requests", per: "hour" });
    const told = usedUp(withUse(key, { requests: 1 }, NOW), NOW);
    expect([told?.limit.per, told?.retryAfterMs]).toEqual(["hour", 30 * MINUTE_MS - 10_000]);
  });

  test("QU2 a limit of nothing refuses at once", () => {
    expect(usedUp(keyOf({ max: 0, of: "tokens", per: "hour" }), NOW)?.used).toBe(0);
  });

  test("QU3 a clock that is set back opens no window twice; one that was days ahead does not bar the key for days", () => {
    const key = withUse(keyOf({ max: 5, of: "tokens", per: "minute" }), used(5, 0), NOW);
    expect(usedUp(key, NOW - MINUTE_MS / 2)).toBeDefined();
    const ahead = withUse(key, used(5, 0), NOW + 30 * DAY_MS);
    expect(usedUp(ahead, NOW)).toBeUndefined();
  });
});
