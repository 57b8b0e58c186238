/**
 * Goal: whoever tries keys is soon not listened to, and nobody else is shut out for it.
 *
 * @see src/net/guesses.ts, GU1 to GU4; src/net/guard.ts, D8
 * @module
 */
import { describe, expect, test } from "vitest";
import { hashOf } from "../../../src/net/guard.ts";
import { ADDRESSES_MAX, GUESSES_MAX, Guesses } from "../../../src/net/guesses.ts";
import { errorData, RbeeError } from "../../../src/protocol/errors.ts";

const MINUTE_MS = 60_000;

class Stage {
  nowMs = 5_000;
  readonly guesses = new Guesses(() => this.nowMs);

  /** So many wrong keys, no two the same. */
  guess(address: string, count: number, prefix = "a"): void {
    for (let at = 0; at < count; at++) this.guesses.wrong(address, hashOf(`${prefix}${at}`));
  }

  /** For how long nothing of this address is looked at; 0 when it is. */
  shutMs(address: string): number {
    try {
      this.guesses.check(address);
      return 0;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(RbeeError);
      const { code, details } = errorData(thrown);
      expect(code).toBe("key.guesses");
      return Number(details?.["retryAfterMs"]);
    }
  }
}

describe("wrong keys", () => {
  test("GU1 are heard so often, then not until a minute after the first, however many more come meanwhile", () => {
    const stage = new Stage();
    stage.guess("192.0.2.1", GUESSES_MAX - 1);
    expect(stage.shutMs("192.0.2.1")).toBe(0);
    stage.nowMs += 20_000;
    stage.guess("192.0.2.1", GUESSES_MAX, "b");
    expect(stage.shutMs("192.0.2.1")).toBe(40_000);
    expect(stage.shutMs("192.0.2.2")).toBe(0);
    stage.nowMs += 39_999;
    expect(stage.shutMs("192.0.2.1")).toBe(1);
    stage.nowMs += 1;
    expect(stage.shutMs("192.0.2.1")).toBe(0);
    stage.guess("192.0.2.1", GUESSES_MAX);
    expect(stage.shutMs("192.0.2.1")).toBe(MINUTE_MS);
  });

  test("GU2 the same one again and again shuts nobody out", () => {
    const stage = new Stage();
    for (let at = 0; at < 1_000; at++) stage.guesses.wrong("192.0.2.1", hashOf("old"));
    expect(stage.shutMs("192.0.2.1")).toBe(0);
  });

  test.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["fe80::1%eth0", "fe80::2", true],
    ["::1", "::2", true],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
  ])("GU3 %s and %s are of one network: %s", (one, other, together) => {
    const stage = new Stage();
    stage.guess(one, GUESSES_MAX);
    expect(stage.shutMs(other) > 0).toBe(together);
  });

  test("GU4 of more addresses than are remembered the one that began first is forgotten", () => {
    const stage = new Stage();
    stage.guess("first", GUESSES_MAX);
    for (let at = 1; at < ADDRESSES_MAX; at++) stage.guess(`10.0.${at >> 8}.${at & 255}`, 1);
    expect(stage.shutMs("first")).toBe(MINUTE_MS);
    stage.guess("10.1.0.0", 1);
    expect(stage.shutMs("first")).toBe(0);
  });
});
