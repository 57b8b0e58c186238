/**
 * Goal: what the hive is told of models, processes and memory is what there is.
 * Method: the real port, a real model, a real child.
 *
 * @see src/hosts/machine/machine.ts, MA1 to MA3; src/hosts/machine/process-memory.ts, PM1 PM2
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { HiveEvent } from "../../machines/hive.ts";
import { type MachineOptions, machinePort } from "../../src/hosts/machine/machine.ts";
import { Catalog } from "../../src/hosts/models/catalog.ts";
import { processMemory } from "../../src/hosts/machine/process-memory.ts";
import type { MachineAsk } from "../../src/protocol/ports.ts";
import { cpu, gpu } from "../support/memory.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const MIB = 2 ** 20;

async function answer(ask: MachineAsk, given: Partial<MachineOptions> = {}): Promise<HiveEvent> {
  const catalog = new Catalog(temporaryFolder());
  const settings = { contextTokens: 512, slots: 2, endpoints: {}, engine: "llama", isAlone: () => true };
  const port = machinePort({ ...settings, room: () => [cpu(1e9)], catalog, ...given });
  const call = { id: "1", from: "hive/hive/main", event: ask, deadlineMs: 0 } as const;
  const { promise, resolve, reject } = Promise.withResolvers<HiveEvent>();
  port.ask(call, (result) => (result.ok ? resolve(result.event as HiveEvent) : reject(new Error(result.error.code))));
  return promise;
}

async function measured(path: string, given: Partial<MachineOptions> = {}) {
  const made = await answer({ type: "measure", worker: "w1", model: `file:${path}`, running: [] }, given);
  if (made.type !== "measured") throw new Error(made.type);
  return made;
}

/** A child that holds so much, and says so. */
async function child(bytes: number): Promise<number> {
  const program = `const held = Buffer.alloc(${bytes}, 1); console.log("held"); setInterval(() => held[0], 1000);`;
  const started = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void started.kill("SIGKILL"));
  await once(started.stdout, "data");
  return started.pid ?? 0;
}

describe("a model is measured", () => {
  test("MA1 the same file in the same settings has the same profile, and another one another", async () => {
    const path = randomModel();
    const copy = join(temporaryFolder(), "copy.gguf");
    copyFileSync(path, copy);
    const [one, again, other, longer, wider] = await Promise.all([
      measured(path),
      measured(path),
      measured(copy),
      measured(path, { contextTokens: 1024 }),
      measured(path, { slots: 3 }),
    ]);
    expect(again.profile).toBe(one.profile);
    expect(new Set([one, other, longer, wider].map(({ profile }) => profile)).size).toBe(4);
    expect(one).toMatchObject({ path, devices: [cpu(1e9)], held: [] });
    expect(one.cores).toBeGreaterThanOrEqual(1);
  });

  test("with what those hold that run: nothing yet where there is no process", async () => {
    const pid = await child(64 * MIB);
    const running = [
      { worker: "w1", pid },
      { worker: "w2", pid: 0 },
    ];
    const made = await answer({ type: "measure", worker: "w3", model: "starter", running });
    if (made.type !== "measured") throw new Error(made.type);
    const [held, none] = made.held;
    expect(held?.takenBytes).toBeGreaterThan(64 * MIB);
    expect(held?.peakBytes).toBeGreaterThanOrEqual(held?.takenBytes ?? 0);
    expect(none).toEqual({ worker: "w2", takenBytes: 0, peakBytes: 0 });
  });
});

describe("a model of somebody else's server", () => {
  const endpoints = { box: { url: "http://127.0.0.1:1/", key: undefined, privacy: "secret" } } as const;
  const ask: MachineAsk = { type: "measure", worker: "w1", model: "openai:m@box", running: [] };

  test("MA3 takes nothing here but the process that asks, and goes to no GPU", async () => {
    const made = await answer(ask, { endpoints, room: () => [gpu("gpu0", 1e9, 1e9), cpu(1e9)] });
    expect(made).toMatchObject({ path: "", devices: [cpu(1e9)], needs: { weightsBytes: 0, cacheBytes: 0 } });
  });

  test("is not measured where nobody has named the server", async () => {
    await expect(answer(ask)).rejects.toThrow("endpoint.unknown");
  });
});

describe("a process is weighed", () => {
  test("by the most that it ever held", async () => {
    const pid = await child(96 * MIB);
    const weighed = await answer({ type: "weigh", worker: "w1", pid, profile: "p" });
    expect(weighed).toMatchObject({ type: "weighed", worker: "w1", profile: "p", devices: [cpu(1e9)] });
    expect(weighed.type === "weighed" && weighed.peakBytes).toBeGreaterThan(96 * MIB);
  });

  test("PM2 with what it has started: there its model may be", async () => {
    const inner = `const held = Buffer.alloc(${96 * MIB}, 1); console.log("held"); setInterval(() => held[0], 1000);`;
    const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], {
      stdio: ["ignore", "inherit", "inherit"] }); setInterval(() => {}, 1000);`;
    const started = spawn(process.execPath, ["-e", outer], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void process.kill(-(started.pid ?? 0), "SIGKILL"));
    await once(started.stdout, "data");
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${started.pid}/status`, "utf8"))?.[1]) * 1024;
    expect(processMemory(started.pid ?? 0)?.peakBytes).toBeGreaterThan(own + 96 * MIB);
  });

  test("PM1 if it is a child of this one: a pid that was given away again is nobody's", () => {
    expect([processMemory(1), processMemory(process.pid), processMemory(2 ** 22 + 1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("MA2 memory that comes back late", () => {
  const ask: MachineAsk = { type: "look", worker: "w1", device: "gpu0", freeBytes: 50 };

  test("is waited for", async () => {
    let free = 20;
    const room = () => [gpu("gpu0", 100, (free += 10))];
    expect(await answer(ask, { room })).toMatchObject({ type: "looked", worker: "w1", devices: [{ freeBytes: 50 }] });
  });

  test("and not for ever", async () => {
    expect(await answer(ask, { room: () => [gpu("gpu0", 100, 49)] })).toMatchObject({ devices: [{ freeBytes: 49 }] });
  });
});
