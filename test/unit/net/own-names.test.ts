/**
 * Goal: a door is called by every address it has, and by none that somebody else made up.
 *
 * @see src/net/own-names.ts, ON1
 * @module
 */
import { hostname, networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { ownNames } from "../../../src/net/own-names.ts";

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
