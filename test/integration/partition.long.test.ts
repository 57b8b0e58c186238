/**
 * Goal: whatever happens between two machines, and to one of them, ends in the same: each answer once and whole,
 *       nobody given up who only paused, no worker left that its queen has given up.
 * Method: a queen and members on machines of their own; routes that lose what is sent one way, restarts, pauses,
 *       another address, large requests, readers that do not read.
 *
 * @see partition.test.ts; machines/member.ts, M1 M3; machines/hive.ts, H6; src/net/link/suspicion.ts, PH1 PH2;
 *      DESIGN.md of src/runtime for RC2 to RC4, RM6, RS1, RS4
 */
import { describe, expect, test } from "vitest";
import { letGoMs } from "../../machines/rules/lease.ts";
import { REAP_MS } from "../../src/hosts/porter/bounds.ts";
import { waitUntil } from "../support/children.ts";
import { Answer, LanCluster, longTask, type Member } from "../support/lan-cluster.ts";
import { needsNetwork } from "../support/network.ts";
import { textIn } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const WITHIN_MS = 60_000;
const LEASE_MS = 2000;
const GONE_MS = letGoMs(LEASE_MS) + REAP_MS;
const SHORT_LEASE = { RBEE_QUEEN_LEASE: "2s" };
const LONG_LEASE = { RBEE_QUEEN_LEASE: "1m" };
const options = { ...needsNetwork(), timeout: 300_000 };

const untilEmpty = ({ node }: Member): Promise<number> => waitUntil(() => node.processes().length === 0, GONE_MS);

describe("a network that loses what is sent one way", options, () => {
  test.each([
    ["from the member", (cluster: LanCluster, { machine }: Member) => [machine, cluster.machine] as const],
    ["from the queen", (cluster: LanCluster, { machine }: Member) => [cluster.machine, machine] as const],
  ])(
    "RC2 RS1 %s: another machine goes on, the member lets go, and comes back when it is heard again",
    async (_, ends) => {
      const cluster = await LanCluster.begin(SHORT_LEASE);
      const { queen } = cluster;
      const beta = await cluster.join("beta");
      await cluster.load("beta");
      const answer = await Answer.to(queen, longTask());
      await answer.untilSaid(10);
      const [from, to] = ends(cluster, beta);
      from.lose(to);
      await cluster.untilState("beta", "away");
      await untilEmpty(beta);
      expect(await answer.end()).toMatchObject({ type: "done", attempts: 2, total_tokens: 1500 });
      expect(answer.isInOrder).toBe(true);
      from.keep(to);
      await cluster.untilState("beta", "serving");
      expect(textIn(answer.heard)).toBe(textIn(await queen.run(longTask())));
    },
  );
});

describe("a machine", options, () => {
  test("RC4 PH1 that stands still for 2.5 s is given up by nobody, and its answer goes on there", async () => {
    const cluster = await LanCluster.begin();
    const { queen } = cluster;
    const beta = await cluster.join("beta");
    await cluster.load("beta");
    const answer = await Answer.to(queen, longTask());
    await answer.untilSaid(10);
    const { worker } = answer;
    beta.node.freeze();
    const frozen = performance.now();
    await waitUntil(() => performance.now() - frozen >= 2500, WITHIN_MS);
    beta.node.thaw();
    expect(await answer.end()).toMatchObject({ type: "done", worker, attempts: 1 });
    expect(answer.isInOrder).toBe(true);
    expect(queen.stderr).not.toContain("the link to beta is gone");
  });

  test("RC3 MN3 that restarts at once, or comes back at another address, serves again and is one machine", async () => {
    const cluster = await LanCluster.begin(LONG_LEASE);
    const beta = await cluster.join("beta");
    await beta.node.kill();
    const again = await cluster.come(beta);
    const isBack = ({ node }: Member) =>
      waitUntil(async () => {
        const hive = await cluster.hive("beta");
        return hive?.state === "serving" && hive.pid === node.pid;
      }, WITHIN_MS);
    await isBack(again);
    beta.machine.unplug();
    beta.machine.move("192.0.2.200");
    beta.machine.plug();
    const links = (): number => cluster.queen.stderr.split("linked with beta").length - 1;
    await waitUntil(() => links() === 3, WITHIN_MS);
    await isBack(again);
    expect((await cluster.queen.status()).hives.map(({ name }) => name).toSorted()).toEqual(["alpha", "beta"]);
    const answer = await cluster.queen.run(longTask());
    expect(answer.at(-1)).toMatchObject({ type: "done", total_tokens: 1500 });
  });

  test("MN2 that joins while its queen restarts is let in when she is back", async () => {
    const cluster = await LanCluster.begin();
    const beta = await cluster.join("beta");
    await beta.node.stop();
    await cluster.queen.kill();
    const coming = cluster.come(beta);
    await cluster.startQueen();
    expect((await coming).node.ready).toMatchObject({ name: "beta", roles: ["hive"] });
    await cluster.untilState("beta", "serving");
  });
});

describe("a queen", options, () => {
  test("RS4 RS1 that is told to stop has her members drained: their workers are gone when she is", async () => {
    const cluster = await LanCluster.begin();
    const beta = await cluster.join("beta");
    await cluster.load("beta");
    await cluster.queen.run(longTask());
    expect((await cluster.hive("beta"))?.workers).toHaveLength(1);
    expect(beta.node.processes()).toHaveLength(1);
    expect(await cluster.queen.stop()).toBe(143);
    await waitUntil(() => beta.node.processes().length === 0, WITHIN_MS);
    // S9
    await waitUntil(() => beta.node.stderr.includes("the link to alpha is gone: link.closed"), WITHIN_MS);
    expect(beta.node.isOver).toBe(false);
    await cluster.startQueen();
    await cluster.untilState("beta", "serving");
  });

  test("RM6 that sends and hears much declares nobody dead, and answers others meanwhile", async () => {
    const cluster = await LanCluster.begin({ RBEE_LIMITS_BODY_BYTES: "32MiB" });
    const { queen } = cluster;
    await cluster.join("beta");
    await cluster.load("beta");
    await queen.run(longTask({ max_tokens: 1 }));
    const small = await Answer.to(queen, longTask());
    await small.untilSaid(1);
    const messages = Array.from({ length: 30 }, () => ({ role: "user", content: "1".repeat(1_000_000) }) as const);
    const { prompt: _, ...task } = longTask();
    const huge = await queen.run({ ...task, messages });
    expect(huge.at(-1)).toMatchObject({ type: "error", code: "context.overflow" });
    expect(await small.end()).toMatchObject({ type: "done", attempts: 1 });
    expect(queen.stderr).not.toContain("the link to beta is gone");
  });

  test("S5 whose client does not read one answer of another machine goes on with the others", async () => {
    const cluster = await LanCluster.begin({ RBEE_WORKER_CONTEXT_TOKENS: "8192" });
    const { queen } = cluster;
    await cluster.join("beta");
    const model = `file:${randomModel({ endless: "digits", contextTokens: 8192 })}`;
    const endless = longTask({ model, max_tokens: 8000 });
    const paused = await queen.submit(endless);
    const response = await queen.openEvents(paused.job_id);
    response.pause();
    const other = await Answer.to(queen, endless);
    expect(await other.end()).toMatchObject({ type: "done", total_tokens: 8000 });
    expect(other.isInOrder).toBe(true);
    response.destroy();
    expect(await queen.outcome(paused.job_id, 120_000)).toMatchObject({ state: "done" });
    expect(textIn(await queen.hear(paused.job_id))).toBe(textIn(other.heard));
  });
});
