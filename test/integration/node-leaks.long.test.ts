/**
 * Goal: a node that has done, lost and given up much work holds no more than one that has done little.
 * Method: the real program; its descriptors, processes and files after many rounds of trouble, against those before.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { atRest } from "../support/storm.ts";
import { randomModel } from "../support/tiny-models.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const ROUNDS = 6;
const long = (): TaskBody => ({ prompt: "Once", max_tokens: 3000, model: `file:${randomModel({ endless: true })}` });

/** Submits, listens, and ends it in one of the ways that jobs end badly. */
async function trouble(node: TestNode, chance: Prng): Promise<void> {
  const { job_id } = await node.submit(long());
  const left = await node.submit(long());
  const abandoned = await node.openEvents(left.job_id);
  for await (const event of node.events(job_id)) {
    if (event.type !== "token" || event.index !== 3) continue;
    if (chance.chance(0.4)) for (const pid of node.processes()) process.kill(pid, "SIGKILL");
    else await node.call("DELETE", `/v2/tasks/${job_id}`);
    if (chance.chance(0.5)) break;
  }
  abandoned.destroy();
  for (const job of [job_id, left.job_id]) await node.call("DELETE", `/v2/tasks/${job}`);
  for (const job of [job_id, left.job_id]) await node.outcome(job);
}

test(`after rounds of cancels, kills and readers that leave, a node holds what it held before (seed ${SEED})`, async () => {
  const chance = new Prng(SEED);
  const node = await startNode();
  await trouble(node, chance);
  const before = (await atRest(node)).descriptors;
  for (let round = 0; round < ROUNDS; round += 1) await trouble(node, chance);
  await atRest(node);
  await waitUntil(() => node.descriptors() <= before, 5_000);
  expect(readdirSync(join(node.home, "run", "processes"))).toEqual([]);
  expect(
    readdirSync(join(node.home, "state")).filter(
      (name) => !/^((queen|hive|store)\.mdb(-lock|-log-[01])?|spool)$/.test(name),
    ),
  ).toEqual([]);
  expect((await node.status()).queen.queue).toMatchObject({ length: 0, running: 0 });
}, 120_000);
