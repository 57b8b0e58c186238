/**
 * The sweep: ends what an earlier node left, and nothing else. S1 and S2 of src/hosts/real/sweep.ts, RS5.
 * Method: strays without a lifeline, which is what is left when everything else has failed.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processFacts } from "../../src/hosts/real/kernel.ts";
import { homeMark, markEnvironment, writeRecord } from "../../src/hosts/real/process-marks.ts";
import { sweep, sweepLine } from "../../src/hosts/real/sweep.ts";
import { isAlive, waitUntil } from "../support/children.ts";

let home: string;
let runDir: string;
const strays: number[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rbee-sweep-"));
  runDir = join(home, "run");
});
afterEach(() => {
  for (const pid of strays.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

/** A process that is nobody's child any more: its parent, a shell, is gone. */
async function startStray(env: Readonly<Record<string, string>>): Promise<number> {
  const shell: ChildProcess = spawn("sh", ["-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of shell.stdout ?? []) text += String(chunk);
  const pid = Number(text);
  strays.push(pid);
  await waitUntil(() => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n", 5_000);
  return pid;
}

const ticksOf = (pid: number): string => processFacts(pid)?.startTicks ?? "";
const record = (token: string, pid: number, startTicks = ticksOf(pid)): void =>
  writeRecord(runDir, { token, pid, startTicks });
const records = (): readonly string[] => readdirSync(join(runDir, "processes"));

describe("sweep", () => {
  test("a home in which nothing was left is swept without a word", async () => {
    const swept = await sweep(runDir, home);
    expect(swept).toEqual({ found: [], killed: 0, cleared: 0 });
    expect(sweepLine(swept)).toBeUndefined();
  });

  test("a process that was left behind is ended, forgotten and named", async () => {
    const pid = await startStray(markEnvironment(homeMark(home), "a"));
    record("a", pid);
    const swept = await sweep(runDir, home);
    expect(swept).toMatchObject({ found: [{ token: "a", pid }], killed: 1, cleared: 1 });
    expect(isAlive(pid)).toBe(false);
    expect(records()).toEqual([]);
    expect(sweepLine(swept)).toContain(`pid ${pid}`);
  });

  test("a process that was forked and never recorded is found by its marks", async () => {
    const pid = await startStray(markEnvironment(homeMark(home), "a"));
    expect(await sweep(runDir, home)).toMatchObject({ found: [{ token: "a", pid }], killed: 1, cleared: 0 });
    expect(isAlive(pid)).toBe(false);
  });

  test("a process of a home that was moved since is found by its record", async () => {
    const pid = await startStray(markEnvironment(homeMark(home), "a"));
    record("a", pid);
    const moved = `${home}-moved`;
    renameSync(home, moved);
    home = moved;
    expect(await sweep(join(moved, "run"), moved)).toMatchObject({ killed: 1, cleared: 1 });
    expect(isAlive(pid)).toBe(false);
  });

  test("S1 a record whose pid now names a process started at another time is cleared, and that one lives", async () => {
    const pid = await startStray({ ...markEnvironment(homeMark(home), "a"), RBEE_PROCESS_HOME: "another" });
    record("a", pid, String(Number(ticksOf(pid)) - 1));
    expect(await sweep(runDir, home)).toEqual({ found: [], killed: 0, cleared: 1 });
    expect(isAlive(pid)).toBe(true);
  });

  test("S1 a record whose pid names a process with another token is cleared, and that one lives", async () => {
    const pid = await startStray({ ...markEnvironment(homeMark(home), "b"), RBEE_PROCESS_HOME: "another" });
    record("a", pid);
    expect(await sweep(runDir, home)).toEqual({ found: [], killed: 0, cleared: 1 });
    expect(isAlive(pid)).toBe(true);
  });

  test("S1 a record of an earlier start of the machine is cleared, and whoever has the pid now lives", async () => {
    const pid = await startStray({ ...markEnvironment(homeMark(home), "a"), RBEE_PROCESS_HOME: "another" });
    const facts = { token: "a", pid, startTicks: ticksOf(pid), bootId: "before", startedAt: "" };
    mkdirSync(join(runDir, "processes"), { recursive: true });
    writeFileSync(join(runDir, "processes", "a.json"), JSON.stringify(facts));
    expect(await sweep(runDir, home)).toEqual({ found: [], killed: 0, cleared: 1 });
    expect(isAlive(pid)).toBe(true);
  });

  test("S1 a process of another home lives", async () => {
    const other = mkdtempSync(join(tmpdir(), "rbee-sweep-"));
    const pid = await startStray(markEnvironment(homeMark(other), "a"));
    rmSync(other, { recursive: true });
    expect(await sweep(runDir, home)).toMatchObject({ found: [], killed: 0 });
    expect(isAlive(pid)).toBe(true);
  });

  test("a process that was stopped before it was on its lifeline is ended", async () => {
    const pid = await startStray(markEnvironment(homeMark(home), "a"));
    process.kill(pid, "SIGSTOP");
    expect(await sweep(runDir, home)).toMatchObject({ found: [{ token: "a", pid }], killed: 1 });
    expect(isAlive(pid)).toBe(false);
  });

  test("a child of the process that sweeps lives", async () => {
    const child = spawn("sleep", ["60"], {
      stdio: "ignore",
      env: { PATH: process.env["PATH"], ...markEnvironment(homeMark(home), "a") },
    });
    strays.push(child.pid ?? 0);
    expect(await sweep(runDir, home)).toMatchObject({ found: [], killed: 0 });
    expect(isAlive(child.pid ?? 0)).toBe(true);
  });

  test("a record that cannot be read is cleared", async () => {
    mkdirSync(join(runDir, "processes"), { recursive: true });
    writeFileSync(join(runDir, "processes", "a.json"), '{"token": "a", "pi');
    const swept = await sweep(runDir, home);
    expect(swept).toEqual({ found: [], killed: 0, cleared: 1 });
    expect(sweepLine(swept)).toContain("already gone");
  });
});
