/**
 * Goal: an installed llama-server keeps the contract of every engine, and what becomes of the program is told.
 * Method: a stand-in with the same flags and doors, really started, over real HTTP on loopback.
 *
 * @see src/actors/engines/llama-server.ts, LS1 to LS4; src/hosts/worker/llama-server-program.ts, LP1 to LP5
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LlamaServerEngine } from "../../src/actors/engines/llama-server.ts";
import { llamaServer } from "../../src/hosts/worker/llama-server-program.ts";
import { isAlive, waitUntil } from "../support/children.ts";
import { callsContract, TOOLS_CONTEXT_TOKENS } from "../support/calls-contract.ts";
import { CONTEXT_TOKENS, engineContract, type EngineWorld } from "../support/engine-contract.ts";
import { installLlamaServer } from "../support/llama-server.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const SOON_MS = 20_000;
const never = new AbortController().signal;
const { home: folder, remove } = temporaryHome();
const path = installLlamaServer(folder);
const clock = { now: () => performance.now(), after: (ms: number, run: () => void) => void setTimeout(run, ms) };
const chat = randomModel({ contextTokens: CONTEXT_TOKENS });
const spec = { modelPath: chat, contextTokens: 64, slots: 2, threads: 1, gpu: "none" } as const;
const lost: string[] = [];

afterAll(remove);

function made(program = path, availableBytes = Infinity): LlamaServerEngine {
  const heard = (how: string): void => void lost.push(how);
  return new LlamaServerEngine({
    start: llamaServer(program),
    clock,
    availableBytes: () => availableBytes,
    lost: heard,
  });
}

/** A copy of a good model under a name that says how the stand-in behaves. */
function modelCalled(name: string): string {
  const copy = join(folder, `${name}.gguf`);
  copyFileSync(chat, copy);
  return copy;
}

const children = (): readonly number[] =>
  readdirSync(`/proc/${process.pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${process.pid}/task/${task}/children`, "utf8").split(" "))
    .filter((pid) => pid !== "")
    .map(Number);

const load = (engine: LlamaServerEngine, modelPath = chat, signal = never) =>
  engine.load({ ...spec, modelPath }, () => {}, signal);

function world(): EngineWorld {
  const missing = join(folder, "missing.gguf");
  const raw = randomModel({ contextTokens: CONTEXT_TOKENS, chatTemplate: false });
  const tools = randomModel({ contextTokens: TOOLS_CONTEXT_TOKENS });
  return {
    engine: () => made(),
    files: { chat, tools, raw, missing, foreign: "", cut: "", architecture: "" },
    settle: (promise) => promise,
  };
}

engineContract("llama-server", world, "llama-server");
callsContract("llama-server", world);

describe("the program", () => {
  test("LP2 LP5 is told where to listen and how much to evaluate at once, and its key stands in no command line", async () => {
    const engine = made();
    const before = children();
    expect(await load(engine)).toMatchObject({ contextTokens: 64, slots: 2, backend: "llama-server" });
    const [pid = 0] = children().filter((child) => !before.includes(child));
    const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const after = (flag: string): string | undefined => line[line.indexOf(flag) + 1];
    expect([after("--host"), after("--ctx-size"), after("--parallel")]).toEqual(["127.0.0.1", "128", "2"]);
    // LP5: on a processor.
    expect(after("--batch-size")).toBe("128");
    const key = /LLAMA_API_KEY=([0-9a-f]{64})/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
    expect(line.join(" ")).not.toContain(key);
    const answer = await fetch(`http://127.0.0.1:${after("--port")}/v1/chat/completions`, {
      method: "POST",
      body: "{}",
    });
    expect(answer.status).toBe(401);
    await engine.unload();
    expect(isAlive(pid)).toBe(false);
    expect(lost).toEqual([]);
  });

  test("LS2 is waited for while it loads", async () => {
    const engine = made();
    expect((await load(engine, modelCalled("slow"))).slots).toBe(2);
    await engine.unload();
  });

  test("LS3 that ends while it loads is told with its own words", async () => {
    await expect(load(made(), modelCalled("broken"))).rejects.toMatchObject({
      code: "model.architecture",
      message: expect.stringContaining("unknown model architecture: 'newer'"),
    });
  });

  test("LS1 never sees a file that is no whole model, nor one that does not fit", async () => {
    const cut = join(folder, "cut.gguf");
    writeFileSync(cut, readFileSync(chat).subarray(0, -1_000));
    const before = children();
    await expect(load(made(), cut)).rejects.toMatchObject({ code: "model.corrupt" });
    await expect(load(made(path, 1_000))).rejects.toMatchObject({ code: "engine.out.of.memory" });
    expect(children()).toEqual(before);
  });

  test("LS4 is gone when loading is given up in the middle", async () => {
    const abort = new AbortController();
    const before = children();
    const loading = load(made(), modelCalled("slow"), abort.signal);
    await waitUntil(() => children().length > before.length, SOON_MS);
    abort.abort();
    await expect(loading).rejects.toMatchObject({ code: "interrupted" });
    expect(children()).toEqual(before);
  });

  test("that ends by itself later is told at once", async () => {
    const engine = made();
    const before = children();
    await load(engine);
    const [pid = 0] = children().filter((child) => !before.includes(child));
    process.kill(pid, "SIGKILL");
    await waitUntil(() => lost.length === 1, SOON_MS);
    expect(lost).toEqual(["signal SIGKILL"]);
    await engine.unload();
  });

  test.each([
    ["llama-server-that-nobody-has", "is not in PATH"],
    [chat, "is no program"],
    [folder, "is no program"],
  ])("that is not there is told as missing: %s", async (program, says) => {
    await expect(load(made(program))).rejects.toMatchObject({
      code: "engine.server.missing",
      message: expect.stringContaining(says),
    });
  });
});
