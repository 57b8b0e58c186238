/**
 * A node in front of a model server that answers at once, and whoever asks: each in processes of their own.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackendStart } from "./backend.ts";
import type { LoadAsk, LoadTold, Target } from "./load.ts";
import { type NodeProcess, startNodeProcess } from "./node-process.ts";
import { Program } from "./program.ts";

const MODEL = "nothing";
const ENDPOINT = "bench";

/** Where a model is asked for, and by which name. */
export interface Place {
  readonly port: number;
  readonly model: string;
}

export interface ProxyStage {
  readonly node: NodeProcess;
  readonly door: Place;
  /** The server itself. */
  readonly backend: Place;
  /** Lets a server go on that was held. */
  release(): void;
  stop(): Promise<void>;
}

export interface StageOptions extends Omit<BackendStart, "model"> {
  readonly slots: number;
  /** Environment variables of the node. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startProxyStage(folder: string, options: StageOptions): Promise<ProxyStage> {
  const { slots, settings, ...start } = options;
  const backend = await Program.start("backend.ts", { model: MODEL, ...start } satisfies BackendStart);
  const port = Number(backend.said);
  const home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "config.yaml"), `endpoints:\n  ${ENDPOINT}: { url: "http://127.0.0.1:${port}/v1/" }\n`);
  const model = `openai:${MODEL}@${ENDPOINT}`;
  const node = await startNodeProcess(home, {
    RBEE_MODEL_DEFAULT: model,
    RBEE_WORKER_SLOTS: String(slots),
    ...settings,
  });
  return {
    node,
    door: { port: Number(new URL(node.url).port), model },
    backend: { port, model: MODEL },
    release: () => backend.tell("go"),
    async stop() {
      await node.stop();
      backend.end();
    },
  };
}

export interface Load {
  /** @throws when a request failed */
  run(asked: LoadAsk): Promise<LoadTold>;
  end(): void;
}

export async function startLoad(): Promise<Load> {
  const program = await Program.start("load.ts");
  return {
    async run(asked) {
      const told = (await program.ask(asked)) as LoadTold;
      const failures = Object.entries(told.failures).map(([why, count]) => `${count} x ${why}`);
      if (failures.length > 0) throw new Error(`requests failed: ${failures.join(", ")}`);
      return told;
    },
    end: () => program.end(),
  };
}

export const chat = (port: number, body: object): Target => ({
  port,
  path: "/v1/chat/completions",
  headers: {},
  body: JSON.stringify({ ...body, messages: [{ role: "user", content: "The queen sends the job" }] }),
});
