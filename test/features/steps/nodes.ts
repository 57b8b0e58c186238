/**
 * Sentences about nodes: that there is one, and how it is ended.
 *
 * @module
 */
import { waitUntil } from "../../support/children.ts";
import type { Settings } from "../stage.ts";
import { step, type World } from "../world.ts";

const settingsIn = (rows: readonly (readonly string[])[]): Settings =>
  Object.fromEntries(rows.map(([key = "", value = ""]) => [key, value]));

async function share(world: World, settings: Settings): Promise<void> {
  world.nodes.push(await world.stage.node(settings));
}

async function own(world: World, settings: Settings, home?: string): Promise<void> {
  const node = world.stage.launch(settings, home);
  world.nodes.push(node);
  await node.untilReady();
  world.settings = settings;
}

step("a node", (world) => share(world, {}));
step("a node with", (world, rows) => share(world, settingsIn(rows)));
step("a node of its own", (world) => own(world, {}));
step("a node of its own with", (world, rows) => own(world, settingsIn(rows)));

step("a node starts in the same home", async (world) => {
  const { epoch } = world.node.ready;
  await own(world, world.settings, world.node.home);
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
