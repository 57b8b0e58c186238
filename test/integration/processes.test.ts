/**
 * Real processes: the contract, and what only a real kernel can show.
 *
 * @module
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Processes } from "../../src/actors/hive/processes.ts";
import { realProcesses } from "../../src/hosts/real/processes.ts";
import { processesWith, waitUntil } from "../support/children.ts";
import { processesContract } from "../support/processes-contract.ts";
import type { ProcessesWorld } from "../support/processes-contract.ts";

const entry = resolve(import.meta.dirname, "../support/child-program.ts");
const silent = { onFrame: () => {}, onClosed: () => {} };

interface RealWorld extends ProcessesWorld {
  readonly home: string;
}

function realWorld(): RealWorld {
  const home = mkdtempSync(join(tmpdir(), "rbee-processes-"));
  const env = { PATH: process.env["PATH"] ?? "", RBEE_TEST_HOME: home };
  const processes = realProcesses({ home, runDir: join(home, "run"), env });
  return {
    home,
    processes,
    spec: (token, behaviour, argument = "") => ({ token, entry, args: [behaviour, argument], env: {} }),
    until: async (condition) => void (await waitUntil(condition, 10_000)),
    async close() {
      for (const { token } of processes.list()) processes.signal(token, "SIGKILL");
      await waitUntil(() => processesWith("RBEE_TEST_HOME", home).length === 0, 5_000);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

processesContract("real", realWorld);

describe("real processes", () => {
  let world: RealWorld;
  let processes: Processes;
  beforeEach(() => {
    world = realWorld();
    processes = world.processes;
  });
  afterEach(() => world.close());

  const records = (): readonly string[] => readdirSync(join(world.home, "run", "processes"));

  test("every fork is on record until it is reaped", async () => {
    const forked = await processes.fork(world.spec("a", "echo"), silent);
    const record: unknown = JSON.parse(readFileSync(join(world.home, "run", "processes", "a.json"), "utf8"));
    expect(record).toMatchObject({ token: "a", ...forked });
    expect(forked.startTicks).toMatch(/^[0-9]+$/);
    processes.signal("a", "SIGKILL");
    await processes.exited("a");
    expect(records()).toEqual([]);
  });

  test("a helper that a process leaves behind goes with it, and does not hold back the news", async () => {
    await processes.fork({ token: "a", entry, args: ["helper"], env: {} }, silent);
    await waitUntil(() => processesWith("RBEE_TEST_HOME", world.home).length === 2, 5_000);
    processes.write("a", Buffer.from("end"));
    expect(await processes.exited("a")).toMatchObject({ code: 0 });
    expect(processesWith("RBEE_TEST_HOME", world.home)).toEqual([]);
  });

  test("P2 pipes that somebody else holds open do not hold back the news, nor change its order", async () => {
    const order: string[] = [];
    let helperPid = 0;
    await processes.fork(
      { token: "a", entry, args: ["escape"], env: {} },
      { onFrame: (bytes) => (helperPid = Number(bytes.toString())), onClosed: () => order.push("closed") },
    );
    await processes.exited("a");
    order.push("exited");
    process.kill(helperPid, "SIGKILL");
    expect(order).toEqual(["closed", "exited"]);
  });

  test("a process gets the environment it was given and nothing of ours", async () => {
    process.env["RBEE_TEST_SECRET"] = "s3cret";
    await processes.fork({ ...world.spec("a", "echo"), env: { RBEE_TEST_GIVEN: "yes" } }, silent);
    delete process.env["RBEE_TEST_SECRET"];
    // Until its program has taken the forked process over, the kernel shows no environment of it.
    await waitUntil(() => processesWith("RBEE_TEST_GIVEN", "yes").length === 1, 5_000);
    expect(processesWith("RBEE_TEST_SECRET", "s3cret")).toHaveLength(0);
  });

  test("what a process prints is appended to its log, which stays within its bound", async () => {
    const logPath = join(world.home, "a.log");
    await processes.fork({ token: "a", entry, args: ["lines", "500000"], env: {}, logPath }, silent);
    await processes.exited("a");
    await waitUntil(() => statSync(logPath, { throwIfNoEntry: false }) !== undefined, 1_000);
    const sizes = [logPath, `${logPath}.old`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    for (const size of sizes) expect(size).toBeLessThan(5 * 1024 * 1024);
  });

  test("a machine that refuses a new process rejects the fork with process.fork", async () => {
    const env = { TOO_LONG: "x".repeat(4 * 1024 * 1024) };
    await expect(processes.fork({ ...world.spec("a", "echo"), env }, silent)).rejects.toMatchObject({
      code: "process.fork",
    });
    expect(processes.list()).toEqual([]);
    expect(processes.exited("a")).toBeUndefined();
  });

  test("a flood of small frames arrives whole", async () => {
    const count = 200_000;
    let frames = 0;
    let startMs = 0;
    let endMs = 0;
    const onFrame = (bytes: Buffer): void => {
      if (frames === 0) startMs = performance.now();
      if (bytes.length === 64) frames += 1;
      else endMs = performance.now();
    };
    await processes.fork({ token: "a", entry, args: ["flood", String(count)], env: {} }, { ...silent, onFrame });
    await waitUntil(() => endMs > 0, 10_000);
    expect(frames).toBe(count);
    console.log(`${Math.round(count / ((endMs - startMs) / 1_000))} frames of 64 bytes a second from child to parent`);
  });
});
