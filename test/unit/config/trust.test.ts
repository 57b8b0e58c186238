/**
 * Goal: TR1-TR2 of trust.ts, F2 of file.ts: the file of a folder may open doors when the user has trusted it, as it is.
 * Method: real files and folders, and the configuration as every command loads it.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorData } from "../../../src/protocol/errors.ts";
import { loadConfig, type Config } from "../../../src/runtime/config/load.ts";
import { findPaths } from "../../../src/runtime/config/paths.ts";
import { revokeTrust, standingOf, trustText } from "../../../src/runtime/config/trust.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const OPENING = "listen: 0.0.0.0:8181\nname: ${WHERE}\n";

function place(text = OPENING) {
  const root = temporaryFolder();
  const [home, cwd] = [join(root, "home"), join(root, "cwd")];
  mkdirSync(home);
  mkdirSync(cwd);
  const file = join(cwd, "rbee.yaml");
  writeFileSync(file, text);
  const notes = findPaths({ RBEE_HOME: home }, cwd).trust;
  const load = (also: Record<string, string> = {}): Config =>
    loadConfig({ flags: {}, env: { RBEE_HOME: home, WHERE: "here", ...also }, cwd }).config;
  const refusal = (): string => {
    try {
      load();
    } catch (error) {
      return errorData(error).message;
    }
    throw new Error("it was accepted");
  };
  return { root, cwd, file, notes, load, refusal };
}

describe("a folder's file that is trusted", () => {
  test("F2 TR1 may open a door and read the environment; before that it is said how it becomes trusted", () => {
    const { file, notes, load, refusal } = place();
    expect(refusal()).toContain("trust it with `rbee config trust`");
    trustText({ file, text: OPENING }, notes);
    expect(load()).toMatchObject({ listen: { host: "0.0.0.0", port: 8181 }, name: "here" });
  });

  test("TR1 is untrusted again when it changes, is told so, and is trusted when it is as it was", () => {
    const { file, notes, load, refusal } = place();
    trustText({ file, text: OPENING }, notes);
    writeFileSync(file, `${OPENING}# one more comment\n`);
    expect(refusal()).toContain("it has changed since you trusted it");
    writeFileSync(file, OPENING);
    expect(load().name).toBe("here");
  });

  test("TR1 is trusted where it lies: the same bytes elsewhere are not", () => {
    const { root, cwd, file, notes, refusal } = place();
    trustText({ file, text: OPENING }, notes);
    renameSync(cwd, join(root, "moved"));
    mkdirSync(cwd);
    expect(standingOf({ file: join(root, "moved", "rbee.yaml"), text: OPENING }, notes)).toBe("unknown");
    writeFileSync(file, "listen: 0.0.0.0:1\n");
    expect(refusal()).toContain("changed");
  });

  test("is the same by whatever way one comes to its folder", () => {
    const { root, cwd, file, notes } = place();
    trustText({ file, text: OPENING }, notes);
    symlinkSync(cwd, join(root, "link"));
    expect(standingOf({ file: join(root, "link", "rbee.yaml"), text: OPENING }, notes)).toBe("trusted");
  });

  test("may be trusted no longer, also when it is gone", () => {
    const { root, cwd, file, notes, refusal } = place();
    trustText({ file, text: OPENING }, notes);
    renameSync(file, join(root, "away.yaml"));
    expect(revokeTrust(file, notes)).toBe(true);
    expect(revokeTrust(file, notes)).toBe(false);
    renameSync(join(root, "away.yaml"), join(cwd, "rbee.yaml"));
    expect(refusal()).toContain("rbee config trust");
  });

  test("what it may always say it says without trust, and a .env beside it is never read", () => {
    const { cwd, file, notes, load } = place("worker:\n  slots: 9\n");
    writeFileSync(join(cwd, ".env"), "RBEE_QUEUE_LENGTH_MAX=99\n");
    expect(load()).toMatchObject({ worker: { slots: 9 }, queue: { lengthMax: 1_000 } });
    trustText({ file, text: "worker:\n  slots: 9\n" }, notes);
    expect(load().queue.lengthMax).toBe(1_000);
  });
});

describe("the note", () => {
  test("TR2 is the user's alone, and one that others can change says nothing", () => {
    const { file, notes, load, refusal } = place();
    trustText({ file, text: OPENING }, notes);
    const [name = ""] = readdirSync(notes);
    const note = join(notes, name);
    expect([statSync(notes).mode & 0o777, statSync(note).mode & 0o777]).toEqual([0o700, 0o600]);
    chmodSync(note, 0o620);
    expect(refusal()).toContain("rbee config trust");
    chmodSync(note, 0o600);
    expect(load().name).toBe("here");
    writeFileSync(note, "nonsense");
    expect(refusal()).toContain("rbee config trust");
  });

  test("TR2 does not lie where RBEE_CONFIG points: a folder cannot bring trust in itself along", () => {
    const home = temporaryFolder();
    const elsewhere = join(temporaryFolder(), "config.yaml");
    expect(findPaths({ RBEE_HOME: home, RBEE_CONFIG: elsewhere }, "/").trust).toBe(join(home, "trust"));
  });
});
