/**
 * Goal: who looks after a cluster hears of an end that comes, in time, and of a clock that is off.
 *
 * @see src/cli/doctor/cluster-check.ts
 * @module
 */
import { beforeAll, expect, test } from "vitest";
import { letGoMs } from "../../../machines/rules/lease.ts";
import { attemptFinding, clusterFinding, leaseText, memberFinding } from "../../../src/cli/doctor/cluster-check.ts";
import { REAP_MS } from "../../../src/hosts/porter/bounds.ts";
import { fingerprintOf, type Certified, type Identity } from "../../../src/net/authority/identity.ts";
import { ERRORS } from "../../../src/protocol/errors.ts";
import { SETTINGS } from "../../../src/runtime/config/settings.ts";
import { authorityFor, certified } from "../../support/authority.ts";

const DAY_MS = 86_400_000;
const AT = Date.UTC(2026, 5, 1);

let authority: Certified;
let door: Identity;
let hive: Identity;
beforeAll(async () => {
  authority = await authorityFor("rbee-abc", AT);
  door = await certified(authority, "queen", { atMs: AT });
  hive = await certified(authority, "hive", { atMs: AT });
});

test.each([
  ["all is well", 0, "ok", "fingerprint"],
  ["the clock is from before it was made", -2, "fail", "still to come"],
  ["the door was not renewed", 76, "warn", "of this door ends on 2026-08-30"],
  ["the authority ends in weeks", 3_600, "warn", "authority ends on"],
  ["the authority has ended", 3_650, "fail", "authority ended on"],
] as const)("where %s the doctor says so, and what to do", (_, days, level, says) => {
  const found = clusterFinding(authority.certificate, door.certificate, AT + days * DAY_MS);
  expect(found).toMatchObject({ level, text: expect.stringContaining(says) });
  expect(found.remedy !== undefined).toBe(level !== "ok");
});

test("the doctor tells the fingerprint, and an old certificate of a door that nobody opens is nothing", () => {
  const { level, text } = clusterFinding(authority.certificate, undefined, AT + 100 * DAY_MS);
  expect([level, text.includes(fingerprintOf(authority.certificate))]).toEqual(["ok", true]);
});

test.each([
  [-2, "fail"],
  [0, "ok"],
  [336, "warn"],
  [365, "fail"],
] as const)("a member whose certificate is %d days old is told %s", (days, level) => {
  const member = { ...hive, name: "desk", clusterId: "rbee-abc", queen: "q", url: "https://192.0.2.7:8080" };
  const found = memberFinding(member, AT + days * DAY_MS, { wayMs: undefined });
  expect(found).toMatchObject({ level, text: expect.stringContaining(days < 0 ? "still to come" : "2027-06-01") });
  expect(found.remedy !== undefined).toBe(level !== "ok");
});

test("a machine whose queen would not have it is told her reason, and what to do about that one", () => {
  const member = { ...hive, name: "desk", clusterId: "rbee-abc", queen: "q", url: "https://192.0.2.7:8080" };
  const why = { code: "link.version", message: "q speaks versions 2 to 2; here it is versions 1 to 1" } as const;
  for (const found of [
    memberFinding(member, AT, { why }),
    attemptFinding({ url: member.url, fingerprint: "ab" }, why),
  ]) {
    const { level, text, remedy } = found;
    expect([level, text.includes(why.message), remedy]).toEqual(["fail", true, ERRORS["link.version"].advice]);
  }
});

test.each([
  [0.3, "ok", "less than 1 ms"],
  [41.7, "ok", "42 ms"],
  [260, "warn", "260 ms"],
] as const)("a member whose queen is %d ms away is told so as %s", (wayMs, level, says) => {
  const member = { ...hive, name: "desk", clusterId: "rbee-abc", queen: "q", url: "https://192.0.2.7:8080" };
  const found = memberFinding(member, AT, { wayMs });
  expect(found).toMatchObject({ level, text: expect.stringContaining(`there and back in ${says}`) });
  expect(found.remedy !== undefined).toBe(level !== "ok");
});

test("H6 nothing that a dead queen began runs for 20 s on another machine, and for 2 s where that is wanted", () => {
  const { schema, fallback } = SETTINGS["queen.lease"];
  const goneMs = (lease: unknown): number => letGoMs(schema.parse(lease)) + REAP_MS;
  expect(goneMs(fallback)).toBeLessThan(20_000);
  expect(goneMs("1s")).toBeLessThanOrEqual(2000);
});

test("the doctor tells the bounds that follow from the lease that is set", () => {
  expect(leaseText(10_000)).toMatch(/within 16 s, .* a pause of 3 s; .* 2 s after .* within 7 s /);
  expect(leaseText(1000)).toMatch(/within 2 s, .* a pause of 667 ms; .* 200 ms after .* within 6 s /);
});
