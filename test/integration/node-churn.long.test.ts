/**
 * Goal: fifty workers that come and go in any order leave a node as it was, and a machine its memory.
 * Method: the real program; workers of the smallest model are started and stopped for five minutes in an order drawn
 *         from a seed, now and then one is killed. Then everything is stopped, and what is held is weighed.
 *
 * What is allowed above the baseline: no process, no descriptor, no byte booked; of the node's own memory 25 % and
 * 48 MiB, which is what its heap may keep of its busiest moment.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { HiveStatusView, WorkerView } from "../../src/protocol/api.ts";
import { killIfThere, waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { randomModel } from "../support/tiny-models.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const WORKERS_MAX = 50;
const MINUTES = 5;
/** Well below what a model may die in a minute. */
const KILL_EVERY_MS = 25_000;
const MIB = 2 ** 20;

const fieldOf = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
const availableBytes = (): number =>
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024;
const bookedBytes = async (node: TestNode): Promise<number> =>
  ((await node.call("GET", "/v1/hive/status")).json() as HiveStatusView).hive.memory.bookedBytes;

async function stopAll(node: TestNode): Promise<void> {
  for (const { id } of await node.workers()) await node.call("POST", "/v1/workers/stop", { worker: id });
  await waitUntil(async () => (await node.workers()).length === 0 && node.processes().length === 0, 60_000);
}

/** The fewest within a while: connections and heaps settle. */
async function settled(measure: () => number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    least = Math.min(least, measure());
    await pause(250);
  }
  return least;
}

const held = async (node: TestNode) => ({
  descriptors: await settled(() => node.descriptors()),
  rssBytes: await settled(() => fieldOf(node.pid, "VmRSS")),
});

test(
  `${WORKERS_MAX} workers that come and go for ${MINUTES} minutes leave nothing behind (seed ${SEED})`,
  { timeout: (MINUTES + 5) * 60_000 },
  async () => {
    const chance = new Prng(SEED);
    const model = `file:${randomModel()}`;
    const node = await startNode({
      env: { RBEE_WORKER_SLOTS: "1", RBEE_WORKER_CONTEXT_TOKENS: "256", RBEE_WORKER_THREADS: "1" },
    });
    const spawn = (): Promise<unknown> => node.call("POST", "/v1/workers/spawn", { model });
    await Promise.all(Array.from({ length: 5 }, spawn));
    await node.worker(model, "idle");
    await stopAll(node);
    const before = await held(node);

    const untilMs = performance.now() + MINUTES * 60_000;
    let killedMs = performance.now();
    let [started, stopped, most] = [0, 0, 0];
    while (performance.now() < untilMs) {
      const workers = await node.workers();
      most = Math.max(most, workers.length);
      const one: WorkerView | undefined = chance.pick(workers.length === 0 ? [undefined] : workers);
      // Until the house is full it grows; then it breathes.
      const grows = workers.length < WORKERS_MAX && chance.chance(most < WORKERS_MAX ? 0.75 : 0.5);
      if (grows || one === undefined) {
        await spawn();
        started += 1;
      } else if (performance.now() - killedMs > KILL_EVERY_MS && one.pid > 0) {
        killedMs = performance.now();
        killIfThere(one.pid);
      } else {
        await node.call("POST", "/v1/workers/stop", { worker: one.id });
        stopped += 1;
      }
      await pause(chance.int(0, 400));
    }
    await stopAll(node);
    const after = await held(node);
    console.log(`${started} started, ${stopped} stopped, ${most} at most; held ${JSON.stringify({ before, after })}`);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.rssBytes).toBeLessThanOrEqual(before.rssBytes * 1.25 + 48 * MIB);
    expect([await bookedBytes(node), (await node.status()).queen.state]).toEqual([0, "serving"]);
    expect(started).toBeGreaterThan(50);
  },
);

test(
  "a model of some hundred megabytes that was idle for its time gives the machine its memory back",
  { timeout: 120_000 },
  async () => {
    const node = await startNode({ env: { RBEE_WORKER_IDLE_TIMEOUT: "5s" } });
    await stopAll(node);
    const model = `file:${randomModel({ size: "150m" })}`;
    const beforeBytes = availableBytes();
    await node.call("POST", "/v1/workers/spawn", { model });
    const { pid } = await node.worker(model, "idle");
    const rssBytes = fieldOf(pid, "VmRSS");
    expect(rssBytes).toBeGreaterThan(150 * MIB);
    await waitUntil(async () => (await node.workers()).length === 0, 30_000);
    expect([existsSync(`/proc/${pid}`), node.processes(), await bookedBytes(node)]).toEqual([false, [], 0]);
    // Within the size of the process itself: others take and give meanwhile.
    await waitUntil(() => availableBytes() > beforeBytes - rssBytes, 30_000);
    console.log(
      `the worker held ${Math.round(rssBytes / MIB)} MiB; available ${Math.round(beforeBytes / MIB)} MiB before, ` +
        `${Math.round(availableBytes() / MIB)} MiB after`,
    );
  },
);
