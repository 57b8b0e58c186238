/**
 * Sentences about nodes: that there is one, and how it is ended.
 *
 * @module
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { obeying } from "../../support/saboteur.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { waitUntil } from "../../support/children.ts";
import type { NodeSetup } from "../../support/node-harness.ts";
import type { Settings } from "../stage.ts";
import { endlessModel, step, type World } from "../world.ts";

const SMALL_NODE = fileURLToPath(new URL("../../support/small-node-program.ts", import.meta.url));
/** What is booked for a worker of a tiny model, and half as much again. */
const WORKER_AND_A_HALF_BYTES = 1.5 * 170 * 2 ** 20;

/** In the order of a child's pipes, where there is one child. */
const CHANNEL_FD = 3;

/** A command is there whole, or not at all. */
function written(path: string, command: string): string {
  writeFileSync(`${path}.new`, command);
  return `${path}.new`;
}

const settingsIn = (rows: readonly (readonly string[])[]): Settings =>
  Object.fromEntries(rows.map(([key = "", value = ""]) => [key, value]));

async function share(world: World, settings: Settings): Promise<void> {
  world.nodes.push(await world.stage.node(settings));
}

async function own(world: World, settings: Settings, setup: Omit<NodeSetup, "lastly"> = {}): Promise<void> {
  const node = world.stage.launch(settings, setup);
  world.nodes.push(node);
  await node.untilReady();
  world.settings = settings;
}

step("a node", (world) => share(world, {}));
step("a node with", (world, rows) => share(world, settingsIn(rows)));
step("a node of its own", (world) => own(world, {}));
step("a node of its own with", (world, rows) => own(world, settingsIn(rows)));

step("a node of its own with memory for a worker and a half", (world) => {
  const program = [SMALL_NODE, String(WORKER_AND_A_HALF_BYTES)];
  return own(world, { "model.default": endlessModel() }, { program, args: [] });
});
step("a node of its own that has a card of {int} bytes", (world, bytes) => {
  const program = [SMALL_NODE, String(bytes), "", String(bytes)];
  return own(world, {}, { program, args: [] });
});
step("a node of its own that knows the token {string}", (world, token) => own(world, {}, { env: { HF_TOKEN: token } }));
step("a node of its own whose threads and pipes can break", (world) => {
  world.saboteur = join(temporaryFolder(), "command");
  return own(world, { "model.default": endlessModel() }, { env: obeying(world.saboteur) });
});
step("the thread of the {string} breaks", async ({ node, saboteur }, role) => {
  renameSync(written(saboteur, `${role} throw`), saboteur);
  await waitUntil(() => node.stderr.includes("saboteur"), 10_000);
});
step("the pipe to its worker breaks", ({ saboteur }) =>
  renameSync(written(saboteur, `pipes cut ${CHANNEL_FD}`), saboteur),
);

step("the hub was shown the token {string}", ({ hub }, token) => {
  expect(hub.served.map(({ authorization }) => authorization)).toContain(`Bearer ${token}`);
});

step("a node starts in the same home", async (world) => {
  const { epoch } = world.node.ready;
  await own(world, world.settings, { home: world.node.home });
  world.epochBefore = epoch;
  for (const told of world.jobs.values()) world.follow(told);
});

step("the node is told to stop", (world) => {
  world.sinceMs = performance.now();
  world.node.signal("SIGTERM");
});

step("the node is killed", async (world) => {
  await world.node.kill();
  world.sinceMs = performance.now();
});

step("the node is frozen", (world) => world.node.freeze());

step("it says that it is stopping", (world) => waitUntil(() => world.node.stderr.includes("Stopping"), 10_000));

step("its queue takes {int} jobs", async ({ node }, max) => {
  expect((await node.status()).queen.queue.max).toBe(max);
});
step("its status says that the queen is {string}", async ({ node }, state) => {
  expect((await node.status()).queen.state).toBe(state);
});
