/**
 * Sentences about what is left when something has ended.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readHolder } from "../../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../../support/children.ts";
import { step } from "../world.ts";

const GONE_WITHIN_MS = 15_000;

step("it ends within {int} s with exit code {int}", async (world, seconds, exitCode) => {
  expect((await world.node.ended).code).toBe(exitCode);
  expect(performance.now() - world.sinceMs).toBeLessThan(seconds * 1_000);
});

step("no process of it is left", (world) => expect(world.node.processes()).toEqual([]));

step("no process of it is left within {int} ms", (world, ms) =>
  waitUntil(() => world.node.processes().length === 0, ms),
);

step("the node has started no process", (world) => expect(world.node.processes()).toEqual([]));

step(
  "that worker is gone from the list, its process from the machine, its record from the home",
  async ({ node, worker }) => {
    const isListed = async (): Promise<boolean> => (await node.workers()).some(({ id }) => id === worker.id);
    await waitUntil(async () => !(await isListed()), GONE_WITHIN_MS);
    expect(node.processes()).not.toContain(worker.pid);
    expect(existsSync(join(node.home, "run", "processes", `${worker.id}.json`))).toBe(false);
  },
);

step("nothing of its process is left, not even a zombie", ({ worker }) =>
  waitUntil(() => !existsSync(`/proc/${worker.pid}`), GONE_WITHIN_MS),
);

step("no file {string} has come into being", ({ node }, name) => {
  for (const folder of [process.cwd(), node.home]) expect(existsSync(join(folder, name))).toBe(false);
});

step("nobody holds that home", ({ home }) => expect(readHolder(home)).toBeUndefined());

step("the queen's epoch is higher than before", ({ node, epochBefore }) =>
  expect(node.ready.epoch).toBeGreaterThan(epochBefore),
);

step("the node and its workers are still there", async ({ node }) => {
  expect(node.isOver).toBe(false);
  expect(node.processes()).toEqual(expect.arrayContaining((await node.workers()).map(({ pid }) => pid)));
  expect((await node.status()).queen.state).toBe("serving");
});
