/**
 * The simulated engine keeps the contract of every engine, and fails as it is told to.
 */
import { describe, expect, test } from "vitest";
import { callsContract, TOOLS_CONTEXT_TOKENS } from "../support/calls-contract.ts";
import { CONTEXT_TOKENS, engineContract, type EngineWorld } from "../support/engine-contract.ts";
import { SimClock } from "./sim-clock.ts";
import { SimEngine, type SimModelFile } from "./sim-engine.ts";

const files = new Map<string, SimModelFile>([
  ["chat", { contextTokens: CONTEXT_TOKENS }],
  ["tools", { contextTokens: TOOLS_CONTEXT_TOKENS }],
  ["raw", { contextTokens: CONTEXT_TOKENS, chatTemplate: false }],
  ["foreign", { error: "model.foreign" }],
  ["cut", { error: "model.corrupt" }],
  ["architecture", { error: "model.architecture" }],
]);

/** Lets virtual time pass until the promise settles, or nothing more can happen. */
async function settle<Result>(clock: SimClock, promise: Promise<Result>): Promise<Result> {
  let settled = false;
  const mark = (): void => void (settled = true);
  promise.then(mark, mark);
  for (let idle = 0; !settled && idle < 100; idle++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled && clock.advance()) idle = 0;
  }
  return settled ? promise : Promise.reject(new Error("It never settles."));
}

function world(): EngineWorld {
  const clock = new SimClock();
  return {
    engine: (availableBytes = Infinity) => new SimEngine({ clock, files, availableBytes }),
    files: {
      chat: "chat",
      tools: "tools",
      raw: "raw",
      missing: "missing",
      foreign: "foreign",
      cut: "cut",
      architecture: "architecture",
    },
    settle: (promise) => settle(clock, promise),
  };
}

engineContract("simulated", world);
callsContract("simulated", world);

describe("faults of the simulated engine", () => {
  const spec = { modelPath: "chat", contextTokens: 512, slots: 1, threads: 1, gpu: "none" } as const;
  const asked = { input: { prompt: "hive" }, said: "", maxTokens: 50, temperature: 0, seed: 1 };
  const never = new AbortController().signal;

  test("it hangs in load until it is aborted", async () => {
    const clock = new SimClock();
    const engine = new SimEngine({ clock, files });
    engine.faults = { loadHangs: true };
    const abort = new AbortController();
    clock.after(60_000, () => abort.abort());
    await expect(
      settle(
        clock,
        engine.load(spec, () => {}, abort.signal),
      ),
    ).rejects.toMatchObject({ code: "interrupted" });
    expect(clock.monotonicMs()).toBe(60_000);
  });

  test("it fails, and stalls, at the token it is told", async () => {
    const clock = new SimClock();
    const engine = new SimEngine({ clock, files });
    await settle(
      clock,
      engine.load(spec, () => {}, never),
    );
    let heard = 0;
    const hear = (): void => void heard++;
    engine.faults = { failsAtToken: 3 };
    await expect(settle(clock, engine.generate(asked, hear, never))).rejects.toMatchObject({ code: "engine.failed" });
    expect(heard).toBe(3);
    engine.faults = { stallsAtToken: 2 };
    await expect(settle(clock, engine.generate(asked, hear, never))).rejects.toThrow("never settles");
    expect(heard).toBe(5);
  });
});
