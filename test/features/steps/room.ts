/**
 * Sentences about the slots of workers and the memory that is booked for them.
 *
 * @module
 */
import { expect } from "vitest";
import type { HiveStatusView } from "../../../src/protocol/api.ts";
import { waitUntil } from "../../support/children.ts";
import { step } from "../world.ts";
import { listed } from "./workers.ts";

const WITHIN_MS = 20_000;

step("the worker of {string} has {int} busy slots", (world, name, slots) =>
  waitUntil(async () => {
    const id = world.assignedTo(name);
    return (await listed(world.node)).some((worker) => worker.id === id && worker.busySlots === slots);
  }, WITHIN_MS),
);
step("that worker has {int} busy slots", async ({ node, worker }, slots) => {
  expect((await listed(node)).find(({ id }) => id === worker.id)?.busySlots).toBe(slots);
});
step("no worker ever had more than {int} busy slots", ({ busiest }, slots) =>
  expect(busiest).toBeLessThanOrEqual(slots),
);
step("that worker is {string} with {int} busy slots", (world, state, slots) =>
  waitUntil(async () => {
    const found = (await listed(world.node)).find(({ id }) => id === world.worker.id);
    return found?.state === state && found.busySlots === slots;
  }, WITHIN_MS),
);
step("the worker of {string} has made room, and is told as {string}", async (world, name, code) => {
  const id = world.assignedTo(name);
  expect((await listed(world.node)).map((worker) => worker.id)).not.toContain(id);
  const { hive } = (await world.node.call("GET", "/v1/hive/status")).json() as HiveStatusView;
  expect(hive.ends.find(({ worker }) => worker === id)).toMatchObject({ code });
});
step("the sum of what is booked is less than all memory", async ({ node }) => {
  const { memory } = ((await node.call("GET", "/v1/hive/status")).json() as HiveStatusView).hive;
  const booked = (await listed(node)).reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
  expect(booked).toBeGreaterThan(0);
  expect(memory.bookedBytes).toBe(booked);
  expect(booked).toBeLessThan(memory.totalBytes);
});

step("what is reserved for it is less than what is free", async ({ node, worker }) => {
  const [hive] = (await node.status()).hives;
  expect(worker.reservedBytes).toBeGreaterThan(0);
  expect(worker.reservedBytes).toBeLessThan(hive?.ram.freeBytes ?? 0);
});
step("its backend is {string}, and the hive says that it has that", async ({ node, worker }, backend) => {
  expect(worker.backend).toBe(backend);
  expect((await node.status()).hives[0]?.backends).toContain(backend);
});
