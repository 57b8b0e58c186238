/**
 * Sentences about how well workers are, and how those ended that are gone.
 *
 * @module
 */
import { expect } from "vitest";
import { type HiveStatusView, workerHealth, type WorkerEnd, type WorkerHealth } from "../../../src/protocol/api.ts";
import { waitUntil } from "../../support/children.ts";
import { endlessModel, step, type World } from "../world.ts";

const WITHIN_MS = 20_000;

async function healthOf({ node, worker }: World): Promise<WorkerHealth> {
  const reply = await node.call("GET", `/v1/workers/${worker.id}/health`);
  expect(reply.status, reply.text).toBe(200);
  return workerHealth.parse(reply.json());
}

async function endOf({ node, worker }: World): Promise<WorkerEnd> {
  let end: WorkerEnd | undefined;
  await waitUntil(async () => {
    const { hive } = (await node.call("GET", "/v1/hive/status")).json() as HiveStatusView;
    end = hive.ends.find((one) => one.worker === worker.id);
    return end !== undefined;
  }, WITHIN_MS);
  return end as WorkerEnd;
}

step("it is well, as a real inference has just proved", async (world) => {
  const health = await healthOf(world);
  expect(health).toMatchObject({ well: true, pid: world.worker.pid, proof: { by: "probe" } });
  expect(health.proof?.probe?.totalMs).toBeGreaterThan(0);
});

step("its end is told as {string}, by {string}", async (world, code, how) => {
  expect(await endOf(world)).toMatchObject({ code, how, pid: world.worker.pid });
});
step("its end is told with its model, its signal {string}, its last lines and its time", async (world, signal) => {
  const end = await endOf(world);
  expect(end).toMatchObject({ model: world.worker.model, how: `signal ${signal}` });
  expect(end.message).toContain(signal);
  expect(end.lastLines).toBeInstanceOf(Array);
  expect(Math.abs(Date.now() - Date.parse(end.endedAt))).toBeLessThan(WITHIN_MS);
});
step("that worker is ended by the signal {string}", ({ worker }, signal) =>
  process.kill(worker.pid, signal as NodeJS.Signals),
);

step("it is known how often workers of its model have died", async (world) => {
  world.restartsBefore = (await healthOf(world)).restarts;
});
step("{int} more of them has died", async (world, more) => {
  expect((await healthOf(world)).restarts).toBe(world.restartsBefore + more);
});

step("{int} workers of the endless model die one after the other while they start", async ({ node }, deaths) => {
  for (let death = 0; death < deaths; death += 1) {
    const reply = await node.call("POST", "/v1/workers/spawn", { model: endlessModel() });
    expect(reply.status, reply.text).toBe(202);
    let dying = "";
    await waitUntil(async () => {
      const started = (await node.workers()).find(({ model, pid }) => model === endlessModel() && pid > 0);
      if (started === undefined) return false;
      dying = started.id;
      return process.kill(started.pid, "SIGKILL");
    }, WITHIN_MS);
    await waitUntil(async () => (await node.workers()).every(({ id }) => id !== dying), WITHIN_MS);
  }
});
step("no worker of the endless model has been started", async ({ node }) => {
  expect((await node.workers()).filter(({ model }) => model === endlessModel())).toEqual([]);
});
