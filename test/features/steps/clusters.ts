/**
 * Sentences about the machines of a cluster: what each has, what runs where, and how one goes and comes again.
 *
 * @module
 */
import { expect } from "vitest";
import { hiveStatus, type HiveStatusView, workersView, type WorkerView } from "../../../src/protocol/api.ts";
import { hiveHealth } from "../../../src/protocol/hive-api.ts";
import { RBEE_VERSION } from "../../../src/protocol/version.ts";
import { waitUntil } from "../../support/children.ts";
import { keeper } from "../../support/keeper.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { endlessModel, step, type World } from "../world.ts";

const WITHIN_MS = 30_000;
const BOTH = ["alpha", "beta"] as const;

/** What the queen says of a machine. */
const workersOn = async ({ node }: World, name: string): Promise<readonly WorkerView[]> =>
  (await node.hive(name))?.workers ?? [];

/** What the machine says of itself. */
async function itself({ node }: World, name: string): Promise<HiveStatusView["hive"]> {
  const reply = await node.call("GET", `/v1/hive/status?node=${name}`);
  expect(reply.status, reply.text).toBe(200);
  return hiveStatus.parse(reply.json()).hive;
}

async function spawnOn({ node }: World, model: string, name: string): Promise<string> {
  const reply = await node.call("POST", "/v1/workers/spawn", { model, node: name });
  expect(reply.status, reply.text).toBe(202);
  return (reply.json() as { worker: string }).worker;
}

step("a queen on {string} and a machine {string} that has joined her", async (world) => {
  world.cluster = await world.stage.cluster();
  await world.cluster.untilServing();
  world.nodes.push(world.cluster.machine("beta"), world.cluster.queen);
});

step("the hive of {string} answers at its own door, with its name and its version", async (world, name) => {
  const { hive, pid } = world.cluster.machine(name).ready;
  const reply = await fetch(new URL("/v1/health", hive));
  expect(hiveHealth.parse(await reply.json())).toMatchObject({ status: "ok", name, version: RBEE_VERSION, pid });
});
step("the machine {string} is serving, and says of itself what the queen says of it", async (world, name) => {
  const { pid } = world.cluster.machine(name);
  const known = { name, pid, version: RBEE_VERSION, state: "serving" };
  expect(await world.node.hive(name)).toMatchObject(known);
  expect(await itself(world, name)).toMatchObject(known);
});

step("a job {string} of {int} tokens is submitted for the machine {string}", (world, name, tokens, node) =>
  world.submit(name, { prompt: "Once", max_tokens: tokens, model: endlessModel(), node }),
);
step("{string} was answered on {string}, and {string} on {string}", async (world, one, its, other, others) => {
  for (const [job, machine] of [
    [one, its],
    [other, others],
  ] as const) {
    expect((await workersOn(world, machine)).map(({ id }) => id)).toContain(world.assignedTo(job));
  }
});

step("an idle worker for the endless model on {string}", async (world, name) => {
  const model = endlessModel();
  await waitUntil(async () => {
    const found = (await workersOn(world, name)).find((worker) => worker.model === model);
    if (found === undefined) await spawnOn(world, model, name);
    else world.worker = found;
    return found?.state === "idle";
  }, WITHIN_MS);
});
step("the queen lists it as the hive of {string} does, and its process is on that machine", async (world, name) => {
  const { id, model, pid, port } = world.worker;
  for (const workers of [(await itself(world, name)).workers, await world.node.workers()]) {
    expect(workers.filter((worker) => worker.id === id)).toMatchObject([{ model, pid, port }]);
  }
  expect(world.cluster.machine(name).processes()).toContain(pid);
});

const idsIn = ({ program }: World): readonly string[] =>
  workersView.parse(JSON.parse(program.stdout)).workers.map(({ id }) => id);
async function expectListed(world: World, names: readonly string[]): Promise<void> {
  expect(await world.program.exitCode, world.program.stderr).toBe(0);
  const there = (await Promise.all(names.map((name) => workersOn(world, name)))).flat().map(({ id }) => id);
  expect(there.length).toBeGreaterThanOrEqual(names.length);
  expect(idsIn(world).toSorted()).toEqual(there.toSorted());
}
step("stdout lists every worker of {string} and of {string} once", (world, one, other) =>
  expectListed(world, [one, other]),
);
step("stdout lists every worker of {string} once", (world, name) => expectListed(world, [name]));
step("stdout lists no worker", async (world) => {
  expect(await world.program.exitCode, world.program.stderr).toBe(0);
  expect(idsIn(world)).toEqual([]);
});

step("on each machine a worker for a model of its own is asked for at once", async (world) => {
  const model = (place: number): string => `file:${randomModel({ seed: 100 + place })}`;
  world.asked = await Promise.all(BOTH.map((name, place) => spawnOn(world, model(place), name)));
});
step("each of them is listed once, idle, on its machine, by the queen and by its hive", async (world) => {
  for (const [place, name] of BOTH.entries()) {
    const id = world.asked[place];
    const isIdle = async (): Promise<boolean> =>
      (await workersOn(world, name)).some((worker) => worker.id === id && worker.state === "idle");
    await waitUntil(isIdle, WITHIN_MS);
    const lists = [await world.node.workers(), (await itself(world, name)).workers];
    for (const list of lists) expect(list.filter((worker) => worker.id === id)).toHaveLength(1);
  }
});

step("{string} runs at the machine {string}", async (world, line, name) => {
  const [, ...args] = line.split(" ");
  world.program = keeper(args, { home: world.cluster.machine(name).home });
  await world.program.exitCode;
});
step("stdout tells how long the way from {string} to her queen and back takes", ({ program }, name) => {
  const told = program.stdout.split("\n").find((one) => one.includes(`${name} of `));
  expect(told, program.stdout).toMatch(/^ok +member .*there and back in (?:less than 1|\d+) ms/);
});

step("the machine {string} is killed", ({ cluster }, name) => cluster.machine(name).kill());
step("the machine {string} is started again", async (world, name) => {
  await world.cluster.startAgain(name);
  world.nodes.push(world.cluster.queen);
});
step("the machine {string} is {string} in the end", ({ node }, name, state) =>
  waitUntil(async () => (await node.hive(name))?.state === state, WITHIN_MS),
);
