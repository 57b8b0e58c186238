/**
 * Goal: a worker's llama-server never outlives its worker, nor the node, however either dies; and a worker does not go
 *       on without its llama-server.
 * Method: a real node whose models a stand-in for the program runs; SIGKILL, and the kernel's list of who is left.
 *
 * @see src/hosts/worker/llama-server-program.ts, LP1; src/hosts/worker/engine.ts, WE1 (RS1, RS2, RS6)
 * @module
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { processFacts } from "../../src/hosts/real/kernel.ts";
import type { HiveStatusView } from "../../src/protocol/api.ts";
import { isAlive, waitUntil } from "../support/children.ts";
import { installLlamaServer } from "../support/llama-server.ts";
import { startNode, type TestNode, tokensIn } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";

const GONE_MS = 2_000;
const task = { capability: "text", prompt: "What is a hive?", temperature: 0, max_tokens: 10 } as const;

/** A home whose models are run by llama-server, and a folder with no other tool than a shell. */
function prepared() {
  const { home, remove } = temporaryHome();
  const tools = join(home, "..", "tools");
  for (const folder of [home, tools]) mkdirSync(folder, { recursive: true });
  symlinkSync("/bin/sh", join(tools, "sh"));
  const path = installLlamaServer(tools);
  const settings = ["worker: {engine: llama-server}", `engines: {llamaServer: {path: ${path}}}`];
  writeFileSync(join(home, "config.yaml"), `${settings.join("\n")}\n`);
  return { home, tools, remove };
}

describe.each([
  ["where the kernel ends a child with its parent", true],
  ["where only the lifeline does", false],
])("%s", (_where, kernelHelps) => {
  let node: TestNode;

  beforeAll(async () => {
    const { home, tools, remove } = prepared();
    const ends: (() => Promise<void>)[] = [];
    const env = kernelHelps ? {} : { PATH: tools };
    node = await startNode({ warm: true, home, env, lastly: (end) => void ends.push(end) });
    return async () => {
      for (const end of ends) await end();
      remove();
    };
  });

  /** One that serves, and its program. */
  async function pair(): Promise<{ readonly worker: number; readonly program: number }> {
    expect(tokensIn(await node.run(task))).toHaveLength(10);
    const { pid: worker, backend } = await node.worker("starter", "idle");
    expect(backend).toBe("llama-server");
    const program = node.processes().find((pid) => processFacts(pid)?.parentPid === worker) ?? 0;
    expect(isAlive(program)).toBe(true);
    return { worker, program };
  }

  test("WE1 a program that is killed takes its worker with it, which says why, and another one serves", async () => {
    const { worker, program } = await pair();
    process.kill(program, "SIGKILL");
    await waitUntil(() => !isAlive(worker), GONE_MS);
    await pair();
    const { hive } = (await node.call("GET", "/v1/hive/status")).json() as HiveStatusView;
    expect(hive.ends[0]).toMatchObject({ pid: worker, code: "worker.lost" });
    expect(hive.ends[0]?.lastLines.join("\n")).toContain("llama-server ended with signal SIGKILL");
  });

  test("LP1 a worker that is killed takes its program with it, and another one serves", async () => {
    const { worker, program } = await pair();
    process.kill(worker, "SIGKILL");
    await waitUntil(() => !isAlive(program), GONE_MS);
    await pair();
  });

  test("LP1 a worker that is stopped ends its program first", async () => {
    const { worker, program } = await pair();
    const { id } = await node.worker("starter", "idle");
    await node.call("POST", "/v1/workers/stop", { worker: id });
    await waitUntil(() => !isAlive(worker) && !isAlive(program), 4 * GONE_MS);
  });

  test("LP1 a node that is killed leaves neither", async () => {
    const { worker, program } = await pair();
    await node.kill();
    await waitUntil(() => !isAlive(worker) && !isAlive(program) && node.processes().length === 0, GONE_MS);
  });
});
