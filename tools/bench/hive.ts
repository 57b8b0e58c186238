/**
 * A worker's start and its memory, beside the binding alone in a process that was forked for it.
 *
 * From asking for a worker over the node's socket until the node says that it is ready; and from the fork until the
 * model is loaded. Both load the same small file with one sequence on the processor, and take turns.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeRandomModel } from "../starter/random-model.ts";
import type { PlainStart } from "./infer-plain.ts";
import { residentBytes } from "./kernel-facts.ts";
import { type Bench, bounded, median, type Print } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess } from "./node-process.ts";

const PLAIN = fileURLToPath(new URL("./infer-plain.ts", import.meta.url));
const CONTEXT_TOKENS = 256;
const RUNS = 9;
const TOGETHER = 20;
const TOGETHER_RUNS = 3;
const RATIO_MAX = 1.3;
const POLL_MS = 5;
const READY_MS = 120_000;
const MIB = 2 ** 20;

export const hiveBench: Bench = {
  name: "hive",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const modelPath = join(folder, "model.gguf");
      writeRandomModel({ path: modelPath, seed: 1, size: "tiny", chatTemplate: false });
      const node = await startNodeProcess(join(folder, "home"), {
        RBEE_WORKER_SLOTS: "1",
        RBEE_WORKER_CONTEXT_TOKENS: String(CONTEXT_TOKENS),
        RBEE_WORKER_THREADS: "1",
        RBEE_WORKER_GPU: "none",
      });
      try {
        const sides = new Sides(node, modelPath);
        // The starter, warm since the node began, is nobody's part here.
        await sides.stopAll();
        await starts(sides, { name: "spawn-to-ready", at: 1, runs: RUNS, ratioMax: RATIO_MAX }, print);
        await starts(sides, { name: `spawn-x${TOGETHER}`, at: TOGETHER, runs: TOGETHER_RUNS }, print);
        await memory(sides, print);
      } finally {
        await node.stop();
      }
    });
  },
};

interface Starts {
  readonly name: string;
  /** So many at once. */
  readonly at: number;
  readonly runs: number;
  readonly ratioMax?: number;
}

async function starts(sides: Sides, { name, at, runs, ratioMax }: Starts, print: Print): Promise<void> {
  const values: number[] = [];
  const plain: number[] = [];
  // The first of all is for the disk's cache.
  for (let run = at === 1 ? -1 : 0; run < runs; run += 1) {
    const workerMs = (await sides.workers(at)).tookMs;
    await sides.stopAll();
    const forkMs = (await sides.forks(at)).tookMs;
    sides.endForks();
    if (run < 0) continue;
    values.push(workerMs);
    plain.push(forkMs);
  }
  const baseline = median(plain);
  const line = { bench: "hive", case: name, unit: "ms", values, value: median(values), baseline };
  print(bounded(ratioMax === undefined ? line : { ...line, atMost: baseline * ratioMax }));
}

async function memory(sides: Sides, print: Print): Promise<void> {
  const values: number[] = [];
  const plain: number[] = [];
  for (let run = 0; run < TOGETHER_RUNS; run += 1) {
    for (const pid of (await sides.workers(1)).pids) values.push(residentBytes(pid) / MIB);
    await sides.stopAll();
    for (const pid of (await sides.forks(1)).pids) plain.push(residentBytes(pid) / MIB);
    sides.endForks();
  }
  const baseline = median(plain);
  print(bounded({ bench: "hive", case: "worker-memory", unit: "MiB", values, value: median(values), baseline }));
}

interface Started {
  readonly tookMs: number;
  readonly pids: readonly number[];
}

class Sides {
  readonly #node: NodeProcess;
  readonly #modelPath: string;
  #forks: ChildProcess[] = [];

  constructor(node: NodeProcess, modelPath: string) {
    this.#node = node;
    this.#modelPath = modelPath;
  }

  /** So many workers, asked for together, until the node says that all are ready. */
  async workers(count: number): Promise<Started> {
    const { client } = this.#node;
    const startedMs = performance.now();
    const model = `file:${this.#modelPath}`;
    await Promise.all(Array.from({ length: count }, () => client.spawnWorker(model)));
    for (;;) {
      const ready = (await client.workers()).filter(({ state }) => state === "idle");
      const tookMs = performance.now() - startedMs;
      if (ready.length === count) return { tookMs, pids: ready.map(({ pid }) => pid) };
      if (tookMs > READY_MS) throw new Error(`${ready.length} of ${count} workers are ready after ${READY_MS} ms`);
      await pause(POLL_MS);
    }
  }

  async stopAll(): Promise<void> {
    const { client } = this.#node;
    for (const { id } of await client.workers()) await client.stopWorker(id);
    while ((await client.workers()).length > 0) await pause(POLL_MS);
  }

  /** So many processes with the binding alone. */
  async forks(count: number): Promise<Started> {
    const startedMs = performance.now();
    const start: PlainStart = { modelPath: this.#modelPath, contextTokens: CONTEXT_TOKENS, sequences: 1 };
    this.#forks = Array.from({ length: count }, () => fork(PLAIN, [JSON.stringify(start)]));
    await Promise.all(this.#forks.map((child) => once(child, "message")));
    return { tookMs: performance.now() - startedMs, pids: this.#forks.flatMap(({ pid }) => pid ?? []) };
  }

  endForks(): void {
    for (const child of this.#forks) child.kill("SIGKILL");
    this.#forks = [];
  }
}
