/**
 * Who holds RBEE_HOME: H1 and H2 of src/hosts/real/home-lock.ts and HF1 of home-folder.ts, with real processes.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prepareHome, socketPathOf } from "../../src/hosts/real/home-folder.ts";
import { holdHome, holdOrFind, readHolder } from "../../src/hosts/real/home-lock.ts";

const program = resolve(import.meta.dirname, "../support/home-program.ts");
const started: ChildProcess[] = [];
let folder: string;
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rbee-home-"));
  home = join(folder, "home");
});
afterEach(async () => {
  for (const child of started.splice(0)) await kill(child);
  rmSync(folder, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

interface Attempt {
  readonly child: ChildProcess & { readonly pid: number };
  readonly said: Promise<unknown>;
  stderr: string;
}

function start(...wishes: readonly string[]): Attempt {
  const child = spawn(process.execPath, [program, home, ...wishes], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  const said = once(child.stdout, "data").then(([chunk]: unknown[]): unknown => JSON.parse(String(chunk)));
  const attempt: Attempt = { child: Object.assign(child, { pid: child.pid ?? 0 }), said, stderr: "" };
  child.stderr.on("data", (chunk) => (attempt.stderr += String(chunk)));
  return attempt;
}

describe("holding RBEE_HOME", () => {
  test("H1 of all that try at once exactly one holds", async () => {
    const said = await Promise.all([start(), start(), start(), start()].map((attempt) => attempt.said));
    expect(said.filter((answer) => JSON.stringify(answer) === '{"held":true}')).toHaveLength(1);
    expect(said.filter((answer) => JSON.stringify(answer).includes('"home.held"'))).toHaveLength(3);
  });

  test("H1 the home is free at once when its holder is killed", async () => {
    const holder = start("serve");
    await holder.said;
    expect(() => holdHome(home)).toThrow(expect.objectContaining({ code: "home.held" }));
    await kill(holder.child);
    holdHome(home).release();
  });

  test("H1 a stopped holder still holds", async () => {
    const holder = start("serve");
    await holder.said;
    holder.child.kill("SIGSTOP");
    expect(() => holdHome(home)).toThrow(expect.objectContaining({ code: "home.held" }));
  });

  test("H1 a process cannot hold a home twice, and can again after it released it", () => {
    const lock = holdHome(home);
    expect(() => holdHome(home)).toThrow(expect.objectContaining({ code: "home.held" }));
    lock.release();
    lock.release();
    holdHome(home).release();
  });

  test("who is refused is told the pid of the holder, also before that serves", async () => {
    const holder = start();
    await holder.said;
    expect(await start().said).toMatchObject({ code: "home.held", details: { pid: holder.child.pid } });
    expect(readHolder(home)).toBeUndefined();
  });

  test("a holder that serves is found with its socket and url until it releases", () => {
    const lock = holdHome(home);
    const serving = { socketPath: socketPathOf(home), url: "http://127.0.0.1:8080" };
    lock.announce(serving);
    expect(readHolder(home)).toEqual({ pid: process.pid, instance: lock.instance, ...serving });
    lock.release();
    expect(readHolder(home)).toBeUndefined();
  });

  test("H2 the note of a holder that was killed, or that cannot be read, is no holder", async () => {
    const holder = start("serve");
    await holder.said;
    expect(readHolder(home)).toMatchObject({ pid: holder.child.pid });
    await kill(holder.child);
    expect(readHolder(home)).toBeUndefined();
    writeFileSync(join(home, "run", "holder.json"), "{");
    expect(readHolder(home)).toBeUndefined();
  });

  test("of those that start at once and are willing to attach, one holds and the others find it", async () => {
    const attempts = [start("wait"), start("wait"), start("wait")];
    const said = await Promise.all(attempts.map((attempt) => attempt.said));
    const winner = attempts[said.findIndex((answer) => JSON.stringify(answer) === '{"held":true}')];
    expect(said.filter((answer) => JSON.stringify(answer).includes(`"pid":${winner?.child.pid}`))).toHaveLength(2);
  });

  test("who waits for a holder that dies before it serves holds the home instead", async () => {
    const holder = start();
    await holder.said;
    const waiting = holdOrFind(home, 5_000);
    await kill(holder.child);
    const outcome = await waiting;
    expect(outcome).toHaveProperty("lock");
    if ("lock" in outcome) outcome.lock.release();
  });

  test("who waits for a holder that never serves is refused in the end", async () => {
    const holder = start();
    await holder.said;
    await expect(holdOrFind(home, 200)).rejects.toMatchObject({ code: "home.held" });
  });

  test("holding prints no warning", async () => {
    const holder = start("serve");
    await holder.said;
    await kill(holder.child);
    expect(holder.stderr).toBe("");
  });
});

describe("the folder RBEE_HOME", () => {
  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  test("is made for this user alone", () => {
    expect(prepareHome(home)).toBeUndefined();
    expect([modeOf(home), modeOf(join(home, "run"))]).toEqual([0o700, 0o700]);
  });

  test("is closed to others where it had been open, and that is said", () => {
    mkdirSync(home);
    chmodSync(home, 0o755);
    expect(prepareHome(home)).toContain("755");
    expect(modeOf(home)).toBe(0o700);
  });

  test("is refused where others, or other programs, use it", () => {
    mkdirSync(home);
    chmodSync(home, 0o1777);
    expect(() => prepareHome(home)).toThrow(expect.objectContaining({ code: "home.unusable" }));
    expect(modeOf(home)).toBe(0o777);
  });

  test("is refused where it is a file, or the user's own home left open", () => {
    writeFileSync(home, "");
    expect(() => prepareHome(home)).toThrow(expect.objectContaining({ code: "home.unusable" }));
    const before = modeOf(homedir());
    if (before !== 0o700)
      expect(() => prepareHome(homedir())).toThrow(expect.objectContaining({ code: "home.unusable" }));
    expect(modeOf(homedir())).toBe(before);
  });
});

describe("the path of its socket", () => {
  test("lies in the home where it is short enough, else in a folder of this user alone", () => {
    expect(socketPathOf("/srv/rbee")).toBe("/srv/rbee/run/rbee.sock");
    const long = socketPathOf(join(folder, "x".repeat(100)));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(100);
    expect(statSync(join(long, "..")).mode & 0o777).toBe(0o700);
    expect(socketPathOf(join(folder, "x".repeat(100)))).toBe(long);
    expect(socketPathOf(join(folder, "y".repeat(100)))).not.toBe(long);
  });

  test.each([
    ["a link", (path: string) => symlinkSync(tmpdir(), path)],
    ["a folder that others can write", (path: string) => (mkdirSync(path), chmodSync(path, 0o777))],
  ])("HF1 is refused where its folder is %s, which somebody else can have put there", (_, put) => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = folder;
    try {
      put(join(folder, `rbee-${process.getuid?.() ?? 0}`));
      expect(() => socketPathOf(join(folder, "x".repeat(100)))).toThrow(
        expect.objectContaining({ code: "home.unusable" }),
      );
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });
});
