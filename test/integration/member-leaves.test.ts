/**
 * Goal: a machine that is told to stop lets what it runs end, is given nothing meanwhile, and hands over the rest; at
 *       once where it is told twice.
 * Method: two real nodes joined over a real door with TLS, and long answers; signals as a person or a service has them.
 *
 * @see src/hosts/member-node.ts, MN7; src/hosts/cluster/member-side.ts, LN7; src/actors/queen/draining.ts, DR4
 */
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { Answer, longTask } from "../support/lan-cluster.ts";
import type { TestNode } from "../support/node-harness.ts";
import { twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
const LONG = { timeout: 180_000 };

const betaAt = (queen: TestNode) => queen.hive("beta");

/** An answer that beta is giving. */
async function running(env: Readonly<Record<string, string>> = {}) {
  const { queen, beta } = await twoMachines({ member: { env } });
  await waitUntil(async () => (await betaAt(queen))?.state === "serving", WITHIN_MS);
  await queen.call("POST", "/v1/workers/spawn", { model: longTask().model, node: "beta" });
  await waitUntil(async () => (await betaAt(queen))?.workers[0]?.state === "idle", WITHIN_MS);
  const answer = await Answer.to(queen, longTask());
  await answer.untilSaid(1);
  return { queen, beta, answer };
}

test("MN7 LN7 DR4 what it runs ends there, nothing new is begun, and then it is gone", LONG, async () => {
  const { queen, beta, answer } = await running({ RBEE_SHUTDOWN_FINISH: "5m" });
  const { worker } = answer;
  beta.signal("SIGTERM");
  await waitUntil(async () => (await betaAt(queen))?.state === "draining", WITHIN_MS);
  const refused = await queen.call("POST", "/v2/tasks", longTask({ node: "beta" }));
  expect(refused.json()).toMatchObject({ error: { code: "hive.draining" } });
  expect(await answer.end()).toMatchObject({ type: "done", worker, attempts: 1 });
  expect(await beta.ended).toEqual({ code: 143, signal: null });
  await waitUntil(async () => (await betaAt(queen))?.state === "away", WITHIN_MS);
});

test("MN7 told twice it goes at once, and the answer goes on elsewhere", LONG, async () => {
  const { beta, answer } = await running({ RBEE_SHUTDOWN_FINISH: "5m" });
  const { worker } = answer;
  beta.signal("SIGTERM");
  await waitUntil(() => beta.stderr.includes("Stopping"), WITHIN_MS);
  beta.signal("SIGTERM");
  expect(await beta.ended).toEqual({ code: 143, signal: null });
  expect(await answer.end()).toMatchObject({ type: "done", attempts: 2 });
  expect(answer.worker).not.toBe(worker);
});
