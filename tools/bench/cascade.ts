/**
 * How long after a node is killed with SIGKILL the last of its descendants is gone.
 *
 * A node with two workers that have their model loaded, each time a new one; who descends from it is what the kernel
 * says just before the kill. A zombie counts as gone: it holds nothing but its number.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { processFacts } from "../../src/hosts/real/kernel.ts";
import { descendants } from "./kernel-facts.ts";
import { type Bench, bounded, median } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess } from "./node-process.ts";

const ROUNDS = 50;
const WORKERS = 2;
const READY_MS = 30_000;
const GONE_MS = 10_000;
const POLL_MS = 1;

export const cascadeBench: Bench = {
  name: "cascade",
  async run(print) {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) took.push(await inTemporaryFolder(killOne));
    const line = { bench: "cascade", unit: "ms", values: took };
    print(bounded({ ...line, case: "last-gone-p50", value: median(took) }));
    print(bounded({ ...line, case: "last-gone-max", value: Math.max(...took) }));
  },
};

async function killOne(folder: string): Promise<number> {
  const node = await startNodeProcess(join(folder, "home"));
  try {
    // The first comes by itself, so when it is there the queen serves.
    for (let idle = 1; idle <= WORKERS; idle += 1) {
      if (idle > 1) await node.client.spawnWorker("starter");
      await untilIdle(node, idle);
    }
    const family = descendants(node.pid);
    if (family.length < WORKERS) throw new Error(`${family.length} descendants of a node with ${WORKERS} workers`);
    const killedMs = performance.now();
    process.kill(node.pid, "SIGKILL");
    while (family.some(isAlive)) {
      if (performance.now() - killedMs > GONE_MS)
        throw new Error(`not gone within ${GONE_MS} ms: ${family.filter(isAlive).join(", ")}`);
      await pause(POLL_MS);
    }
    return performance.now() - killedMs;
  } finally {
    if (isAlive(node.pid)) process.kill(node.pid, "SIGKILL");
    await node.exited;
  }
}

async function untilIdle({ client }: NodeProcess, count: number): Promise<void> {
  const giveUpMs = performance.now() + READY_MS;
  for (;;) {
    const workers = await client.workers();
    if (workers.filter(({ state }) => state === "idle").length === count) return;
    if (performance.now() > giveUpMs)
      throw new Error(`there are no ${count} workers ready: ${JSON.stringify(workers)}`);
    await pause(20);
  }
}

function isAlive(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && facts.state !== "Z";
}
