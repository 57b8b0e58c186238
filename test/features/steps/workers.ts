/**
 * Sentences about workers: that one is there, what happens to it, and how it shows.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TestNode } from "../../support/node-harness.ts";
import { waitUntil } from "../../support/children.ts";
import { randomModel } from "../../support/tiny-models.ts";
import type { WorkerView } from "../../../src/protocol/api.ts";
import { endlessModel, step, type World } from "../world.ts";

const WITHIN_MS = 20_000;
const USABLE: ReadonlySet<WorkerView["state"]> = new Set(["idle", "loading", "busy"]);

export const listed = async (node: TestNode): Promise<readonly WorkerView[]> =>
  ((await node.call("GET", "/v1/workers/list")).json() as { workers: readonly WorkerView[] }).workers;

export async function spawn(world: World, model: string): Promise<void> {
  const { node } = world;
  const reply = await node.call("POST", "/v1/workers/spawn", { model });
  expect(reply.status, reply.text).toBe(202);
  const { worker: id } = reply.json() as { worker: string };
  await waitUntil(async () => {
    const found = (await listed(node)).find((worker) => worker.id === id);
    if (found !== undefined) world.worker = found;
    return found !== undefined;
  }, WITHIN_MS);
}

async function untilState({ node, worker }: World, state: WorkerView["state"]): Promise<WorkerView> {
  let found: WorkerView | undefined;
  await waitUntil(async () => {
    found = (await listed(node)).find(({ id }) => id === worker.id);
    return found?.state === state;
  }, WITHIN_MS);
  return found as WorkerView;
}

/**
 * One that is idle already will do, if it lives: the queen's list may still have one whose end its hive has told, and
 * one that is gone while it is waited for is never idle.
 */
async function idleWorker(world: World, model: string): Promise<void> {
  const { node } = world;
  await waitUntil(async () => {
    const living = node.processes();
    const found = (await listed(node)).find(
      ({ model: of, state, pid }) => of === model && USABLE.has(state) && (pid === 0 || living.includes(pid)),
    );
    if (found === undefined) await spawn(world, model);
    else world.worker = found;
    return found?.state === "idle";
  }, WITHIN_MS);
  world.workersBefore = (await listed(node)).length;
}

/** With its process. */
export async function untilLoading({ node, worker }: World): Promise<WorkerView> {
  let found: WorkerView | undefined;
  await waitUntil(async () => {
    found = (await listed(node)).find(({ id }) => id === worker.id);
    return (found?.pid ?? 0) > 0;
  }, WITHIN_MS);
  expect(found?.state).toBe("loading");
  return found as WorkerView;
}

async function stop({ node, worker }: World): Promise<void> {
  expect((await node.call("POST", "/v1/workers/stop", { worker: worker.id })).status).toBe(202);
}

step("an idle worker for {string}", idleWorker);
step("an idle worker for the endless model", (world) => idleWorker(world, endlessModel()));
step("a worker for the endless model is asked for", (world) => spawn(world, endlessModel()));

step("it is {string} at first, and {string} in the end", async (world, first, last) => {
  expect(world.worker.state).toBe(first);
  world.worker = await untilState(world, last as WorkerView["state"]);
});

step("the list of workers shows it {string} with {int} busy slots", ({ worker }, state, busySlots) =>
  expect(worker).toMatchObject({ state, busySlots }),
);

step("the list of workers shows its worker {string} with {int} busy slots", async ({ node }, state, busySlots) => {
  await waitUntil(async () => (await listed(node)).some((worker) => worker.state === state), WITHIN_MS);
  expect((await listed(node)).filter((worker) => worker.busySlots > 0)).toMatchObject([{ state, busySlots }]);
});

step("it has a living process, a port, slots and a backend", ({ node, worker }) => {
  expect(node.processes()).toContain(worker.pid);
  expect(worker).toMatchObject({ port: expect.any(Number), slots: 4, backend: expect.stringMatching(/\w/) });
  expect(worker.port).toBeGreaterThan(0);
});

step("the list of workers and the status agree on it", async ({ node, worker }) => {
  // It is weighed once it is loaded, and more may be booked for it then.
  const known = { ...worker, reservedBytes: expect.any(Number) };
  expect((await listed(node)).find(({ id }) => id === worker.id)).toEqual(known);
  expect((await node.workers()).find(({ id }) => id === worker.id)).toEqual(known);
});

step("its process is one of those that the node started, and is recorded", ({ node, worker }) => {
  expect(node.processes()).toContain(worker.pid);
  expect(existsSync(join(node.home, "run", "processes", `${worker.id}.json`))).toBe(true);
});

step("that worker is told to stop", stop);
step("its worker is told to stop", async (world) => {
  await takeBusy(world);
  await stop(world);
});

/** The one that a job runs on. */
async function takeBusy(world: World): Promise<void> {
  await waitUntil(async () => {
    const busy = (await listed(world.node)).find(({ busySlots }) => busySlots > 0);
    if (busy !== undefined) world.worker = busy;
    return busy !== undefined;
  }, WITHIN_MS);
}

const signalWorker = ({ worker }: World, signal: NodeJS.Signals): boolean => process.kill(worker.pid, signal);

step("that worker is killed", (world) => signalWorker(world, "SIGKILL"));
step("the worker is frozen", (world) => signalWorker(world, "SIGSTOP"));
step("its worker is killed", async (world) => {
  await takeBusy(world);
  signalWorker(world, "SIGKILL");
});
step("its worker is frozen", async (world) => {
  await takeBusy(world);
  signalWorker(world, "SIGSTOP");
});
step("every worker is frozen", ({ node }) => {
  for (const pid of node.processes()) process.kill(pid, "SIGSTOP");
});
step("the worker that loads is killed", async (world) => process.kill((await untilLoading(world)).pid, "SIGKILL"));
step("the worker that loads is frozen", async (world) => process.kill((await untilLoading(world)).pid, "SIGSTOP"));

step("a worker for the endless model is started and stopped {int} times", async (world, times) => {
  for (let round = 0; round < times; round += 1) {
    await spawn(world, endlessModel());
    await stop(world);
    world.stopped.push(world.worker.id);
  }
});
step("none of them is left", ({ node, stopped }) =>
  waitUntil(async () => (await listed(node)).every(({ id }) => !stopped.includes(id)), WITHIN_MS),
);
step("every process of the node belongs to a worker on the list", ({ node }) =>
  waitUntil(async () => {
    const pids = (await listed(node)).map(({ pid }) => pid);
    return node.processes().every((pid) => pids.includes(pid));
  }, WITHIN_MS),
);

step("every worker has a port of its own", async ({ node }) => {
  const ports = (await listed(node)).filter(({ port }) => port > 0).map(({ port }) => port);
  expect(ports.length).toBeGreaterThan(1);
  expect(new Set(ports).size).toBe(ports.length);
});
step("{int} workers for models of their own are asked for at once", async (world, count) => {
  world.workersBefore = (await listed(world.node)).length;
  const models = Array.from({ length: count }, (_, place) => `file:${randomModel({ seed: 100 + place })}`);
  const replies = await Promise.all(models.map((model) => world.node.call("POST", "/v1/workers/spawn", { model })));
  for (const reply of replies) expect(reply.status, reply.text).toBe(202);
  world.asked = replies.map((reply) => (reply.json() as { worker: string }).worker);
});
step("each of them is listed once, idle, with a process and a port of its own", async ({ node, asked }) => {
  let found: readonly WorkerView[] = [];
  await waitUntil(async () => {
    found = (await listed(node)).filter(({ id }) => asked.includes(id));
    return found.length >= asked.length && found.every(({ state }) => state === "idle");
  }, WITHIN_MS);
  for (const facet of [found.map(({ id }) => id), found.map(({ pid }) => pid), found.map(({ port }) => port)]) {
    expect(new Set<unknown>(facet).size).toBe(asked.length);
  }
  for (const { pid } of found) expect(node.processes()).toContain(pid);
});

step("that worker is loading, then idle, then busy with {string}, and its process is the same", async (world, name) => {
  const { pid } = await untilLoading(world);
  expect((await untilState(world, "idle")).pid).toBe(pid);
  await world.submit(name, { prompt: "Once", max_tokens: 1_500, model: endlessModel() });
  expect((await untilState(world, "busy")).pid).toBe(pid);
  world.worker = await untilState(world, "busy");
});
step("the list of workers is empty in the end", ({ node }) =>
  waitUntil(async () => (await listed(node)).length === 0, WITHIN_MS),
);
step("there are as many workers as before", async ({ node, workersBefore }) => {
  expect(await listed(node)).toHaveLength(workersBefore);
});
