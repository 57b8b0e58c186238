/**
 * Goal: a door is called by every address it has, and by none that somebody else made up.
 *
 * @see src/net/own-names.ts, ON1 ON2
 * @module
 */
import { hostname, networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { ownHosts, ownNames } from "../../../src/net/own-names.ts";

test("ON1 one address is its only name, an IPv6 one in brackets", () => {
  expect(ownNames("192.0.2.7")).toEqual(["192.0.2.7"]);
  expect(ownNames("fe80::1%eth0")).toEqual(["[fe80::1]"]);
});

test.each(["0.0.0.0", "::"])(
  "ON1 what listens at %s is called by each address of this machine, and by its name",
  (host) => {
    const names = ownNames(host);
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((of = []) => of)) {
      expect(names).toContain(family === "IPv6" ? `[${address.replace(/%.*/, "")}]` : address);
    }
    expect(names).toContain(hostname());
  },
);

test("ON2 its certificate names the same, each once, the likeliest to be reached from elsewhere first, loopback last", () => {
  const loopback = ["localhost", "127.0.0.1", "::1"];
  expect(ownHosts("192.0.2.7")).toEqual(["192.0.2.7", ...loopback]);
  expect(ownHosts("fe80::1%eth0")).toEqual(["fe80::1", ...loopback]);
  expect(ownHosts("127.0.0.1")).toEqual(["127.0.0.1", "localhost", "::1"]);
  const everywhere = ownHosts("::");
  expect(everywhere).toContain(hostname());
  expect(everywhere.slice(-3).toSorted()).toEqual(loopback.toSorted());
  expect(new Set(everywhere).size).toBe(everywhere.length);
  expect(everywhere.filter((host) => host === "::" || host.startsWith("["))).toEqual([]);
});
