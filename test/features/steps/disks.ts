/**
 * Sentences about the disk that a node lives on, and how full it is.
 *
 * @module
 */
import { join } from "node:path";
import { expect } from "vitest";
import { waitUntil } from "../../support/children.ts";
import { needsDisk, smallDisk } from "../../support/tmpfs.ts";
import { step } from "../world.ts";

const WITHIN_MS = 20_000;

step("a node of its own on a disk of {int} MiB", async (world, mebibytes) => {
  const { skip, meta } = needsDisk();
  if (skip) {
    world.missing = meta.missing;
    return;
  }
  world.disk = smallDisk(mebibytes * 2 ** 20);
  const node = world.stage.launch({}, { home: join(world.disk.path, "home") });
  world.nodes.push(node);
  await node.untilReady();
});

step("its disk is filled, but for {int} MiB", ({ disk }, mebibytes) => disk.fill(mebibytes * 2 ** 20));
step("its disk has room again", ({ disk }) => disk.free());

step("a job that is sent is refused with status {int} and code {string} in the end", async (world, status, code) => {
  await waitUntil(async () => {
    const reply = await world.node.call("POST", "/v2/tasks", { prompt: "a" });
    world.replies.push(reply);
    return reply.status !== 202;
  }, WITHIN_MS);
  expect(world.reply.status).toBe(status);
  expect(world.reply.text).toContain(`"${code}"`);
});
step("a job that is sent is accepted in the end", ({ node }) =>
  waitUntil(async () => (await node.call("POST", "/v2/tasks", { prompt: "a" })).status === 202, WITHIN_MS),
);
