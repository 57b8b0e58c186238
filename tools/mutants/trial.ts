/**
 * One mutant before its judges: the tests that should notice are run until one does.
 *
 * Owns: running test files in a tree and what their report means. Does not own: the edit (tree.ts), printing.
 *
 *  J1 Killed means that a test ran and failed. A file that cannot be loaded, or a runner that breaks, proves nothing.
 *  J2 A trial ends within its limit, with every process it began. It counts as killed only where a hang is expected.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Mutant } from "./mutant.ts";
import { withMutant } from "./tree.ts";

export type Verdict =
  /** `by` is the test that noticed; a mutant that may hang can be killed by no test in particular. */
  | { readonly outcome: "killed"; readonly by: string; readonly file: string }
  | { readonly outcome: "survived" }
  /** The trial says nothing about the tests. */
  | { readonly outcome: "broken"; readonly why: string };

export type Trial = Verdict & { readonly seconds: number };

const TRIAL_LIMIT_MS = 60_000;
/** Where a hang is expected, no longer than the slowest killer takes on a busy machine. */
const HANG_LIMIT_MS = 30_000;
/** A test that waits for what will never come fails well before that. */
const TEST_LIMIT = "--testTimeout=20000";
/** A test that measures time is no judge here: a busy machine fails it, whatever is planted. */
const NO_MEASURES = "--testNamePattern=^(?!.*well under a second)";
/** One seed for every run: what kills a mutant today kills it tomorrow. */
const SEED = process.env["RBEE_SEED"] ?? "20260101";

export async function tryMutant(tree: string, mutant: Mutant, limitMs?: number): Promise<Trial> {
  const startedMs = performance.now();
  const untilMs = startedMs + (limitMs ?? (mutant.mayHang === true ? HANG_LIMIT_MS : TRIAL_LIMIT_MS));
  const verdict = await withMutant(tree, mutant, () => judge(tree, mutant, untilMs));
  return { ...verdict, seconds: (performance.now() - startedMs) / 1000 };
}

async function judge(tree: string, { killers, mayHang }: Mutant, untilMs: number): Promise<Verdict> {
  for (const file of killers) {
    const run = await runTests(tree, [file], { limitMs: untilMs - performance.now(), workers: 1, bail: true });
    if (run.kind === "hung") {
      if (mayHang === true) return { outcome: "killed", by: "it hangs, as expected", file };
      return { outcome: "broken", why: `${file} did not end in time` };
    }
    if (run.kind === "broken") return { outcome: "broken", why: run.why };
    const [first] = run.failed;
    if (first !== undefined) return { outcome: "killed", by: first, file };
  }
  return { outcome: "survived" };
}

export type Run =
  | { readonly kind: "ran"; readonly passed: number; readonly failed: readonly string[] }
  | { readonly kind: "hung" }
  | { readonly kind: "broken"; readonly why: string };

export interface RunOptions {
  readonly limitMs: number;
  readonly workers: number;
  readonly bail: boolean;
}

export async function runTests(tree: string, files: readonly string[], options: RunOptions): Promise<Run> {
  // In the tree, so that it goes with it.
  const path = join(tree, "node_modules", "report.json");
  rmSync(path, { force: true });
  const ended = await vitest(tree, [...files, `--outputFile=${path}`], options);
  return ended === undefined ? { kind: "hung" } : read(path, ended);
}

interface Ended {
  readonly code: number | null;
  readonly printed: string;
}

/** @returns undefined when it had to be killed */
function vitest(tree: string, args: readonly string[], options: RunOptions): Promise<Ended | undefined> {
  const { limitMs, workers, bail } = options;
  const flags = [
    "--reporter=json",
    `--maxWorkers=${workers}`,
    "--no-cache",
    "--fsModuleCache=false",
    TEST_LIMIT,
    NO_MEASURES,
  ];
  const program = join(tree, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(process.execPath, [program, "run", ...flags, ...(bail ? ["--bail=1"] : []), ...args], {
    cwd: tree,
    // A group of its own, so that what it forked ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...ownEnvironment(), RBEE_SEED: SEED, NO_COLOR: "1" },
  });
  let printed = "";
  const keep = (bytes: Buffer): void => {
    printed = (printed + bytes.toString()).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const kill = (): void => {
    const runs = child.exitCode === null && child.signalCode === null;
    if (child.pid !== undefined && runs) process.kill(-child.pid, "SIGKILL");
  };
  // Before the tree that it runs in is removed.
  process.prependOnceListener("exit", kill);
  return new Promise((resolve) => {
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      kill();
    }, limitMs);
    child.once("error", (error) => keep(Buffer.from(error.message)));
    child.once("close", (code) => {
      clearTimeout(timer);
      process.removeListener("exit", kill);
      resolve(hung ? undefined : { code, printed });
    });
  });
}

/** Not what a test runner around this process has set for its own workers. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), title: z.string(), status: z.string() })),
    }),
  ),
});

function read(path: string, { code, printed }: Ended): Run {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { kind: "broken", why: `no report: ${printed.trim().slice(-500)}` };
  }
  const { testResults } = reportSchema.parse(JSON.parse(text));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === "failed").map(({ title }) => title);
  const passed = tests.filter(({ status }) => status === "passed").length;
  // The report knows nothing of errors outside every test; the exit code does.
  if (failed.length > 0 || (code === 0 && passed > 0)) return { kind: "ran", passed, failed };
  const [why] = testResults.flatMap(({ message }) => (message === "" ? [] : [message]));
  return { kind: "broken", why: why ?? `no test failed, and yet: ${printed.trim().slice(-500)}` };
}
