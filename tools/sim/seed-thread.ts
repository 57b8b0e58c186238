/**
 * A thread that runs seeds: it takes the next one until none is left, and says what became of each.
 *
 *  T1 Each seed is run twice; it is `ok` when no rule was broken and both runs are the same.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { proveRun } from "../../test/simulation/bundle.ts";
import { run } from "../../test/simulation/run.ts";
import { drawScenario, type Drawing } from "../../test/simulation/scenario.ts";
import { everyRunProves } from "../../test/support/bundle.ts";

export interface SeedTask {
  readonly drawing: Drawing;
  readonly last: number;
  /** Its first word is the next seed: shared by all threads. */
  readonly next: Int32Array;
}

export interface SeedReport {
  readonly seed: number;
  readonly ok: boolean;
  readonly hash: string;
  /** Of one run. */
  readonly steps: number;
  readonly simulatedMs: number;
  /** Of both runs. */
  readonly wallMs: number;
  /** The rule that was broken first. */
  readonly broken?: string;
  readonly seen: readonly string[];
}

async function runSeed(seed: number, drawing: Drawing): Promise<SeedReport> {
  const scenario = drawScenario(seed, drawing);
  const startedMs = performance.now();
  const first = await run(scenario);
  const second = everyRunProves() ? (await proveRun(scenario)).outcome : await run(scenario);
  const { hash, steps, virtualMs: simulatedMs, violation, seen } = first;
  const broken = violation?.invariant ?? (second.hash === hash ? undefined : "RX1");
  const wallMs = Math.round(performance.now() - startedMs);
  const report = { seed, ok: broken === undefined, hash, steps, simulatedMs, wallMs, seen: [...seen] };
  return broken === undefined ? report : { ...report, broken };
}

const { drawing, last, next } = workerData as SeedTask;
for (let seed = Atomics.add(next, 0, 1); seed <= last; seed = Atomics.add(next, 0, 1)) {
  const report = await runSeed(seed, drawing);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(report);
}
