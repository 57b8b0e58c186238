/**
 * Goal: a worker is well because it answers, and whatever ends it is told by name; what dies too often is left alone.
 * Method: the real program with the real engine; its workers are stopped and killed by signals.
 *
 * @see machines/process.ts P5, machines/rules/intensity.ts I1, src/hosts/processes/workers.ts W6
 * @module
 */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEATHS_MAX } from "../../machines/rules/intensity.ts";
import type { HiveStatusView, WorkerHealth } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";

/** From the last beat to the verdict (5 s), and for a machine that is busy. */
const HUNG_WITHIN_MS = 12_000;

const healthOf = async (node: TestNode, worker: string): Promise<WorkerHealth> =>
  (await node.call("GET", `/v1/workers/${worker}/health`)).json() as WorkerHealth;
const hiveOf = async (node: TestNode): Promise<HiveStatusView["hive"]> =>
  ((await node.call("GET", "/v1/hive/status")).json() as HiveStatusView).hive;
const isGone = async (node: TestNode, worker: string): Promise<boolean> =>
  (await node.workers()).every(({ id }) => id !== worker);
const endOf = async (node: TestNode, worker: string) =>
  (await hiveOf(node)).ends.find((end) => end.worker === worker) ?? expect.fail(`${worker} has not ended`);

async function run(node: TestNode, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = keeper(args, { home: node.home });
  const code = await command.exitCode;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

describe("a worker's health", () => {
  test("is a real inference: tokens that were made, how long they took, and what it holds", async () => {
    const node = await startNode({ warm: true });
    const { id, pid } = await node.worker("starter", "idle");
    const health = await healthOf(node, id);
    expect(health).toMatchObject({ worker: id, pid, model: "starter", state: "idle", well: true, restarts: 0 });
    expect(health.proof?.by).toBe("probe");
    expect(health.proof?.probe?.totalMs).toBeGreaterThan(0);
    expect(health.memory?.rssBytes).toBeGreaterThan(50 * 2 ** 20);
    expect(health.memory?.peakRssBytes).toBeGreaterThanOrEqual(health.memory?.rssBytes ?? Infinity);
    const shown = await run(node, "worker", "health");
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`${id} +starter +idle +yes +probe`)),
    ]);
    const asked = await run(node, "worker", "health", id, "--json");
    expect(JSON.parse(asked.stdout)).toMatchObject({ schemaVersion: 1, workers: [{ worker: id, well: true }] });
    const refusal = refusalIn(await node.call("GET", "/v1/workers/w-none/health"));
    expect([refusal.status, refusal.code]).toEqual([404, "request.not.found"]);
  });

  test("that hangs is found by its missing beat, told as worker.hung, and replaced when work wants it", async () => {
    const node = await startNode({ warm: true });
    const { id, pid } = await node.worker("starter", "idle");
    process.kill(pid, "SIGSTOP");
    const shown = run(node, "worker", "health");
    await waitUntil(() => isGone(node, id), HUNG_WITHIN_MS);
    expect(await endOf(node, id)).toMatchObject({ code: "worker.hung", how: "signal SIGKILL" });
    const { code, stdout } = await shown;
    expect([code, stdout]).toEqual([1, expect.stringContaining("worker.hung")]);
    const heard = await node.run({ prompt: "2 + 2 =", max_tokens: 4 });
    expect(heard.at(-1)?.type).toBe("done");
    const other = await node.worker("starter", "idle");
    expect(await healthOf(node, other.id)).toMatchObject({ well: true, restarts: 1 });
  });
});

describe("the end of a worker", () => {
  test.each([
    ["asked", "interrupted", /stopped on request|asked/i],
    ["crashed", "worker.lost", /signal SIGABRT/],
  ])("that was %s is told as %s, also by `worker list --all` and `hive status`", async (how, code, message) => {
    const node = await startNode({ warm: true });
    const { id, pid } = await node.worker("starter", "idle");
    if (how === "crashed") process.kill(pid, "SIGABRT");
    else await node.call("POST", "/v1/workers/stop", { worker: id });
    await waitUntil(() => isGone(node, id), 15_000);
    const end = await endOf(node, id);
    expect([end.code, `${end.message}; ${end.how}`]).toEqual([code, expect.stringMatching(message)]);
    expect(Date.parse(end.endedAt)).toBeGreaterThan(0);
    for (const words of [
      ["worker", "list", "--all"],
      ["hive", "status"],
    ]) {
      const shown = await run(node, ...words);
      expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining(code)]);
    }
  });

  test("that was idle for its time is told as worker.idle; its process is reaped and nothing is booked for it", async () => {
    const node = await startNode({ warm: true, env: { RBEE_WORKER_IDLE_TIMEOUT: "1s" } });
    const { id, pid } = await node.worker("starter", "idle");
    await waitUntil(() => isGone(node, id), 15_000);
    expect(await endOf(node, id)).toMatchObject({ code: "worker.idle", how: "exit code 0" });
    const { memory } = await hiveOf(node);
    expect([existsSync(`/proc/${pid}`), node.processes(), memory.bookedBytes]).toEqual([false, [], 0]);
  });
});

test("I1 worker.unstable: a model whose workers die again and again is refused with what killed them", async () => {
  const node = await startNode({ warm: true });
  for (let death = 0; death < DEATHS_MAX; death++) {
    if (death > 0) await node.call("POST", "/v1/workers/spawn", {});
    let found = "";
    await waitUntil(async () => {
      const worker = (await node.workers()).find(({ pid }) => pid > 0);
      if (worker === undefined) return false;
      found = worker.id;
      process.kill(worker.pid, "SIGKILL");
      return true;
    }, 15_000);
    await waitUntil(() => isGone(node, found), 15_000);
  }
  const heard = await node.run({ prompt: "2 + 2 =", max_tokens: 4 });
  expect(heard.at(-1)).toMatchObject({
    type: "error",
    code: "worker.unstable",
    message: expect.stringContaining("SIGKILL"),
  });
});

test("`hive detect` needs no node: it tells what models can run on here, and why not", async () => {
  const command = keeper(["hive", "detect", "--json"]);
  expect(await command.exitCode).toBe(0);
  const found = JSON.parse(command.stdout) as { readonly machine: object; readonly backends: readonly object[] };
  expect(found).toMatchObject({ schemaVersion: 1, machine: { cores: expect.any(Number) } });
  expect(found.backends).toContainEqual(expect.objectContaining({ kind: "cpu", usable: true }));
});
