/**
 * Goal: SU1-SU2 of service/unit.ts: what systemd reads out of the unit is what was meant.
 * Method: a property over paths, read back by the rules of systemd's own manual; the file as a whole by
 *         systemd-analyze.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canBeRun, homeIn, isOurs, stopSecondsIn, unitEnvironment, unitText } from "../../../src/cli/service/unit.ts";
import { needs } from "../../support/needs.ts";
import { unescaped, wordsOf } from "../../support/unit-words.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const path = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((name) => `/${name.replaceAll("\0", "")}`);
const nasty = fc.constantFrom("/a b", "/50%", "/$HOME", '/"q"', "/b\\", "/\\n", "/new\nline", "/%%h", "/${X}", "/'s'");

const valueIn = (text: string, name: string): string =>
  text.split("\n").find((line) => line.startsWith(`${name}=`)) ?? "";

test("SU2 a path may hold any character: what is run and where everything lies is read as it was written", () => {
  fc.assert(
    fc.property(fc.oneof(path, nasty), fc.oneof(path, nasty), fc.oneof(path, nasty), (node, launcher, home) => {
      const text = unitText({ node, launcher, environment: { RBEE_HOME: home }, stopWithinMs: 40_000 });
      const start = valueIn(text, "ExecStart");
      const [file = "", ...args] = wordsOf(start);
      expect(unescaped(file, "text")).toBe(node);
      expect(args.map((word) => unescaped(word, "argument"))).toEqual([launcher, "node"]);
      expect(wordsOf(valueIn(text, "Environment")).map((word) => unescaped(word, "text"))).toEqual([
        `RBEE_HOME=${home}`,
      ]);
      expect(homeIn(text)).toBe(home);
    }),
    { numRuns: 200 },
  );
});

test("SU1 only what says where everything lies goes into the unit, as absolute paths, and never a secret", () => {
  const env = {
    RBEE_HOME: "here",
    XDG_DATA_HOME: "",
    HF_ENDPOINT: "http://hub",
    HF_TOKEN: "secret",
    RBEE_TOKEN: "secret",
  };
  const environment = unitEnvironment(env, (place) => `/cwd/${place}`);
  expect(environment).toEqual({ RBEE_HOME: "/cwd/here", HF_ENDPOINT: "http://hub" });
});

test("the time to stop is that of the configuration, in whole seconds", () => {
  const text = unitText({ node: "/n", launcher: "/l", environment: {}, stopWithinMs: 40_001 });
  expect([isOurs(text), stopSecondsIn(text), homeIn(text)]).toEqual([true, 41, undefined]);
});

test("systemd finds nothing to say about the unit", needs("systemd-analyze"), () => {
  const folder = join(temporaryFolder(), `a "place" of 'mine'`);
  const bin = join(temporaryFolder(), "50% of $PATH");
  mkdirSync(folder);
  mkdirSync(bin);
  const node = join(bin, "node");
  writeFileSync(node, "#!/bin/sh\n");
  chmodSync(node, 0o755);
  const file = join(folder, "rbee.service");
  const facts = { node, launcher: join(folder, "rbee.mjs"), environment: { RBEE_HOME: folder }, stopWithinMs: 40_000 };
  const verify = (): string =>
    execFileSync("sh", ["-c", 'systemd-analyze --user verify --man=no "$0" 2>&1 || true', file], {
      encoding: "utf8",
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
  writeFileSync(file, unitText(facts));
  expect(verify()).not.toContain("rbee.service");
  for (const mark of `"'\\`) {
    const odd = { ...facts, node: join(bin, `no${mark}de`) };
    writeFileSync(file, unitText(odd));
    expect([mark, canBeRun(odd.node), verify().includes("special characters")]).toEqual([mark, false, true]);
  }
  // The proof that it would say something.
  writeFileSync(file, unitText(facts).replace("KillMode=mixed", "KillMode=gently"));
  expect(verify()).toContain("rbee.service");
});
