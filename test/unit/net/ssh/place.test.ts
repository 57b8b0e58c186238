/**
 * Goal: a machine is found as ssh finds it everywhere else, and no configuration makes that unsafe.
 * Method: what `ssh -G` says is in force, with a configuration that wants the worst.
 *
 * @see src/net/ssh/place.ts, SP1 SP2 SP3
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sshArguments, type SshPlace, sshPlace } from "../../../../src/net/ssh/place.ts";
import { needs } from "../../../support/needs.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const CONFIG = `
Host far
  HostName attic.example
  Port 2200
  User bee
  IdentityFile /keys/far
  StrictHostKeyChecking no
  ForwardAgent yes
  ForwardX11 yes
  LocalForward 9999 localhost:1
  PermitLocalCommand yes
  ControlMaster auto
  ControlPath /tmp/other
  RequestTTY force
`;

/** What is in force, by name; names that stand several times keep all. */
function inForce(place: SshPlace): ReadonlyMap<string, readonly string[]> {
  const home = temporaryFolder();
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh", "config"), CONFIG);
  writeFileSync(join(home, ".ssh", "id_ed25519"), "");
  const args = ["-G", ...sshArguments(place, { env: { HOME: home }, attended: false }, [])];
  const found = new Map<string, string[]>();
  for (const line of execFileSync("ssh", args, { encoding: "utf8" }).split("\n")) {
    const [name = "", ...rest] = line.split(" ");
    found.set(name, [...(found.get(name) ?? []), rest.join(" ").replace(home, "~")]);
  }
  return found;
}

const worded = (place: unknown): boolean => sshPlace.safeParse(place).success;

describe("a place", () => {
  test("is what ~/.ssh/config says of it, where nothing else is said", needs("ssh"), () => {
    const found = inForce({ host: "far" });
    const names = ["hostname", "port", "user", "identityfile", "userknownhostsfile"];
    expect(names.map((name) => found.get(name))).toEqual([
      ["attic.example"],
      ["2200"],
      ["bee"],
      ["~/.ssh/id_ed25519", "/keys/far"],
      ["~/.ssh/known_hosts"],
    ]);
  });

  test(
    "is what was said of it before what the configuration says; a key that was named comes first",
    needs("ssh"),
    () => {
      const found = inForce({ host: "far", port: 22, user: "me", keyFile: "/my keys/100%/a" });
      expect([found.get("port"), found.get("user"), found.get("identitiesonly")]).toEqual([["22"], ["me"], ["yes"]]);
      expect(found.get("identityfile")?.[0]?.replaceAll("%%", "%")).toBe("/my keys/100%/a");
    },
  );

  test("SP2 SP3 is not made unsafe by a configuration", needs("ssh"), () => {
    const found = inForce({ host: "far" });
    const wanted = { stricthostkeychecking: "true", forwardagent: "no", forwardx11: "no", permitlocalcommand: "no" };
    const more = { controlmaster: "false", requesttty: "false", batchmode: "yes", updatehostkeys: "false" };
    for (const [name, value] of Object.entries({ ...wanted, ...more }))
      expect([name, found.get(name)]).toEqual([name, [value]]);
    expect([found.get("clearallforwardings"), found.get("controlpath")]).toEqual([["yes"], undefined]);
  });

  test("SP1 what could be taken for an option, or by a shell, names no machine and no user", () => {
    for (const host of ["-oProxyCommand=id", "-v", "", "a b", "a;id", "$(id)", "`id`", "a\nb", "a'b", "x".repeat(300)])
      expect([host, worded({ host })]).toEqual([host, false]);
    for (const user of ["-l", "", "a b", "a;id", "me'"])
      expect([user, worded({ host: "far", user })]).toEqual([user, false]);
    for (const host of ["far", "attic.local", "192.0.2.7", "fe80::1%eth0", "[::1]", "my_host"])
      expect([host, worded({ host })]).toEqual([host, true]);
    expect([0, 65_536, 1.5].map((port) => worded({ host: "far", port }))).toEqual([false, false, false]);
    expect([worded({ host: "far", keyFile: "id" }), worded({ host: "far", password: "x" })]).toEqual([false, false]);
  });
});
