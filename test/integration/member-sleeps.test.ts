/**
 * Goal: a laptop whose lid is closed says goodbye, hands over what it does, and is back when the lid is opened.
 * Method: two real nodes, a real system bus, the signal of logind on it; who holds sleep up is played.
 *
 * @see src/hosts/member-node.ts, MN8; src/hosts/real/sleep.ts, SL1 to SL4; src/hosts/cluster/links.ts, LN8
 */
import { expect, test } from "vitest";
import { allPids, processFacts } from "../../src/hosts/real/kernel.ts";
import { waitUntil } from "../support/children.ts";
import { Answer, longTask } from "../support/lan-cluster.ts";
import { needsBus, type SleepingMachine, sleepingMachine } from "../support/sleeping-machine.ts";
import { twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Sooner than the end of a sleep is taken for granted, when it is let go in any case. */
const LET_GO_MS = 10_000;
const OPTIONS = { timeout: 180_000, ...needsBus() };

const isThere = (pid: number | undefined): boolean => pid !== undefined && processFacts(pid) !== undefined;
const childrenOf = (parent: number): readonly number[] =>
  allPids().filter((pid) => processFacts(pid)?.parentPid === parent);

async function begun(): Promise<Awaited<ReturnType<typeof twoMachines>> & { laptop: SleepingMachine }> {
  const laptop = await sleepingMachine();
  const cluster = await twoMachines({ member: { env: laptop.env } });
  await waitUntil(async () => (await cluster.queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await waitUntil(() => isThere(laptop.holders().at(-1)), WITHIN_MS);
  return { ...cluster, laptop };
}

test("MN8 LN8 SL1 SL2 it says goodbye, its answer goes on elsewhere, and it comes back", OPTIONS, async () => {
  const { queen, laptop } = await begun();
  await queen.call("POST", "/v1/workers/spawn", { model: longTask().model, node: "beta" });
  await waitUntil(async () => (await queen.hive("beta"))?.workers[0]?.state === "idle", WITHIN_MS);
  const answer = await Answer.to(queen, longTask());
  await answer.untilSaid(1);
  const { worker } = answer;
  const [first] = laptop.holders();
  laptop.tell(true);
  // Heard twice it is one sleep.
  laptop.tell(true);
  await waitUntil(async () => (await queen.hive("beta"))?.state === "away", WITHIN_MS);
  await waitUntil(() => !isThere(first), LET_GO_MS);
  expect(await answer.end()).toMatchObject({ type: "done", attempts: 2 });
  expect(answer.worker).not.toBe(worker);
  laptop.tell(false);
  await waitUntil(async () => (await queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await waitUntil(() => laptop.holders().length === 2 && isThere(laptop.holders()[1]), WITHIN_MS);
});

test("SL4 nothing that hears or holds sleep up outlives a node that is killed", OPTIONS, async () => {
  const { beta, laptop } = await begun();
  const helpers = [...childrenOf(beta.ready.pid), ...laptop.holders()];
  expect(helpers.length).toBeGreaterThan(1);
  beta.signal("SIGKILL");
  await waitUntil(() => !helpers.some(isThere), WITHIN_MS);
});
