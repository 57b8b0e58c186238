/**
 * Goal: whatever a Host header says, it is either a name of the door or refused; and nobody comes in without a key
 * where one is needed. Method: random headers.
 * Cites D1 and D3 to D10 of src/net/guard.ts.
 */
import { IncomingMessage, type IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DoorKeys, fingerprintOf, Guard, hashOf, oneKey, strangerOf, type WayIn } from "../../../src/net/guard.ts";
import { GUESSES_MAX } from "../../../src/net/guesses.ts";
import type { Peer } from "../../../src/protocol/cluster-api.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";
import { isLoopback } from "../../../src/protocol/loopback.ts";

const NAMES = ["localhost", "127.0.0.1", "[::1]", "door.example"];
const guard = new Guard({ hosts: ["door.example"], origins: [] });

const NEAR: WayIn = { local: false, loopback: true };
const FAR: WayIn = { local: false, loopback: false };
const SOCKET: WayIn = { local: true, loopback: true };

function passes(host: string): boolean {
  const request = new IncomingMessage(new Socket());
  request.headers.host = host;
  try {
    guard.check(request, NEAR, false);
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

/** @returns the id of the key, or the code of the refusal */
function comesIn(
  given: Guard,
  headers: Record<string, string>,
  way: WayIn,
  isOpen = false,
  peer?: Peer,
  isRemoved = false,
): string | undefined {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, { host: "localhost" }, headers);
  try {
    return given.check(request, way, isOpen, peer, isRemoved);
  } catch (thrown) {
    return thrown instanceof RbeeError ? thrown.code : String(thrown);
  }
}

const bearer = (word: string) => ({ authorization: `Bearer ${word}` });

describe("a door of one word", () => {
  const locked = new Guard({ hosts: [], origins: [], keys: oneKey("the-right-one") });

  test("D3 request.unauthorized: without it, or with another, nobody comes in over TCP, on loopback neither", () => {
    for (const headers of [{}, bearer("the"), bearer("the-right-one2"), { authorization: "Basic the-right-one" }]) {
      expect(comesIn(locked, headers, NEAR)).toBe("request.unauthorized");
    }
    expect(comesIn(locked, bearer("the-right-one"), NEAR)).toBe("token");
  });

  test("D3 it comes as a bearer token or as x-api-key", () => {
    expect(comesIn(locked, { "x-api-key": "the-right-one" }, NEAR)).toBe("token");
    expect(comesIn(locked, { "x-api-key": "the-right" }, NEAR)).toBe("request.unauthorized");
  });

  test("D4 an open route, and the owner's own socket, need none", () => {
    expect(comesIn(locked, {}, NEAR, true)).toBeUndefined();
    expect(comesIn(locked, {}, SOCKET)).toBeUndefined();
  });
});

describe("a door of keys", () => {
  const hashes = new Map<string, Buffer>();
  const keys: DoorKeys = {
    hashes: () => hashes,
    isOurs: (word) => word.startsWith("rbee_"),
    neededOnLoopback: false,
  };
  const door = new Guard({ hosts: [], origins: [], keys });
  const SHUT = "request.unauthorized";

  test("D9 a machine of the cluster needs none, and asks in its own name; with a key it asks as that", () => {
    const peer = (role: Peer["role"]): Peer => ({ role, name: "desk", key: "", fingerprint: "" });
    expect(comesIn(door, {}, FAR, false, peer("hive"))).toBe("machine:desk");
    expect(comesIn(door, {}, NEAR, false, peer("hive"))).toBe("machine:desk");
    expect(comesIn(door, {}, FAR, false, peer("queen"))).toBe(SHUT);
    expect(comesIn(door, bearer("rbee_none"), FAR, false, peer("hive"))).toBe(SHUT);
    expect(comesIn(door, { host: "evil.example" }, FAR, false, peer("hive"))).toBe("request.forbidden");
    hashes.set("k1", hashOf("rbee_a"));
    expect(comesIn(door, bearer("rbee_a"), FAR, false, peer("hive"))).toBe("k1");
    hashes.clear();
  });

  test("D9 one that was removed is told so, and comes in by a key alone", () => {
    const peer: Peer = { role: "hive", name: "desk", key: "", fingerprint: "" };
    const said = (headers: Record<string, string>, way: WayIn, isOpen = false) =>
      comesIn(door, headers, way, isOpen, peer, true);
    expect(said({}, FAR)).toBe("machine.removed");
    expect(said(bearer("rbee_none"), FAR)).toBe(SHUT);
    expect(said({ host: "evil.example" }, FAR)).toBe("request.forbidden");
    // Where nobody needs a key it is nobody too.
    expect([said({}, NEAR), said({}, FAR, true)]).toEqual([undefined, undefined]);
    hashes.set("k1", hashOf("rbee_a"));
    expect(said(bearer("rbee_a"), FAR)).toBe("k1");
    hashes.clear();
  });

  test("D5 from elsewhere every request needs one: while there is none, each is refused, and so it is without keys", () => {
    expect(comesIn(door, bearer("rbee_a"), FAR)).toBe(SHUT);
    expect(comesIn(new Guard({ hosts: [], origins: [] }), bearer("rbee_a"), FAR)).toBe(SHUT);
    hashes.set("k1", hashOf("rbee_a")).set("k2", hashOf("rbee_b"));
    expect(comesIn(door, bearer("rbee_a"), FAR)).toBe("k1");
    expect(comesIn(door, { "x-api-key": "rbee_b" }, FAR)).toBe("k2");
    expect([{}, bearer("sk-any"), { "x-api-key": "" }].map((headers) => comesIn(door, headers, FAR))).toEqual([
      SHUT,
      SHUT,
      SHUT,
    ]);
    hashes.delete("k1");
    expect(comesIn(door, bearer("rbee_a"), FAR)).toBe(SHUT);
  });

  test("D6 on loopback none is needed; one of ours that is sent is known or refused, any other word is passed over", () => {
    expect(comesIn(door, {}, NEAR)).toBeUndefined();
    expect(comesIn(door, bearer("sk-any"), NEAR)).toBeUndefined();
    expect(comesIn(door, bearer("rbee_b"), NEAR)).toBe("k2");
    expect(comesIn(door, bearer("rbee_revoked"), NEAR)).toBe(SHUT);
    expect(comesIn(door, bearer("rbee_revoked"), SOCKET)).toBe(SHUT);
  });

  test("D5 what listens for this machine alone is known by its address, and by nothing that only looks like one", () => {
    expect(["localhost", "127.0.0.1", "127.8.8.8", "::1"].every(isLoopback)).toBe(true);
    const far = ["0.0.0.0", "::", "192.168.1.2", "127.evil.example", "localhost.example", "127.0.0.1.example", ""];
    expect(far.filter(isLoopback)).toEqual([]);
  });
});

describe("a web page", () => {
  const door = new Guard({ hosts: [], origins: ["https://app.example"] });
  const image = { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
  const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
  const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  test.each(["cross-site", "same-site"])(
    "D7 of elsewhere (%s) has nothing fetched here, by whatever part of it",
    (site) => {
      for (const part of [image, frame, { "sec-fetch-mode": "cors" }, {}]) {
        expect(comesIn(door, { "sec-fetch-site": site, ...part }, NEAR)).toBe("request.forbidden");
      }
      expect(comesIn(door, { "sec-fetch-site": site, ...link }, NEAR)).toBeUndefined();
    },
  );

  test("D7 of its own, one that a person has opened, and one whose origin is listed, come in", () => {
    for (const site of ["same-origin", "none"]) {
      expect(comesIn(door, { "sec-fetch-site": site, ...image }, NEAR)).toBeUndefined();
    }
    const listed = { origin: "https://app.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
    expect(comesIn(door, listed, NEAR)).toBeUndefined();
  });
});

describe("D8 wrong keys where one is needed", () => {
  const guessed = (way: WayIn): { door: Guard; clock: { nowMs: number } } => {
    const clock = { nowMs: 0 };
    const keys: DoorKeys = {
      hashes: () => new Map([["k1", hashOf("rbee_right")]]),
      isOurs: (word) => word.startsWith("rbee_"),
      neededOnLoopback: false,
    };
    const door = new Guard({ hosts: [], origins: [], keys, nowMs: () => clock.nowMs });
    for (let at = 0; at < GUESSES_MAX; at++) {
      expect(comesIn(door, bearer(`rbee_${at}`), way)).toBe("request.unauthorized");
    }
    return { door, clock };
  };

  test("are answered with 429 after so many, and so is the right one until the minute is over", () => {
    const { door, clock } = guessed(FAR);
    expect(comesIn(door, bearer("rbee_right"), FAR)).toBe("key.guesses");
    expect(comesIn(door, bearer("rbee_10"), FAR)).toBe("key.guesses");
    expect(comesIn(door, {}, FAR)).toBe("request.unauthorized");
    expect(comesIn(door, {}, FAR, true)).toBeUndefined();
    clock.nowMs += 60_000;
    expect(comesIn(door, bearer("rbee_right"), FAR)).toBe("k1");
  });

  test("shut nobody out where none is needed", () => {
    expect(comesIn(guessed(NEAR).door, bearer("rbee_right"), NEAR)).toBe("k1");
  });
});

describe("who is turned away", () => {
  const sent = (headers: IncomingHttpHeaders): IncomingMessage =>
    Object.assign(new IncomingMessage(new Socket()), { headers });

  test("D10 for a key is known by its fingerprint, which is the same each time and holds nothing of it", () => {
    const word = "rbee_quetzal";
    const fingerprint = fingerprintOf(hashOf(word));
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    for (const headers of [bearer(word), { "x-api-key": word }]) {
      expect(strangerOf(sent(headers), "request.unauthorized")).toMatchObject({ fingerprint });
      expect(strangerOf(sent(headers), "key.guesses")).toMatchObject({ fingerprint });
    }
    expect(strangerOf(sent(bearer("other")), "key.guesses")?.fingerprint).not.toBe(fingerprint);
  });

  test("D10 without one has none, and for anything else is nobody's business", () => {
    expect(strangerOf(sent({}), "request.unauthorized")).toEqual({ address: undefined, fingerprint: undefined });
    expect(strangerOf(sent(bearer("rbee_a")), "request.invalid")).toBeUndefined();
  });
});

describe("D3 a key is compared", () => {
  test("with every other, whichever it is, so that the time says nothing of where it stands", () => {
    const looked: string[] = [];
    class Watched extends Map<string, Buffer> {
      override *[Symbol.iterator](): MapIterator<[string, Buffer]> {
        for (const entry of super.entries()) {
          looked.push(entry[0]);
          yield entry;
        }
      }
    }
    const hashes = new Watched([1, 2, 3].map((place) => [`k${place}`, hashOf(`rbee_${place}`)]));
    const keys: DoorKeys = { hashes: () => hashes, isOurs: () => true, neededOnLoopback: true };
    const door = new Guard({ hosts: [], origins: [], keys });
    for (const [word, id] of [
      ["rbee_1", "k1"],
      ["rbee_3", "k3"],
      ["rbee_none", "request.unauthorized"],
    ] as const) {
      looked.length = 0;
      expect([comesIn(door, bearer(word), FAR), looked]).toEqual([id, ["k1", "k2", "k3"]]);
    }
  });
});
