/**
 * The entry of a worker process: under a hive, which forked it, or alone, for testing.
 *
 *  W1 The event loop's beat is sent every second, so that a hang shows.
 *  W2 When the channel closes, nobody can reach this worker any more: it ends.
 *
 * Alone: `node src/hosts/worker/worker.ts --model /path/model.gguf`; `--help` tells the rest.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { join, resolve } from "node:path";
import type { FromWorker, ToWorker } from "../../actors/worker/channel.ts";
import { startRuntime } from "../../actors/engines/llama/runtime.ts";
import { CHANNEL_FD, openChannel } from "../../net/channel.ts";
import { ERRORS, errorData, RbeeError } from "../../protocol/errors.ts";
import { MessageLine, MessageReader } from "../processes/message-line.ts";
import type { WorkerProcess } from "./process.ts";
import { WATCH, type WorkerStart, workerStart } from "./start.ts";

const BEAT_MS = 1000;
const DAY_MS = 86_400_000;
const FIRST_PORT = 8001;
const STARTER_PATH = join(import.meta.dirname, "../../../models/starter.gguf");

/**
 * The engine's library is large, and tries a GPU's binary in a process of its own; what else a worker is made of is
 * loaded meanwhile. What goes wrong with the engine is told when a model is loaded with it.
 */
async function startWorker(start: WorkerStart, say?: (message: FromWorker) => void): Promise<WorkerProcess> {
  if (start.program.kind === "llama") startRuntime(start.engine.gpu).catch(() => {});
  return (await import("./process.ts")).startWorker(start, say);
}

async function underHive(start: WorkerStart): Promise<void> {
  const early: ToWorker[] = [];
  let hear = (message: ToWorker): void => void early.push(message);
  const reader = new MessageReader<ToWorker>();
  const channel = openChannel(CHANNEL_FD, {
    onFrame(frame) {
      const message = reader.push(frame);
      if (message !== undefined) hear(message);
    },
    onDrain: () => line.drain(),
    onClosed: () => process.exit(0),
  });
  const line = new MessageLine((frame, mayWait) => channel.send(frame, mayWait));
  // Of what many slots say, much leaves together; nobody is kept waiting for an answer.
  const say = (message: FromWorker): void => line.send(message, message.kind === "chunk");
  setInterval(() => say({ kind: "beat" }), BEAT_MS);
  const worker = await startWorker(start, say);
  hear = (message) => worker.hear(message);
  for (const message of early) worker.hear(message);
  say({ kind: "hello" });
  await worker.over;
  await line.empty();
  await channel.end();
}

async function alone(args: readonly string[]): Promise<void> {
  const worker = await startWorker(fromArguments(args));
  console.error(`worker: serves http://127.0.0.1:${worker.port}`);
  process.once("SIGINT", () => process.exit(ERRORS.interrupted.exitCode));
  process.once("SIGTERM", () => process.exit(ERRORS.terminated.exitCode));
  await worker.ready().then(
    () => console.error("worker: the model is loaded"),
    (thrown: unknown) => {
      // Asked to shut down before the model was loaded: that is its end, and no failure.
      if (errorData(thrown).code !== "interrupted") throw thrown;
    },
  );
  await worker.over;
  await worker.close();
}

const USAGE = `Usage: node src/hosts/worker/worker.ts [--model PATH] [options]

One worker alone, without queen or hive, at a door on 127.0.0.1.

  --model PATH          a GGUF file; default: the starter model
  --port PORT           default: the first free one from 8001; 0 takes any
  --slots N             requests that are answered at the same time; default 4
  --context-tokens N    room of each of them, prompt and answer together; default 4096
  --threads N           processor threads; default 1

  node src/hosts/worker/worker.ts --model /models/llama-3.1-8b-q4_k_m.gguf --port 8001
`;

/** @throws RbeeError usage.invalid */
function fromArguments(args: readonly string[]): WorkerStart {
  const values = valuesOf(args);
  const modelPath = resolve(values.model ?? STARTER_PATH);
  return {
    worker: "alone",
    model: modelPath,
    engine: {
      modelPath,
      contextTokens: count(values, "context-tokens", 1_048_576),
      slots: count(values, "slots", 256),
      threads: count(values, "threads", 1_024),
      gpu: "auto",
    },
    program: { kind: "llama" },
    temperature: 0,
    idleTimeoutMs: DAY_MS,
    loadTimeoutMs: DAY_MS,
    drainTimeoutMs: 10_000,
    watch: WATCH,
    portsFrom: values.port === undefined ? FIRST_PORT : count(values, "port", 65_535, 0),
    portOrNext: values.port === undefined,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        model: { type: "string" },
        port: { type: "string" },
        slots: { type: "string", default: "4" },
        "context-tokens": { type: "string", default: "4096" },
        threads: { type: "string", default: "1" },
      },
    }).values;
  } catch (thrown) {
    throw new RbeeError("usage.invalid", errorData(thrown).message);
  }
}

type Counted = "port" | "slots" | "context-tokens" | "threads";

function count(values: Readonly<Partial<Record<Counted, string>>>, name: Counted, max: number, min = 1): number {
  const text = values[name] ?? "";
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new RbeeError(
    "usage.invalid",
    `--${name} takes a whole number from ${min} to ${max}, and not ${text || "nothing"}`,
  );
}

const args = process.argv.slice(2);
const [first] = args;
try {
  if (first === "--help" || first === "-h") process.stdout.write(USAGE);
  else await (first?.startsWith("{") === true ? underHive(workerStart.parse(JSON.parse(first))) : alone(args));
  process.exit(0);
} catch (thrown) {
  const { code, message } = errorData(thrown);
  console.error(`worker: ${code}: ${message}. ${ERRORS[code].advice}`);
  process.exit(ERRORS[code].exitCode);
}
