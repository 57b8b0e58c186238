/**
 * An installed llama-server as an engine, asked through a node's door, beside the same program asked alone; and the
 * built-in engine through the same door beside both.
 *
 * All have the same file of random weights, one thread, as many slots, and get the same requests from the same client
 * in the same dialect; they take turns. The program is the one that the person's own configuration names: where there
 * is none, nothing is measured, and that is said.
 *
 * @module
 */
import { freePort } from "./free-port.ts";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { findProgram } from "../../src/hosts/worker/llama-server-program.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { loadConfig } from "../../src/runtime/config/load.ts";
import { writeRandomModel } from "../starter/random-model.ts";
import { type Bench, compare, type Print } from "./measure.ts";
import { inTemporaryFolder, startNodeProcess } from "./node-process.ts";

const SLOTS = 16;
const CONTEXT_TOKENS = 256;
const PROMPT = "The queen sends the job";
/** Of each answer, by how many there are at once: shorter where everybody waits for everybody. */
const TOKENS: Readonly<Record<number, number>> = { 1: 64, 4: 48, 16: 32 };
const RUNS = 5;
const GOAL = 0.97;
const READY_MS = 60_000;
const POLL_MS = 50;
const VERSION_MS = 5_000;
/** A worker's has one too. */
const KEY = "alone";

/** Whom the client asks. */
interface Side {
  readonly url: string;
  readonly model: string;
  readonly key?: string;
  stop(): Promise<unknown>;
}

interface Ask {
  readonly streams: number;
  readonly tokens: number;
}

export const nativeBench: Bench = {
  name: "native",
  async run(print) {
    const program = await foundProgram();
    if (program !== undefined) await inTemporaryFolder((folder) => measure(program, folder, print));
  },
};

/** The person's own, whose name is told: figures of another program would be worth nothing. */
async function foundProgram(): Promise<string | undefined> {
  try {
    const { config } = loadConfig({ flags: {}, env: process.env, cwd: process.cwd() });
    const path = findProgram(config.engines.llamaServer.path);
    process.stderr.write(`rbee bench native: runs ${path} (${await versionOf(path)})\n`);
    return path;
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    if (code !== "engine.server.missing") throw thrown;
    process.stderr.write(`rbee bench native: SKIPPED, nothing was measured: ${message}\n`);
    return undefined;
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ["--version"], { timeout: VERSION_MS });
    return /version: .*/.exec(stdout + stderr)?.[0] ?? "it does not say which version";
  } catch {
    return "it does not know --version: no llama.cpp that was released";
  }
}

async function measure(program: string, folder: string, print: Print): Promise<void> {
  const modelPath = join(folder, "model.gguf");
  writeRandomModel({ path: modelPath, seed: 1, size: "150m", endless: true });
  const sides: Side[] = [];
  const begin = async (side: Promise<Side>): Promise<Side> => {
    sides.push(await side);
    return side;
  };
  try {
    const alone = await begin(startAlone(program, modelPath));
    const through = await begin(startNode(join(folder, "native"), modelPath, program));
    const builtIn = await begin(startNode(join(folder, "built-in"), modelPath, undefined));
    for (const [at, tokens] of Object.entries(TOKENS)) {
      const ask: Ask = { streams: Number(at), tokens };
      const baseline = (): Promise<number> => rate(alone, ask);
      const line = { bench: "native", unit: "tokens/s", runs: RUNS, baseline };
      print(await compare({ ...line, case: `150m-x${at}`, goal: GOAL, subject: () => rate(through, ask) }));
      print(await compare({ ...line, case: `150m-built-in-x${at}`, subject: () => rate(builtIn, ask) }));
    }
  } finally {
    for (const side of sides) await side.stop();
  }
}

async function startNode(home: string, modelPath: string, program: string | undefined): Promise<Side> {
  // A file that lies among the models of a node has a name at its door.
  const model = "hf:bench/random/model.gguf";
  const models = join(home, "models", "hf", "bench", "random");
  mkdirSync(models, { recursive: true });
  linkSync(modelPath, join(models, "model.gguf"));
  const node = await startNodeProcess(home, {
    RBEE_MODEL_DEFAULT: model,
    RBEE_WORKER_SLOTS: String(SLOTS),
    RBEE_WORKER_CONTEXT_TOKENS: String(CONTEXT_TOKENS),
    RBEE_WORKER_THREADS: "1",
    RBEE_WORKER_GPU: "none",
    ...(program !== undefined && { RBEE_WORKER_ENGINE: "llama-server", RBEE_ENGINES_LLAMA_SERVER_PATH: program }),
  });
  return { url: `${node.url}/v1/`, model, stop: () => node.stop() };
}

/** As a person would start it for the same work: what a worker gives it as well. */
async function startAlone(program: string, modelPath: string): Promise<Side> {
  const port = await freePort();
  const place = ["--model", modelPath, "--host", "127.0.0.1", "--port", String(port)];
  const room = ["--ctx-size", String(CONTEXT_TOKENS * SLOTS), "--parallel", String(SLOTS), "--no-context-shift"];
  const env = { ...process.env, LLAMA_ARG_CACHE_RAM: "0", LLAMA_API_KEY: KEY };
  const args = [...place, ...room, "--threads", "1", "--n-gpu-layers", "0", "--alias", "model"];
  const child = spawn(program, args, { env, stdio: "ignore" });
  const exited = once(child, "exit");
  const giveUpMs = performance.now() + READY_MS;
  for (;;) {
    const headers = { authorization: `Bearer ${KEY}` };
    const health = await fetch(`http://127.0.0.1:${port}/health`, { headers }).catch(() => undefined);
    await health?.arrayBuffer();
    if (health?.ok === true) break;
    if (child.exitCode !== null || performance.now() > giveUpMs) {
      child.kill("SIGKILL");
      throw new Error(`${program} did not come up`);
    }
    await pause(POLL_MS);
  }
  const stop = (): Promise<unknown> => (child.kill("SIGTERM"), exited);
  return { url: `http://127.0.0.1:${port}/v1/`, model: "model", key: KEY, stop };
}

async function rate(side: Side, { streams, tokens }: Ask): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: streams }, () => answer(side, tokens)));
  return (streams * tokens * 1000) / (performance.now() - startedMs);
}

const told = z.object({ usage: z.object({ completion_tokens: z.int() }) });

/** One answer, read to its end as the OpenAI dialect streams it. */
async function answer({ url, model, key }: Side, tokens: number): Promise<void> {
  const messages = [{ role: "user", content: PROMPT }];
  const asked = { model, messages, max_tokens: tokens, temperature: 0, stream: true };
  const response = await fetch(`${url}chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ ...asked, stream_options: { include_usage: true } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers with ${response.status}: ${text}`);
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  const { usage } = told.parse(JSON.parse(events.at(-1)?.slice("data: ".length) ?? "{}"));
  if (usage.completion_tokens !== tokens) throw new Error(`${url} made ${usage.completion_tokens} tokens of ${tokens}`);
}
