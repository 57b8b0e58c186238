/**
 * Sentences about loads that take long: workers that are held up by signals while they load.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { workerHealth, type WorkerView } from "../../../src/protocol/api.ts";
import { waitUntil } from "../../support/children.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { hasEnded, step, type World } from "../world.ts";
import { listed, spawn, untilLoading } from "./workers.ts";

const WITHIN_MS = 30_000;

/** It takes a while to load, and not long to make. */
const largeModel = (): string => `file:${randomModel({ size: "150m" })}`;

/** Its process answers, so that its model has begun to load. */
async function hasBegun({ node }: World, { id }: Pick<WorkerView, "id">): Promise<boolean> {
  const reply = await node.call("GET", `/v1/workers/${id}/health`);
  if (reply.status !== 200) return false;
  const { state, uptimeMs } = workerHealth.parse(reply.json());
  return state === "loading" && uptimeMs !== undefined;
}

async function holdUp({ pid }: Pick<WorkerView, "pid">, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  // So long it is held up: nothing is waited for.
  await pause(ms);
  process.kill(pid, "SIGCONT");
}

async function holdUpLoading(world: World, ms: number): Promise<void> {
  world.worker = await untilLoading(world);
  await waitUntil(() => hasBegun(world, world.worker), WITHIN_MS);
  await holdUp(world.worker, ms);
}

step("a worker for the large model is asked for", (world) => spawn(world, largeModel()));
step("it is held up {int} times for {int} ms while it loads, and goes on in between", async (world, times, ms) => {
  for (let time = 0; time < times; time += 1) await holdUpLoading(world, ms);
});

step("a job {string} for the large model is submitted", (world, name) =>
  world.submit(name, { prompt: "Once", max_tokens: 5, model: largeModel() }),
);
step("each worker that loads for {string} is held up for {int} ms", async (world, name, ms) => {
  const { heard } = world.job(name);
  const heldUp = new Set<string>();
  await waitUntil(async () => {
    const loading = (await listed(world.node)).filter(({ state, pid }) => state === "loading" && pid > 0);
    const [found] = loading.filter(({ id }) => !heldUp.has(id));
    if (found !== undefined && (await hasBegun(world, found))) {
      heldUp.add(found.id);
      world.worker = found;
      await holdUp(found, ms);
    }
    return hasEnded(heard);
  }, WITHIN_MS);
  expect(heldUp.size).toBeGreaterThan(0);
});
step("{string} was advised to raise {string}", (world, name, setting) => {
  const end = world.job(name).heard.find(({ type }) => type === "error");
  expect(end).toMatchObject({ advice: expect.stringContaining(`raise ${setting}`) });
});
