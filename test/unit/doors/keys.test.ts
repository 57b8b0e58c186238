/**
 * Goal: only who sits at the node gives and takes rights, and a key is shown once.
 *
 * @see src/doors/keys.ts, KD1 KD2; src/protocol/key-api.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { KeyLimit } from "../../../machines/rules/quota.ts";
import { keyRoutes, type KeysSeat } from "../../../src/doors/keys.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import { keyCreated, keyLimit, keysView, limitText } from "../../../src/protocol/key-api.ts";
import type { Answer, Call } from "../../../src/protocol/route.ts";

const VIEW = {
  id: "k1",
  name: "phone",
  createdAt: "2026-01-01T00:00:00.000Z",
  limits: ["5-tokens/day"],
  today: { requests: 0, tokensIn: 0, tokensOut: 0 },
  total: { requests: 0, tokensIn: 0, tokensOut: 0 },
};

class Seat implements KeysSeat {
  readonly made: { readonly name: string; readonly limits: readonly KeyLimit[] }[] = [];
  readonly revoked: string[] = [];
  list = () => Promise.resolve([VIEW]);
  create(name: string, limits: readonly KeyLimit[]): Promise<string> {
    this.made.push({ name, limits });
    return Promise.resolve("rbee_secret");
  }
  revoke(name: string): Promise<void> {
    this.revoked.push(name);
    return Promise.resolve();
  }
}

const CALL: Call = {
  params: { name: "phone" },
  query: {},
  headers: {},
  body: { name: "phone", limits: ["100k-tokens/day", "60-requests/minute"] },
  local: true,
  signal: new AbortController().signal,
};

async function call(seat: Seat, method: string, more: Partial<Call> = {}): Promise<Answer | string> {
  const route = keyRoutes(seat).find((one) => one.method === method);
  try {
    return (await route?.handle({ ...CALL, ...more })) ?? "no route";
  } catch (thrown) {
    return errorData(thrown).code;
  }
}

describe("the door for keys", () => {
  test("KD1 over TCP all of it is refused, whatever key it comes with", async () => {
    const seat = new Seat();
    const far = { local: false, caller: { requestId: "r", key: "k1" } };
    for (const { method } of keyRoutes(seat)) expect(await call(seat, method, far)).toBe("request.forbidden");
    expect([seat.made, seat.revoked]).toEqual([[], []]);
  });

  test("KD2 the key stands in the answer that makes it, and in no list", async () => {
    const seat = new Seat();
    const made = await call(seat, "POST");
    expect(made).toMatchObject({ status: 201, json: { name: "phone", key: "rbee_secret" } });
    expect(keyCreated.safeParse(typeof made === "object" && "json" in made && made.json).success).toBe(true);
    expect(seat.made).toEqual([
      {
        name: "phone",
        limits: [
          { max: 100_000, of: "tokens", per: "day" },
          { max: 60, of: "requests", per: "minute" },
        ],
      },
    ]);
    const listed = await call(seat, "GET");
    expect(JSON.stringify(listed)).not.toContain("secret");
    expect(keysView.safeParse(typeof listed === "object" && "json" in listed && listed.json).success).toBe(true);
    expect(await call(seat, "DELETE")).toMatchObject({ status: 200, json: { name: "phone", state: "revoked" } });
    expect(seat.revoked).toEqual(["phone"]);
  });

  test.each([
    { name: "" },
    { name: "a b" },
    { name: "x".repeat(64) },
    { name: "a", limits: ["5"] },
    { name: "a", limits: ["5-words/day"] },
    { name: "a", limits: ["5-tokens/week"] },
    { name: "a", key: "mine" },
  ])("%j is refused before anything is made", async (body) => {
    const seat = new Seat();
    expect(await call(seat, "POST", { body })).toBe("request.invalid");
    expect(seat.made).toEqual([]);
  });

  test("a limit is written as it is read", () => {
    for (const written of ["100000-tokens/day", "60-requests/minute", "0-tokens/hour"]) {
      expect(limitText(keyLimit.parse(written))).toBe(written);
    }
    expect(keyLimit.parse("2M-tokens/hour").max).toBe(2_000_000);
  });
});
