/**
 * Goal: the machines of a cluster are known by name, can be asked of themselves from anywhere, and one that is removed
 *       is out at once and for good.
 * Method: real nodes in homes of their own, the real keeper; kill -9 of the queen between.
 *
 * @see src/actors/queen/machines.ts, MC1 to MC3; src/hosts/cluster/cluster.ts, CU4; src/hosts/cluster/membership.ts,
 *   MB5; src/hosts/member-node.ts, MN6; src/hosts/cluster/questions.ts, QA1; src/cli/commands/logs.ts, LC3
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HiveStatusView, WorkerView } from "../../src/protocol/api.ts";
import { machinesView } from "../../src/protocol/machine-api.ts";
import { waitUntil } from "../support/children.ts";
import { keeper, LAUNCHER } from "../support/keeper.ts";
import { startNode, TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { EVERYWHERE, startMember, tokenFrom, twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Several nodes come up, one after the other. */
const LONG_MS = 240_000;

const statesAt = async (queen: TestNode) =>
  machinesView.parse((await queen.call("GET", "/v2/machines")).json()).machines.map(({ name, state }) => [name, state]);

/** One that does not become a member: it ends by itself. */
async function refused(home: string, ...args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const node = new TestNode({ home, program: [LAUNCHER, "join", ...args, "--listen", "127.0.0.1:0"], args: [] });
  const { code } = await node.ended;
  return { code, stderr: node.stderr };
}

test(
  "MC1 MB5 a machine has its name for itself, and may come again under it",
  async () => {
    const { queen, beta, home } = await twoMachines();
    const other = await refused(join(temporaryFolder(), "home"), await tokenFrom(queen), "--name", "beta");
    expect(other).toEqual({ code: 4, stderr: expect.stringContaining("machine.taken") });
    const own = await refused(join(temporaryFolder(), "home"), await tokenFrom(queen), "--name", "alpha");
    expect(own).toEqual({ code: 4, stderr: expect.stringContaining("machine.taken") });
    await beta.stop();
    await startMember(home, { token: await tokenFrom(queen) });
    await waitUntil(async () => (await statesAt(queen)).join().includes("beta,serving"), WITHIN_MS);
  },
  LONG_MS,
);

test(
  "MC2 MC3 CU4 MN6 a machine that is removed is out at once, and with its certificate for good",
  async () => {
    const queenHome = join(temporaryFolder(), "home");
    const { queen, beta, home } = await twoMachines({ queen: { home: queenHome, args: EVERYWHERE } });
    const removal = keeper(["hive", "remove", "beta"], { home: queenHome });
    expect([await removal.exitCode, removal.stderr]).toEqual([0, ""]);
    expect((await beta.ended).code).toBe(4);
    expect(beta.stderr).toContain("machine.removed");
    expect(await statesAt(queen)).toEqual([
      ["alpha", "serving"],
      ["beta", "removed"],
    ]);
    const asked = keeper(["status"], { home });
    expect([await asked.exitCode, asked.stderr]).toEqual([4, expect.stringContaining("machine.removed")]);

    const { port } = new URL(queen.ready.url);
    await queen.kill();
    const back = await startNode({ home: queenHome, args: ["--name", "alpha", "--listen", `0.0.0.0:${port}`] });
    expect(await refused(home)).toEqual({ code: 4, stderr: expect.stringContaining("machine.removed") });
    // With a token it is another machine of that name.
    await startMember(home, { token: await tokenFrom(back) });
    await waitUntil(async () => (await statesAt(back)).join().includes("beta,serving"), WITHIN_MS);
  },
  LONG_MS,
);

test(
  "QA1 LC3 a machine is asked of itself and its workers from any other, and told to be away when it is",
  async () => {
    const queenHome = join(temporaryFolder(), "home");
    const { queen, beta, home } = await twoMachines({ queen: { home: queenHome } });
    const told = async (...args: readonly string[]): Promise<string> => {
      const run = keeper(args, { home: queenHome });
      expect([args, await run.exitCode, run.stderr]).toEqual([args, 0, ""]);
      return run.stdout;
    };
    const workers = async (): Promise<readonly WorkerView[]> => (await queen.hive("beta"))?.workers ?? [];
    await waitUntil(async () => (await statesAt(queen)).join().includes("beta,serving"), WITHIN_MS);
    await queen.call("POST", "/v1/workers/spawn", { model: "starter", node: "beta" });
    await waitUntil(async () => (await workers()).some(({ state }) => state === "idle"), WITHIN_MS);
    const [{ id, pid } = { id: "", pid: 0 }] = await workers();

    expect(beta.processes()).toContain(pid);
    expect(JSON.parse(await told("worker", "health", id, "--json"))).toMatchObject({ workers: [{ pid, well: true }] });
    // A worker that is well prints nothing.
    appendFileSync(join(home, "logs", "workers", `${id}.log`), "one\ntwo\nthree\n");
    expect(await told("worker", "logs", id, "--lines", "2")).toBe("two\nthree\n");
    // LC3, LC2.
    const following = keeper(["worker", "logs", id, "-f", "--lines", "1"], { home: queenHome });
    await waitUntil(() => following.stdout === "three\n", WITHIN_MS);
    appendFileSync(join(home, "logs", "workers", `${id}.log`), "four\nfi");
    await waitUntil(() => following.stdout === "three\nfour\n", WITHIN_MS);
    appendFileSync(join(home, "logs", "workers", `${id}.log`), "ve\n");
    await waitUntil(() => following.stdout === "three\nfour\nfive\n", WITHIN_MS);
    following.process.kill("SIGINT");
    expect([await following.exitCode, following.stderr]).toEqual([130, ""]);
    const view = JSON.parse(await told("hive", "status", "--node", "beta", "--json")) as HiveStatusView;
    expect(view.hive).toMatchObject({ name: "beta", pid: beta.pid, workers: [{ id }] });
    expect(await told("hive", "detect", "--node", "beta")).toContain("cpu");
    await told("worker", "stop", id);
    await waitUntil(() => !beta.processes().includes(pid), WITHIN_MS);
    // Its log is there still, at its machine.
    expect(await told("worker", "logs", id, "--node", "beta")).toContain("five\n");

    await beta.kill();
    await waitUntil(async () => (await statesAt(queen)).join().includes("beta,away"), WITHIN_MS);
    const asked = [
      ["hive", "status", "--node", "beta"],
      ["hive", "detect", "--node", "beta"],
      ["worker", "logs", id, "--node", "beta"],
    ].map((args) => [args, keeper(args, { home: queenHome })] as const);
    for (const [args, run] of asked) {
      expect([args, await run.exitCode, run.stderr]).toEqual([args, 1, expect.stringContaining("machine.away")]);
    }
    const nowhere = keeper(["hive", "status", "--node", "gamma"], { home: queenHome });
    expect([await nowhere.exitCode, nowhere.stderr]).toEqual([2, expect.stringContaining("hive.unknown")]);
  },
  LONG_MS,
);
