/**
 * Goal: a worker's llama-server never outlives its worker, nor the node, however either dies; and a worker does not go on
 *       without its llama-server.
 * Method: a real node that runs its models by a stand-in for the program; SIGKILL, and the kernel's list of who is left.
 *
 * @see src/hosts/llama-server-program.ts, LP1; src/hosts/worker-engine.ts, WE1 (RS1, RS2, RS6)
 * @module
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processFacts } from "../../src/hosts/real/kernel.ts";
import { isAlive, waitUntil } from "../support/children.ts";
import { installLlamaServer } from "../support/llama-server.ts";
import { startNode, type TestNode, tokensIn } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const GONE_MS = 2_000;
const SOON_MS = 20_000;
const task = { capability: "text", prompt: "What is a hive?", temperature: 0, max_tokens: 10 } as const;

interface Family {
  readonly node: TestNode;
  readonly worker: number;
  readonly program: number;
}

/** @param kernelHelps whether the tool is there by which the kernel ends a child with its parent */
async function family(kernelHelps: boolean): Promise<Family> {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  mkdirSync(home);
  const path = installLlamaServer(join(folder, "bin"));
  const settings = ["worker: {engine: llama-server}", `engines: {llamaServer: {path: ${path}}}`];
  writeFileSync(join(home, "config.yaml"), `${settings.join("\n")}\n`);
  // The tools that everything needs, and setpriv not among them.
  const bare = join(folder, "tools");
  mkdirSync(bare);
  symlinkSync("/bin/sh", join(bare, "sh"));
  const node = await startNode({ home, ...(kernelHelps ? {} : { env: { PATH: bare } }) });
  const { pid: worker } = await node.worker("starter", "idle");
  return { node, worker, program: programOf(node, worker) };
}

const programOf = (node: TestNode, worker: number): number =>
  node.processes().find((pid) => processFacts(pid)?.parentPid === worker) ?? 0;

describe.each([
  ["where the kernel helps", true],
  ["where only the lifeline does", false],
] as const)("%s", (_where, kernelHelps) => {
  test("a node that is killed takes worker and program with it", async () => {
    const { node, worker, program } = await family(kernelHelps);
    expect(isAlive(program)).toBe(true);
    await node.kill();
    await waitUntil(() => !isAlive(worker) && !isAlive(program) && node.processes().length === 0, GONE_MS);
  });

  test("a worker that is killed takes its program with it, and another one serves", async () => {
    const { node, worker, program } = await family(kernelHelps);
    process.kill(worker, "SIGKILL");
    await waitUntil(() => !isAlive(program), GONE_MS);
    expect(tokensIn(await node.run(task))).toHaveLength(10);
    expect(await node.stop()).toBe(143);
    expect(node.processes()).toEqual([]);
  });
});

test("WE1 a program that is killed takes its worker with it at once, and jobs are tried again on another", async () => {
  const { node, worker, program } = await family(true);
  process.kill(program, "SIGKILL");
  await waitUntil(() => !isAlive(worker), GONE_MS);
  expect(tokensIn(await node.run(task))).toHaveLength(10);
  const status = (await node.call("GET", "/v1/hive/status")).json() as {
    readonly hive: { readonly ends: readonly { readonly code: string; readonly lastLines: readonly string[] }[] };
  };
  expect(status.hive.ends.at(0)?.code).toBe("worker.lost");
  expect(status.hive.ends.at(0)?.lastLines.join("\n")).toContain("llama-server ended with signal SIGKILL");
});

test("a worker is shown with its program's memory, and as what runs it", async () => {
  const { node, worker, program } = await family(true);
  const row = await node.worker("starter", "idle");
  expect([row.pid, row.backend]).toEqual([worker, "llama-server"]);
  expect(program).toBeGreaterThan(0);
  await waitUntil(async () => ((await node.workers())[0]?.reservedBytes ?? 0) > 0, SOON_MS);
  expect(await node.stop()).toBe(143);
  expect([worker, program].some(isAlive)).toBe(false);
});
