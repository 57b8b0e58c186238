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
});

describe("the end of a worker", () => {
  test("is told as interrupted or as worker.lost, also by `worker list --all` and `hive status`", async () => {
    const node = await startNode({ warm: true });
    const ended = async (id: string, code: string, message: RegExp): Promise<void> => {
      await waitUntil(() => isGone(node, id), 15_000);
      const end = await endOf(node, id);
      expect([end.code, `${end.message}; ${end.how}`]).toEqual([code, expect.stringMatching(message)]);
      expect(Date.parse(end.endedAt)).toBeGreaterThan(0);
    };
    const asked = await node.worker("starter", "idle");
    await node.call("POST", "/v1/workers/stop", { worker: asked.id });
    await ended(asked.id, "interrupted", /stopped on request|asked/i);
    await node.call("POST", "/v1/workers/spawn", {});
    const crashed = await node.worker("starter", "idle");
    process.kill(crashed.pid, "SIGABRT");
    await ended(crashed.id, "worker.lost", /signal SIGABRT/);
    for (const words of [
      ["worker", "list", "--all"],
      ["hive", "status"],
    ]) {
      const { code, stdout } = await run(node, ...words);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/interrupted[^]*worker\.lost|worker\.lost[^]*interrupted/),
      ]);
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
