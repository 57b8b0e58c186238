/**
 * Goal: an answer that another machine is giving outlives what comes between it and its queen: nothing of it is said
 *       again, and no second attempt is made of it while nobody has begun one.
 * Method: a queen and a member, each a real node on a machine of its own (a network of the kernel's); kill -9 of the
 *       queen, a cable pulled until she has given the member up.
 *
 * @see src/actors/queen/adoption.ts, AD1; src/actors/queen/inventories.ts, C2; machines/job.ts, J9
 */
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { Answer, LanCluster, longTask } from "../support/lan-cluster.ts";
import { needsNetwork } from "../support/network.ts";
import { textIn } from "../support/node-harness.ts";

const WITHIN_MS = 60_000;
const options = { ...needsNetwork(), timeout: 180_000 };

test("C2 a queen who was killed and is back within the lease adopts what runs elsewhere", options, async () => {
  const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "1m" });
  await cluster.join("beta");
  await cluster.load("beta");
  const before = await Answer.to(cluster.queen, longTask());
  await before.untilSaid(10);
  const cut = before.end().catch(() => undefined);
  await cluster.queen.kill();
  await cut;
  await cluster.startQueen();
  const answer = Answer.of(cluster.queen, before.job);
  expect(await answer.end()).toMatchObject({ type: "done", worker: before.worker, attempts: 1, total_tokens: 1500 });
  expect(answer.isInOrder).toBe(true);
  expect(textIn(answer.heard)).toBe(textIn(await cluster.queen.run(longTask())));
});

test("AD1 a machine that was given up and comes back goes on with what nobody has begun since", options, async () => {
  const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "20s" });
  const { queen } = cluster;
  const beta = await cluster.join("beta");
  await cluster.load("beta");
  const answer = await Answer.to(queen, longTask({ node: "beta" }));
  await answer.untilSaid(10);
  const { worker } = answer;
  beta.machine.unplug();
  await cluster.untilState("beta", "away");
  await waitUntil(async () => (await queen.task(answer.job)).state === "queued", WITHIN_MS);
  beta.machine.plug();
  expect(await answer.end()).toMatchObject({ type: "done", worker, attempts: 1, total_tokens: 1500 });
  expect(answer.isInOrder).toBe(true);
  expect(textIn(answer.heard)).toBe(textIn(await queen.run(longTask())));
});
