/**
 * Goal: a machine learns why its queen would not have it, and asking changes nothing at hers.
 * Method: a real door over TLS with the keeper of links that a queen has behind it, which may be of another version.
 *
 * @see src/net/link/greeting.ts, GR1; src/net/authority/unreached.ts, UR1; DESIGN.md of src/runtime for RC5, RC6
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { LINK_PATH } from "../../../../src/hosts/cluster/link-address.ts";
import { whyNotLetIn, whyNotLinked } from "../../../../src/hosts/cluster/reach.ts";
import { DAY_MS } from "../../../../src/net/authority/certificates.ts";
import { type Certified, fingerprintOf } from "../../../../src/net/authority/identity.ts";
import type { Membership } from "../../../../src/net/authority/join.ts";
import { Keeper } from "../../../../src/net/link/keeper.ts";
import { acceptUpgrade, realLinkClock, socketOver } from "../../../../src/net/link/over-ws.ts";
import type { Hello } from "../../../../src/net/link/words.ts";
import { createServer } from "../../../../src/net/serve.ts";
import { authorityFor, certified } from "../../../support/authority.ts";
import { helloFrom } from "../../../support/link-net.ts";

/** A queen's door, and who was linked there. */
async function queen(authority: Certified, given: { hello?: Partial<Hello>; atMs?: number } = {}) {
  const { hello = {}, atMs = Date.now() } = given;
  const linked: string[] = [];
  const self = helloFrom("alpha", { cluster: "rbee-one", roles: ["queen"], ...hello });
  const keeper = new Keeper({
    self,
    clock: realLinkClock,
    chance: Math.random,
    dial: () => expect.unreachable(),
    events: { onUp: ({ node }) => linked.push(node), onDown() {}, onHostUp() {}, onHostDown() {}, onFrames() {} },
  });
  onTestFinished(() => keeper.close());
  const identity = await certified(authority, "queen", { name: "alpha", atMs });
  const { port, close } = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: [],
    hosts: [],
    origins: [],
    bodyBytesMax: 10_000,
    tls: { identity: () => Promise.resolve(identity), failed: () => {} },
    upgrades: [
      {
        path: LINK_PATH,
        roles: ["hive"],
        take: (request, socket, head, peer) =>
          acceptUpgrade(request, socket, head, (ws) =>
            keeper.accept(socketOver(ws), { node: peer.name, roles: ["hive"] }),
          ),
        leave: () => keeper.close(),
      },
    ],
  });
  onTestFinished(() => close(0));
  return { linked, url: `https://127.0.0.1:${port}` };
}

async function memberOf(authority: Certified, url: string, atMs = Date.now()): Promise<Membership> {
  const holder = await certified(authority, "hive", { name: "beta", atMs, hosts: [] });
  return { ...holder, name: "beta", clusterId: "rbee-one", queen: "alpha", url };
}

describe("a machine that asks whether its queen would have it", () => {
  test("GR1 is told of no reason where there is none, and has become nothing by it", async () => {
    const authority = await authorityFor("rbee-one");
    const { linked, url } = await queen(authority);
    const member = await memberOf(authority, url);
    expect(await whyNotLinked(member)).toBeUndefined();
    expect(await whyNotLetIn({ url, fingerprint: fingerprintOf(authority.certificate) })).toBeUndefined();
    expect(linked).toEqual([]);
  });

  test("RC5 RC6 link.version: the refusal names the versions of both", async () => {
    const authority = await authorityFor("rbee-one");
    const { linked, url } = await queen(authority, { hello: { versions: { min: 3, max: 4 } } });
    const why = await whyNotLinked(await memberOf(authority, url));
    expect(why?.code).toBe("link.version");
    expect(why?.message).toContain("versions 3 to 4");
    expect(why?.message).toContain("versions 1 to 2");
    expect(linked).toEqual([]);
  });

  test("link.cluster, link.foreign: another cluster's queen, or another machine, is named", async () => {
    const authority = await authorityFor("rbee-one");
    const ofOther = await queen(authority, { hello: { cluster: "rbee-two" } });
    expect(await whyNotLinked(await memberOf(authority, ofOther.url))).toMatchObject({ code: "link.cluster" });
    const other = await queen(authority, { hello: { node: "gamma" } });
    expect(await whyNotLinked(await memberOf(authority, other.url))).toMatchObject({ code: "link.foreign" });
  });

  test("UR1 clock.skewed: by the clock of either, the certificate of the other is not valid now", async () => {
    const authority = await authorityFor("rbee-one", Date.now() - 500 * DAY_MS);
    const ahead = await queen(authority, { atMs: Date.now() + 3 * DAY_MS });
    expect(await whyNotLinked(await memberOf(authority, ahead.url))).toMatchObject({ code: "clock.skewed" });
    const { url } = await queen(authority);
    for (const atMs of [Date.now() - 400 * DAY_MS, Date.now() + 3 * DAY_MS])
      expect(await whyNotLinked(await memberOf(authority, url, atMs))).toMatchObject({ code: "clock.skewed" });
  });

  test("queen.untrusted, request.forbidden: a key of another authority is refused by whoever sees it first", async () => {
    const authority = await authorityFor("rbee-one");
    const { url } = await queen(authority);
    const stranger = await memberOf(await authorityFor("rbee-one"), url);
    expect(await whyNotLinked(stranger)).toMatchObject({ code: "queen.untrusted" });
    const mixed = { ...stranger, authority: authority.certificate };
    expect(await whyNotLinked(mixed)).toMatchObject({ code: "request.forbidden" });
  });
});
