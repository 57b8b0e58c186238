/**
 * Goal: a network that breaks loses no answer, doubles no token, and leaves no worker behind that its queen gave up.
 * Method: a queen and members, each a real node on a machine of its own (a network of the kernel's); cables pulled,
 *       routes that lose what is sent one way.
 *
 * @see machines/member.ts, M1 M3; machines/hive.ts, H6; machines/rules/lease.ts, LE1 LE3;
 *      src/hosts/cluster/queen-side.ts, LN4; DESIGN.md of src/runtime for RC2, RC3, RS1
 */
import { describe, expect, test } from "vitest";
import { letGoMs } from "../../machines/rules/lease.ts";
import { REAP_MS } from "../../src/hosts/porter/bounds.ts";
import { waitUntil } from "../support/children.ts";
import { homeEnvironment, LAUNCHER } from "../support/keeper.ts";
import { Answer, LanCluster, longTask, type Member } from "../support/lan-cluster.ts";
import { needsNetwork, runBeside } from "../support/network.ts";
import { textIn } from "../support/node-harness.ts";

const WITHIN_MS = 60_000;
const options = { ...needsNetwork(), timeout: 180_000 };

type Way = (cluster: LanCluster, beta: Member) => void;
/** How a queen is lost, and found again. */
const WAYS: readonly (readonly [string, Way, Way])[] = [
  ["stands still", ({ queen }) => queen.freeze(), ({ queen }) => queen.thaw()],
  ["is cut off", (_, { machine }) => machine.unplug(), (_, { machine }) => machine.plug()],
  ["dies", ({ queen }) => queen.signal("SIGKILL"), () => {}],
];

test(
  "RS1 H6 however a queen with the shortest lease is lost, another machine has no worker 2 s later, as the doctor says",
  options,
  async () => {
    const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "1s" });
    const { queen, machine, home } = cluster;
    const beta = await cluster.join("beta");
    const env = { ...homeEnvironment(home), RBEE_QUEEN_LEASE: "1s" };
    const doctor = await runBeside(machine.pid, [process.execPath, LAUNCHER, "doctor"], env);
    expect(doctor.stdout).toContain("has no worker left within 2 s");
    for (const [how, lose, find] of WAYS) {
      await cluster.untilState("beta", "serving");
      await cluster.load("beta");
      const answer = await Answer.to(queen, longTask({ node: "beta" }));
      await answer.untilSaid(10);
      const workers = beta.node.processes();
      expect(workers, how).not.toEqual([]);
      // What they are asked they do not hear.
      for (const pid of workers) process.kill(pid, "SIGSTOP");
      lose(cluster, beta);
      await waitUntil(() => beta.node.processes().length === 0, 2000);
      expect(beta.node.isOver, how).toBe(false);
      find(cluster, beta);
    }
  },
);

describe("a network that breaks", options, () => {
  test("RC3 LN4 and heals in time: the answer goes on where it stood, by the same worker, each token once", async () => {
    const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "1m" });
    const { queen } = cluster;
    const beta = await cluster.join("beta");
    await cluster.load("beta");
    const answer = await Answer.to(queen, longTask());
    await answer.untilSaid(10);
    beta.machine.unplug();
    await waitUntil(() => queen.stderr.includes("the link to beta is gone"), WITHIN_MS);
    beta.machine.plug();
    const { worker } = answer;
    expect(await answer.end()).toMatchObject({ type: "done", worker, attempts: 1, total_tokens: 1500 });
    expect(answer.isInOrder).toBe(true);
    expect(textIn(answer.heard)).toBe(textIn(await queen.run(longTask())));
  });

  test("RC2 RS1 LE1 and stays broken: another machine goes on, the far side lets go, and it comes back empty", async () => {
    const leaseMs = 2000;
    const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "2s" });
    const { queen } = cluster;
    const beta = await cluster.join("beta");
    await cluster.load("beta");
    const answer = await Answer.to(queen, longTask());
    await answer.untilSaid(10);
    const first = answer.worker;
    expect((await cluster.hive("beta"))?.workers.map(({ id }) => id)).toEqual([first]);
    const workers = beta.node.processes();
    expect(workers).not.toEqual([]);
    beta.machine.unplug();
    await waitUntil(() => beta.node.processes().length === 0, letGoMs(leaseMs) + REAP_MS);
    expect(await answer.end()).toMatchObject({ type: "done", attempts: 2, total_tokens: 1500 });
    expect(answer.worker).not.toBe(first);
    expect((await cluster.hive("beta"))?.state).toBe("away");

    beta.machine.plug();
    await cluster.untilState("beta", "serving");
    expect((await cluster.hive("beta"))?.workers).toEqual([]);
    expect(beta.node.isOver).toBe(false);
    expect(answer.isInOrder).toBe(true);
    expect(textIn(answer.heard)).toBe(textIn(await queen.run(longTask())));
  });
});
