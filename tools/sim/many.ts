/**
 * Many seeds, each run twice: do they keep every rule, repeat themselves, and reach what is interesting?
 *
 * @module
 */
import { loadavg } from "node:os";
import { run } from "../../test/simulation/run.ts";
import { drawScenario, type Drawing } from "../../test/simulation/scenario.ts";
import { DECLARED } from "../../test/simulation/sometimes.ts";
import { bareStepsPerSecond } from "./bare-steps.ts";
import { keepProof } from "./failing.ts";

export interface ManySettings {
  readonly first: number;
  readonly count: number;
  readonly drawing: Drawing;
  readonly json: boolean;
  readonly out: string;
}

interface Tally {
  seeds: number;
  steps: number;
  virtualMs: number;
  realMs: number;
  cpuMs: number;
  readonly failed: number[];
  readonly unequal: number[];
  /** Name -> in how many seeds. */
  readonly seen: Map<string, number>;
}

/** So many seeds must reach everything; with fewer, what is missing is only told. */
const SEEDS_FOR_ALL = 1000;
const BUNDLES_MAX = 5;
const PROGRESS_MS = 2000;

/** @returns the exit code. */
export async function many({ first, count, drawing, json, out }: ManySettings): Promise<0 | 1> {
  const tally: Tally = {
    seeds: 0,
    steps: 0,
    virtualMs: 0,
    realMs: 0,
    cpuMs: 0,
    failed: [],
    unequal: [],
    seen: new Map(),
  };
  let toldMs = performance.now();
  for (let seed = first; seed < first + count; seed += 1) {
    const scenario = drawScenario(seed, drawing);
    const [startedMs, used] = [performance.now(), process.cpuUsage()];
    const outcome = await run(scenario);
    tally.realMs += performance.now() - startedMs;
    tally.cpuMs += process.cpuUsage(used).user / 1000;
    tally.seeds += 1;
    tally.steps += outcome.steps;
    tally.virtualMs += outcome.virtualMs;
    for (const name of outcome.seen) tally.seen.set(name, (tally.seen.get(name) ?? 0) + 1);
    if ((await run(scenario)).hash !== outcome.hash) tally.unequal.push(seed);
    if (outcome.violation !== undefined) {
      tally.failed.push(seed);
      if (tally.failed.length <= BUNDLES_MAX) await keepProof(scenario, outcome.violation, out);
    }
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    console.error(`seed ${seed}: ${tally.seeds} of ${count}, ${tally.steps} steps, ${tally.failed.length} failed`);
  }
  const missing = DECLARED.filter((name) => !tally.seen.has(name));
  if (json) console.log(JSON.stringify({ ...tally, seen: Object.fromEntries(tally.seen), missing }));
  else console.log(tableOf(tally, missing));
  const isShort = count >= SEEDS_FOR_ALL && missing.length > 0;
  return tally.failed.length > 0 || tally.unequal.length > 0 || isShort ? 1 : 0;
}

function tableOf(tally: Tally, missing: readonly string[]): string {
  const seconds = tally.realMs / 1000;
  const rows: readonly (readonly [string, string])[] = [
    ["seeds", String(tally.seeds)],
    ["steps", String(tally.steps)],
    ["steps/s, checkers on", String(Math.round(tally.steps / seconds))],
    ["  of processor time", String(Math.round((tally.steps * 1000) / tally.cpuMs))],
    ["  bare XState steps/s", String(Math.round(bareStepsPerSecond()))],
    ["  load of this machine", loadavg()[0]?.toFixed(1) ?? ""],
    ["simulated s per real s", String(Math.round(tally.virtualMs / 1000 / seconds))],
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
