/**
 * Goal: a model that does not fit beside another takes its place when that one has nothing to do, never while it works,
 * and it is said why.
 * Method: real workers with small models, in a node that believes it has memory for one of them and a half.
 *
 * @see machines/rules/evict.ts, src/actors/queen/crowding.ts
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import type { HiveStatusView, ModelInfo } from "../../src/protocol/api.ts";
import type { WhyView } from "../../src/protocol/why-api.ts";
import { waitUntil } from "../support/children.ts";
import { type NodeSetup, startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder, temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const PROGRAM = fileURLToPath(new URL("../support/small-node-program.ts", import.meta.url));
const MIB = 2 ** 20;
/** What is booked for a worker of a tiny model: nearly all of it the process. */
const EACH_BYTES = 170 * MIB;

const first = (): string => `file:${randomModel({ seed: 1, endless: true })}`;
const second = (): string => `file:${randomModel({ seed: 2 })}`;

const nodeWith = (
  bytes: number,
  env: Readonly<Record<string, string>> = {},
  setup: Pick<NodeSetup, "home" | "lastly"> = {},
): Promise<TestNode> =>
  startNode({
    warm: true,
    program: [PROGRAM, String(bytes)],
    args: [],
    env: { RBEE_MODEL_DEFAULT: first(), ...env },
    ...setup,
  });

/** With room for one and a half: of the tests that say nothing else. */
let shared: TestNode;
beforeAll(async () => {
  const { home, remove } = temporaryHome();
  let last = async (): Promise<void> => {};
  shared = await nodeWith(1.5 * EACH_BYTES, {}, { home, lastly: (end) => (last = end) });
  return async () => {
    await last();
    remove();
  };
});

const ask = (model: string, tokens = 4) => ({ prompt: "hello", max_tokens: tokens, model });

test("an idle worker makes room for a model that does not fit beside it, and its memory goes to that one", async () => {
  expect((await shared.run(ask(first()))).at(-1)).toMatchObject({ type: "done", model: first() });
  const before = await shared.worker(first(), "idle");
  expect(before.reservedBytes).toBeGreaterThan(0.75 * EACH_BYTES);
  expect((await shared.run(ask(second()))).at(-1)).toMatchObject({ type: "done", model: second() });
  const [after, ...others] = await shared.workers();
  expect([after?.model, others]).toEqual([second(), []]);
  const { hive } = (await shared.call("GET", "/v1/hive/status")).json() as HiveStatusView;
  expect(hive.ends.at(-1)).toMatchObject({
    worker: before.id,
    code: "worker.evicted",
    message: `it made room for ${second()}`,
  });
  expect(hive.memory.bookedBytes).toBe(after?.reservedBytes);
});

test("MS2 before anything loads it is told that a model fits, though only in place of one that runs", async () => {
  const fit = async () =>
    (await shared.call("GET", `/v1/models/info?model=${encodeURIComponent(second())}`)).json() as ModelInfo;
  await shared.run(ask(first()));
  expect((await fit()).fit).toMatchObject({
    fits: true,
    why: expect.stringMatching(/booked 1\d\d MiB.* more would be there without the workers that run$/),
  });
  const { id } = await shared.worker(first(), "idle");
  await shared.call("POST", "/v1/workers/stop", { worker: id });
  await waitUntil(async () => (await shared.workers()).length === 0, 20_000);
  expect((await fit()).fit).toMatchObject({ fits: true, why: expect.stringContaining("booked 0 bytes") });
});

test("what a model took is booked when it is loaded again, and it is said, with what it replaced", async () => {
  await shared.run(ask(first()));
  await shared.run(ask(second()));
  const third = await shared.submit(ask(first()));
  expect(await shared.outcome(third.job_id)).toMatchObject({ state: "done" });
  const why = (await shared.call("GET", `/v2/tasks/${third.job_id}/why`)).json() as WhyView;
  expect(why.attempts[0]?.load).toMatchObject({
    why: expect.stringMatching(
      /^needs \d+ MiB, measured: an earlier load took \d+ MiB .*1 thread, since the model is small$/,
    ),
    made_room: [expect.stringMatching(/^w\d+$/)],
  });
});

test("a worker with a job makes room for nobody: whoever needs it waits until it has ended", async () => {
  const long = await shared.submit(ask(first(), 1500));
  await shared.worker(first(), "busy");
  const waits = await shared.submit(ask(second()));
  expect(await shared.outcome(waits.job_id)).toMatchObject({ state: "done" });
  expect(await shared.task(long.job_id)).toMatchObject({ state: "done" });
});

test("CR5 a model that lacks what another program holds is loaded when that leaves it, while others still work", async () => {
  const file = join(temporaryFolder(), "others");
  writeFileSync(file, "0");
  const program = [PROGRAM, String(3 * EACH_BYTES), file];
  const node = await startNode({ warm: true, program, args: [], env: { RBEE_MODEL_DEFAULT: first() } });
  // More than its slots take at once, so that it has work for much longer than the other needs to load.
  const work = await Promise.all(Array.from({ length: 8 }, () => node.submit(ask(first(), 3000))));
  await node.worker(first(), "busy");
  writeFileSync(file, String(2.5 * EACH_BYTES));
  const waits = await node.submit(ask(second()));
  const why = async () => (await node.call("GET", `/v2/tasks/${waits.job_id}/why`)).json() as WhyView;
  await waitUntil(async () => (await why()).waiting?.crowded_by !== undefined, 20_000);
  writeFileSync(file, "0");
  expect(await node.outcome(waits.job_id)).toMatchObject({ state: "done" });
  const states = await Promise.all(work.map(async ({ job_id }) => (await node.task(job_id)).state));
  expect(states).toContain("running");
});

test("memory.insufficient: what can never fit is refused at once, with what it needs, and what would fit", async () => {
  const node = await nodeWith(1.5 * EACH_BYTES, { RBEE_WORKER_SLOTS: "256" });
  expect((await node.run(ask(first()))).at(-1)).toMatchObject({
    type: "error",
    code: "memory.insufficient",
    message: expect.stringMatching(
      /needs \d+ MiB: weights 574 KiB \+ KV cache 256 MiB .* a context of \d+ would fit: set worker.contextTokens$/,
    ),
  });
});

test("a worker runs with the threads that its hive gave it: as configured, or by itself one for a small model", async () => {
  const threads = async (env: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const node = await nodeWith(1.5 * EACH_BYTES, env);
    const { pid } = await node.worker(first(), "idle");
    return /"threads":(\d+)/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8"))?.[1];
  };
  expect(await threads({})).toBe("1");
  expect(await threads({ RBEE_WORKER_THREADS: "2" })).toBe("2");
});
