/**
 * Goal: whatever a Host header says, it is either a name of the door or refused. Method: random headers.
 * Cites D1 of src/net/guard.ts.
 */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Guard } from "../../../src/net/guard.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";

const NAMES = ["localhost", "127.0.0.1", "[::1]", "door.example"];
const guard = new Guard({ hosts: ["door.example"], origins: [] });

function passes(host: string): boolean {
  const request = new IncomingMessage(new Socket());
  request.headers.host = host;
  try {
    guard.check(request, false, false);
    return true;
  } catch {
    return false;
  }
}

describe("Host", () => {
  test("a name of the door passes with any port", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.option(fc.nat(65_535)), (name, port) => {
        expect(passes(port === null ? name : `${name}:${port}`)).toBe(true);
      }),
    );
  });

  test("D1 anything else is refused, however much of it looks like a name of the door", () => {
    const around = fc.stringMatching(/^[a-z0-9.:@/[\]-]{1,6}$/);
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), around, fc.boolean(), (name, text, before) => {
        const host = before ? text + name : name + text;
        fc.pre(!NAMES.includes(host) && !/^:\d{1,5}$/.test(before ? "" : text));
        expect(passes(host)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the door's token", () => {
  const locked = new Guard({ hosts: [], origins: [], token: "the right one" });

  function refusal(authorization: string | undefined, local: boolean, open: boolean): string | undefined {
    const request = new IncomingMessage(new Socket());
    request.headers.host = "localhost";
    if (authorization !== undefined) request.headers.authorization = authorization;
    try {
      locked.check(request, local, open);
      return undefined;
    } catch (thrown) {
      return thrown instanceof RbeeError ? thrown.code : String(thrown);
    }
  }

  test("D3 request.unauthorized: without it, or with another, nobody comes in over TCP", () => {
    expect(refusal(undefined, false, false)).toBe("request.unauthorized");
    expect(refusal("Bearer the", false, false)).toBe("request.unauthorized");
    expect(refusal("Basic the right one", false, false)).toBe("request.unauthorized");
  });

  test("D3 it comes as a bearer token or as x-api-key", () => {
    const worded = new Guard({ hosts: [], origins: [], token: "word" });
    const given = (headers: Readonly<Record<string, string>>): IncomingMessage => {
      const request = new IncomingMessage(new Socket());
      Object.assign(request.headers, { host: "localhost", ...headers });
      return request;
    };
    worded.check(given({ authorization: "Bearer word" }), false, false);
    worded.check(given({ "x-api-key": "word" }), false, false);
    expect(() => worded.check(given({ "x-api-key": "wor" }), false, false)).toThrow(RbeeError);
  });

  test("D4 an open route, and the owner's own socket, need none", () => {
    expect(refusal(undefined, false, true)).toBeUndefined();
    expect(refusal(undefined, true, false)).toBeUndefined();
  });
});
