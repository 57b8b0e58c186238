/**
 * Many seeds, each run twice: do they keep every rule, repeat themselves, and reach what is interesting?
 *
 * Owns: the threads, one a processor, and what is said of all seeds together. Does not own: one seed (seed-thread.ts).
 *
 * @module
 */
import { loadavg, availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { run } from "../../test/simulation/run.ts";
import { drawScenario, type Drawing } from "../../test/simulation/scenario.ts";
import { DECLARED } from "../../test/simulation/sometimes.ts";
import { bareStepsPerSecond } from "./bare-steps.ts";
import { keepProof } from "./failing.ts";
import type { SeedReport, SeedTask } from "./seed-thread.ts";

export interface ManySettings {
  readonly first: number;
  readonly count: number;
  readonly drawing: Drawing;
  readonly json: boolean;
}

interface Tally {
  seeds: number;
  steps: number;
  virtualMs: number;
  readonly failed: number[];
  readonly unequal: number[];
  /** Name -> in how many seeds. */
  readonly seen: Map<string, number>;
}

interface Took {
  readonly threads: number;
  readonly realMs: number;
  readonly cpuMs: number;
}

/** So many seeds must reach everything; with fewer, what is missing is only told. */
const SEEDS_FOR_ALL = 1000;
const BUNDLES_MAX = 5;
const PROGRESS_MS = 2000;
/** A seed is run so often. */
const RUNS = 2;
/** A run drops almost all that it makes: with the usual young space a tenth of its time goes into copying what dies. */
const YOUNG_SPACE_MB = 128;

/** @returns the exit code. */
export async function many({ first, count, drawing, json }: ManySettings): Promise<0 | 1> {
  const tally: Tally = { seeds: 0, steps: 0, virtualMs: 0, failed: [], unequal: [], seen: new Map() };
  let toldMs = performance.now();
  const hear = inOrder(first, (report) => {
    add(tally, report);
    if (json) console.log(JSON.stringify(lineOf(report)));
    if (performance.now() - toldMs < PROGRESS_MS) return;
    toldMs = performance.now();
    const { seeds, steps, failed } = tally;
    console.error(`${seeds} of ${count} seeds, ${steps} steps, ${failed.length} failed`);
  });
  const took = await runAll({ drawing, first, last: first + count - 1 }, hear);
  for (const seed of tally.failed.toSorted((a, b) => a - b).slice(0, BUNDLES_MAX)) await prove(seed, drawing);
  const missing = DECLARED.filter((name) => !tally.seen.has(name));
  (json ? console.error : console.log)(tableOf(tally, took, missing));
  const isShort = count >= SEEDS_FOR_ALL && missing.length > 0;
  return tally.failed.length > 0 || tally.unequal.length > 0 || isShort ? 1 : 0;
}

async function runAll(
  { drawing, first, last }: { readonly drawing: Drawing; readonly first: number; readonly last: number },
  hear: (report: SeedReport) => void,
): Promise<Took> {
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(first);
  const workerData: SeedTask = { drawing, last, next };
  const threads = Math.min(availableParallelism(), last - first + 1);
  const [startedMs, used] = [performance.now(), process.cpuUsage()];
  await Promise.all(Array.from({ length: threads }, () => oneThread(workerData, hear)));
  return { threads, realMs: performance.now() - startedMs, cpuMs: process.cpuUsage(used).user / 1000 };
}

const oneThread = (workerData: SeedTask, hear: (report: SeedReport) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_SPACE_MB };
    const thread = new Worker(new URL("./seed-thread.ts", import.meta.url), { workerData, resourceLimits });
    thread.on("message", hear);
    thread.once("error", reject);
    thread.once("exit", () => resolve());
  });

/** Threads end their seeds in any order; whoever reads of them wants them by number. */
function inOrder(first: number, hear: (report: SeedReport) => void): (report: SeedReport) => void {
  const early = new Map<number, SeedReport>();
  let next = first;
  return (report) => {
    early.set(report.seed, report);
    for (let ready = early.get(next); ready !== undefined; ready = early.get(next)) {
      early.delete(next);
      hear(ready);
      next += 1;
    }
  };
}

function add(tally: Tally, { seed, steps, simulatedMs, broken, seen }: SeedReport): void {
  tally.seeds += 1;
  tally.steps += steps;
  tally.virtualMs += simulatedMs;
  if (broken === "RX1") tally.unequal.push(seed);
  else if (broken !== undefined) tally.failed.push(seed);
  for (const name of seen) tally.seen.set(name, (tally.seen.get(name) ?? 0) + 1);
}

const lineOf = ({ seen: _seen, ...line }: SeedReport): Omit<SeedReport, "seen"> => line;

/** The seed is run once more, here, to be shrunk and written down. */
async function prove(seed: number, drawing: Drawing): Promise<void> {
  const scenario = drawScenario(seed, drawing);
  const { violation } = await run(scenario);
  if (violation !== undefined) await keepProof(scenario, violation);
}

function tableOf(tally: Tally, { threads, realMs, cpuMs }: Took, missing: readonly string[]): string {
  const seconds = realMs / 1000;
  const steps = tally.steps * RUNS;
  const rows: readonly (readonly [string, string])[] = [
    ["seeds", `${tally.seeds}, each run ${RUNS} times`],
    ["steps", String(steps)],
    ["steps/s, checkers on", `${Math.round(steps / seconds)} in ${threads} threads`],
    ["  of processor time", String(Math.round((steps * 1000) / cpuMs))],
    ["  bare XState steps/s", `${Math.round(bareStepsPerSecond())} in one thread`],
    ["  load of this machine", loadavg()[0]?.toFixed(1) ?? ""],
    ["simulated s per real s", String(Math.round((tally.virtualMs * RUNS) / 1000 / seconds))],
    ["run twice, same hash", `${tally.seeds - tally.unequal.length} of ${tally.seeds} ${listed(tally.unequal)}`],
    ["a rule was broken in", `${tally.failed.length} ${listed(tally.failed)}`],
    ["sometimes", `${DECLARED.length - missing.length} of ${DECLARED.length} reached`],
  ];
  const seldom = DECLARED.map((name) => [name, tally.seen.get(name) ?? 0] as const).toSorted((a, b) => a[1] - b[1]);
  const lines = rows.map(([name, value]) => `${name.padEnd(24)} ${value}`);
  return [
    ...lines,
    "seldom reached, in seeds:",
    ...seldom.slice(0, 12).map(([name, n]) => `  ${String(n).padStart(6)}  ${name}`),
  ].join("\n");
}

const listed = (seeds: readonly number[]): string => (seeds.length === 0 ? "" : `(${seeds.slice(0, 20).join(", ")})`);
