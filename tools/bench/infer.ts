/**
 * Tokens through the whole path (client, socket, door, queen, worker, stream, client) beside the binding alone.
 *
 * Both have the same file of random weights, one thread, as many sequences in one context, and choose the surest token;
 * they take turns. The path's time runs from asking for the jobs to the last event of the last one.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TaskBody, TaskEvent } from "../../src/protocol/api.ts";
import { type RandomModelSize, writeRandomModel } from "../starter/random-model.ts";
import type { PlainAnswer, PlainAsk, PlainStart } from "./infer-plain.ts";
import { type Bench, bounded, compare, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess } from "./node-process.ts";

const PLAIN = fileURLToPath(new URL("./infer-plain.ts", import.meta.url));
const SLOTS = 16;
const PROMPT = "The queen sends the job";
const FIRST_TOKENS = 100;
const FIRST_TOKEN_ADDED_MS_MAX = 10;

interface Size {
  readonly name: string;
  readonly size: RandomModelSize;
  readonly contextTokens: number;
  /** Of each answer, by how many there are at once: shorter where everybody waits for everybody. */
  readonly tokens: Readonly<Record<number, number>>;
  readonly runs: number;
  readonly goal: number;
}

const SIZES: readonly Size[] = [
  { name: "150m", size: "150m", contextTokens: 256, tokens: { 1: 96, 4: 64, 16: 64 }, runs: 5, goal: 0.95 },
  { name: "tiny", size: "tiny", contextTokens: 1024, tokens: { 1: 900, 4: 600, 16: 300 }, runs: 9, goal: 0.75 },
];

export const inferBench: Bench = {
  name: "infer",
  async run(print) {
    for (const size of SIZES) await inTemporaryFolder((folder) => measure(size, folder, print));
  },
};

async function measure(size: Size, folder: string, print: Print): Promise<void> {
  const modelPath = join(folder, "model.gguf");
  writeRandomModel({ path: modelPath, seed: 1, size: size.size, chatTemplate: false });
  const node = await startNodeProcess(join(folder, "home"), {
    RBEE_MODEL_DEFAULT: `file:${modelPath}`,
    RBEE_WORKER_SLOTS: String(SLOTS),
    RBEE_WORKER_CONTEXT_TOKENS: String(size.contextTokens),
    RBEE_WORKER_THREADS: "1",
    RBEE_WORKER_GPU: "none",
  });
  const plain = await startPlain({ modelPath, contextTokens: size.contextTokens, sequences: SLOTS });
  try {
    const { runs, goal } = size;
    for (const [at, tokens] of Object.entries(size.tokens)) {
      const streams = Number(at);
      print(
        await compare({
          bench: "infer",
          case: `${size.name}-x${streams}`,
          unit: "tokens/s",
          runs,
          goal,
          subject: () => path(node, { prompt: PROMPT, streams, tokens }),
          baseline: async () => rate(await askPlain(plain, { prompt: PROMPT, streams, tokens })),
        }),
      );
    }
    await firstToken(size, node, plain, print);
  } finally {
    plain.disconnect();
    await node.stop();
  }
}

/**
 * What the path adds to the first token, with answers of both taking turns. The two p95 are compared, and not each
 * answer with the one before it: the slowest twentieth of pairs are those where the binding alone was quick by chance.
 */
async function firstToken({ name }: Size, node: NodeProcess, plain: ChildProcess, print: Print): Promise<void> {
  const alone: number[] = [];
  const whole: number[] = [];
  for (let i = 0; i < FIRST_TOKENS; i += 1) {
    alone.push((await askPlain(plain, { prompt: PROMPT, streams: 1, tokens: 1 })).firstTokenMs);
    whole.push((await answer(node, 1)).firstTokenMs);
  }
  const baseline = percentile(alone, 0.95);
  const value = percentile(whole, 0.95);
  const line = { bench: "infer", case: `${name}-first-token`, unit: "ms p95", values: whole, value, baseline };
  print(bounded({ ...line, atMost: baseline + FIRST_TOKEN_ADDED_MS_MAX }));
}

async function path(node: NodeProcess, { streams, tokens }: PlainAsk): Promise<number> {
  const startedMs = performance.now();
  const answers = await Promise.all(Array.from({ length: streams }, () => answer(node, tokens)));
  const totalMs = performance.now() - startedMs;
  return rate({ tokens: answers.reduce((sum, each) => sum + each.tokens, 0), totalMs });
}

/** One task, followed to its end. */
async function answer({ client }: NodeProcess, tokens: number): Promise<Omit<PlainAnswer, "totalMs">> {
  const task: TaskBody = { prompt: PROMPT, max_tokens: tokens, temperature: 0 };
  const startedMs = performance.now();
  let firstTokenMs = 0;
  const accepted = await client.submit(task);
  let last: TaskEvent | undefined;
  for await (last of client.events(accepted, new AbortController().signal)) {
    if (firstTokenMs === 0 && last.type === "token") firstTokenMs = performance.now() - startedMs;
  }
  if (last?.type !== "done") throw new Error(`the answer ended with ${JSON.stringify(last)}`);
  return { tokens: last.total_tokens, firstTokenMs };
}

const rate = ({ tokens, totalMs }: Pick<PlainAnswer, "tokens" | "totalMs">): number => (tokens * 1000) / totalMs;

async function startPlain(start: PlainStart): Promise<ChildProcess> {
  const child = fork(PLAIN, [JSON.stringify(start)]);
  await once(child, "message");
  return child;
}

async function askPlain(plain: ChildProcess, ask: PlainAsk): Promise<PlainAnswer> {
  plain.send(ask);
  // The only thing that program answers.
  const [told] = (await once(plain, "message")) as [PlainAnswer];
  return told;
}
