/**
 * Goal: no process outlives its parent, at whatever moment and in whatever state either is killed.
 * Method: families of nine real processes, three generations, a kill at a seeded random moment from before the first
 * fork to well after the last, and the kernel's own list of who is left. RBEE_SEED repeats a run.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { processFacts } from "../../src/hosts/real/kernel.ts";
import { sweep, sweepLine } from "../../src/hosts/real/sweep.ts";
import { processesWith, waitUntil, waitUntilGone } from "../support/children.ts";

const GONE_MS = 500;
const FAMILY_START_MS = 900;
const program = resolve(import.meta.dirname, "../support/cascade-program.ts");
const seed = Number(process.env["RBEE_SEED"]);
const slowestMs = new Map<string, number>();

/** xorshift32 over the seed and the round, so that a round repeats by itself. */
function randomOf(round: number): () => number {
  let state = (seed * 2_654_435_761 + round * 40_503 + 1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

interface Family {
  readonly root: ChildProcess & { readonly pid: number };
  readonly home: string;
  readonly alive: () => number[];
  /** All nine run their program. */
  readonly complete: () => boolean;
  /** The living of one child and its leaf. */
  readonly line: (index: number) => number[];
}

function startFamily(traits: readonly string[], path = process.env["PATH"]): Family {
  const home = mkdtempSync(join(tmpdir(), "rbee-cascade-"));
  const env = { PATH: path, RBEE_TEST_ROUND: home };
  const child = spawn(process.execPath, [program, "root", home, "root", ...traits], { env, stdio: "ignore" });
  const { pid } = child;
  if (pid === undefined) throw new Error("the root of a family did not start");
  const alive = (): number[] => processesWith("RBEE_TEST_ROUND", home);
  const line = (index: number): number[] => {
    const inLine = processesWith("RBEE_TEST_LINE", `root-${index}`);
    return alive().filter((member) => inLine.includes(member));
  };
  const complete = (): boolean => readdirSync(home).filter((name) => name.endsWith(".ready")).length === 9;
  return { root: Object.assign(child, { pid }), home, alive, complete, line };
}

async function expectAllGone(kind: string, family: Family): Promise<void> {
  const tookMs = await waitUntilGone(family.alive, GONE_MS);
  slowestMs.set(kind, Math.max(tookMs, slowestMs.get(kind) ?? 0));
}

/** The next start finds nobody alive, forgets what was on record, and has a word for it. */
async function expectSweptClean(family: Family): Promise<void> {
  const runDir = join(family.home, "run");
  const swept = await sweep(runDir, family.home);
  expect(swept.found).toEqual([]);
  if (swept.cleared > 0) {
    expect(sweepLine(swept)).toContain(`${swept.cleared}`);
    expect(readdirSync(join(runDir, "processes"))).toEqual([]);
  }
  rmSync(family.home, { recursive: true, force: true });
}

/** Past the first instant, in which a stop leaves a process to the next sweep; see src/runtime/lifeline.ts. */
function runsItsProgram(pid: number): boolean {
  const isLeader = processFacts(pid)?.group === pid;
  return isLeader && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${process.execPath}\0--import`);
}

describe(`no process outlives its parent (seed ${seed})`, () => {
  afterAll(() => {
    const worst = [...slowestMs].map(([kind, ms]) => `${kind} ${Math.round(ms)}`).join(", ");
    console.log(`seed ${seed}; the slowest family was gone after, in ms: ${worst}`);
  });

  const atRandomMoment = (round: number, kind: string, traits: readonly string[], kill: (family: Family) => void) =>
    test(`round ${round}: ${kind}`, async () => {
      const family = startFamily(traits);
      await pause(randomOf(round)() * FAMILY_START_MS);
      kill(family);
      await expectAllGone(kind, family);
      await expectSweptClean(family);
    });

  const killRoot = ({ root }: Family): void => void process.kill(root.pid, "SIGKILL");
  const stopAndKillRoot = (family: Family): void => {
    process.kill(family.root.pid, "SIGSTOP");
    killRoot(family);
  };
  const stopSomeAndKillRoot = (family: Family): void => {
    for (const pid of family.alive().filter(runsItsProgram)) if (pid % 2 === 0) process.kill(pid, "SIGSTOP");
    killRoot(family);
  };

  for (const round of [1, 2, 3]) atRandomMoment(round, "root killed", [], killRoot);
  for (const round of [4, 5]) atRandomMoment(round, "root stopped, then killed", [], stopAndKillRoot);
  for (const round of [6, 7]) atRandomMoment(round, "root killed, main loops blocked", ["block"], killRoot);
  for (const round of [8, 9]) atRandomMoment(round, "root killed, others stopped", [], stopSomeAndKillRoot);

  test("round 10: a child killed takes its leaf with it, and nobody else", async () => {
    const family = startFamily([]);
    await waitUntil(family.complete, 10_000);
    const [child = 0] = family.line(2);
    process.kill(child, "SIGKILL");
    await waitUntilGone(() => family.line(2), GONE_MS);
    expect(family.alive()).toHaveLength(7);
    killRoot(family);
    await expectAllGone("a child killed, then the root", family);
    await expectSweptClean(family);
  });

  test("where the kernel does not help, the lifeline alone ends a whole family", async () => {
    const family = startFamily([], "/nowhere");
    await waitUntil(family.complete, 10_000);
    stopAndKillRoot(family);
    await expectAllGone("lifeline alone", family);
    await expectSweptClean(family);
  });
});
