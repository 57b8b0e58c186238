/**
 * The entry of a worker process: under a hive, which forked it, or alone, for testing.
 *
 *  W1 The event loop's beat is sent every second, so that a hang shows.
 *  W2 When the channel closes, nobody can reach this worker any more: it ends.
 *
 * Alone: `node src/hosts/worker.ts --model /path/model.gguf [--port 8001] [--slots 4] [--context-tokens 4096]`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import type { FromWorker, ToWorker } from "../actors/worker/channel.ts";
import { startRuntime } from "../actors/engines/llama-runtime.ts";
import { CHANNEL_FD, openChannel } from "../net/channel.ts";
import { ERRORS, errorData } from "../protocol/errors.ts";
import { MessageLine, MessageReader } from "./message-line.ts";
import type { WorkerProcess } from "./worker-process.ts";
import { WATCH, type WorkerStart, workerStart } from "./worker-start.ts";

const BEAT_MS = 1000;
const DAY_MS = 86_400_000;

/**
 * The engine's library tries its binary in a process of its own; what else a worker is made of is loaded meanwhile.
 * What goes wrong with the engine is told when a model is loaded with it.
 */
async function startWorker(start: WorkerStart, say?: (message: FromWorker) => void): Promise<WorkerProcess> {
  if (start.program.kind === "llama") startRuntime(start.engine.gpu).catch(() => {});
  return (await import("./worker-process.ts")).startWorker(start, say);
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
  const line = new MessageLine((frame) => channel.send(frame));
  const say = (message: FromWorker): void => line.send(message);
  setInterval(() => say({ kind: "beat" }), BEAT_MS);
  const worker = await startWorker(start, say);
  hear = (message) => worker.hear(message);
  for (const message of early) worker.hear(message);
  say({ kind: "hello" });
  await worker.over;
  await line.empty();
  await channel.end();
}

async function alone(): Promise<void> {
  const worker = await startWorker(fromArguments());
  console.error(`worker: serves http://127.0.0.1:${worker.port}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
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

function fromArguments(): WorkerStart {
  const { values } = parseArgs({
    options: {
      model: { type: "string" },
      port: { type: "string" },
      slots: { type: "string", default: "4" },
      "context-tokens": { type: "string", default: "4096" },
      threads: { type: "string", default: "1" },
    },
  });
  const modelPath = resolve(values.model ?? "models/starter.gguf");
  return workerStart.parse({
    worker: "alone",
    model: modelPath,
    engine: {
      modelPath,
      contextTokens: Number(values["context-tokens"]),
      slots: Number(values.slots),
      threads: Number(values.threads),
      gpu: "auto",
    },
    program: { kind: "llama" },
    temperature: 0,
    idleTimeoutMs: DAY_MS,
    loadTimeoutMs: DAY_MS,
    drainTimeoutMs: 10_000,
    watch: WATCH,
    portsFrom: Number(values.port ?? 8001),
    portOrNext: values.port === undefined,
  });
}

const [first] = process.argv.slice(2);
const isForked = first?.startsWith("{") === true;
try {
  await (isForked ? underHive(workerStart.parse(JSON.parse(first))) : alone());
  process.exit(0);
} catch (thrown) {
  const { code, message } = errorData(thrown);
  console.error(`worker: ${code}: ${message}. ${ERRORS[code].advice}`);
  process.exit(ERRORS[code].exitCode);
}
