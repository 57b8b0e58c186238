/**
 * An engine that asks a server of somebody else's, through the real way out, and that server on loopback, to misbehave.
 *
 * Waiting is on a clock of the test's: each wait is over as soon as it is looked at.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import type { GenerateRequest, OutputKind, SaidCall } from "../../src/actors/engines/engine.ts";
import { RemoteEngine } from "../../src/actors/engines/remote/engine.ts";
import { ollamaDialect } from "../../src/actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../src/actors/engines/remote/openai.ts";
import { remoteServer, type ServerAddress, type ServerTimes } from "../../src/hosts/worker/remote-server.ts";
import { ModelServer, type ModelServerOptions } from "./model-server.ts";

export const SOON_MS = 10_000;
export const SILENT: ServerTimes = { headMs: 1_000, silentMs: 1_000 };
const SPEC = { modelPath: "", contextTokens: 512, slots: 4, threads: 1, gpu: "none" } as const;
export const ASKED: GenerateRequest = { input: { prompt: "a hive" }, said: "", maxTokens: 30, temperature: 0, seed: 1 };
export const never = new AbortController().signal;

interface Setup extends Partial<ModelServerOptions> {
  readonly address?: Partial<ServerAddress>;
  readonly times?: ServerTimes;
  readonly model?: string;
  /** No wait is ever over. */
  readonly isFrozen?: boolean;
}

/** A server, an engine that asks it, and the waits that the engine began: each is over as soon as it is looked at. */
export async function stage({ address, times, model = "model", isFrozen = false, ...options }: Setup = {}) {
  const { dialect = "openai" } = options;
  const served = await ModelServer.start({ ...options, dialect });
  onTestFinished(() => served.close());
  const waits: number[] = [];
  let nowMs = 0;
  const engine = new RemoteEngine({
    model,
    dialect: (dialect === "openai" ? openaiDialect : ollamaDialect)("there"),
    server: remoteServer({ name: "there", url: served.url, key: options.key, upTo: "private", ...address }, times),
    clock: {
      now: () => nowMs,
      after(delayMs, run) {
        waits.push(delayMs);
        if (isFrozen) return;
        nowMs += delayMs;
        setImmediate(run);
      },
    },
    probe: "list",
  });
  const load = () => engine.load(SPEC, () => {}, never);
  const generate = async (more: Partial<GenerateRequest> = {}, signal = never) => {
    let text = "";
    const calls: SaidCall[] = [...(more.saidCalls ?? [])];
    const hear = (piece: string, _tokens: number, kind: OutputKind): void => {
      if (kind === "text") text += piece;
      if (kind === "call") calls.push({ name: piece, arguments: "" });
      const last = calls.at(-1) ?? { name: "", arguments: "" };
      if (kind === "arguments") calls.splice(-1, 1, { ...last, arguments: last.arguments + piece });
    };
    const end = await engine.generate({ ...ASKED, ...more }, hear, signal);
    return { ...end, text, calls };
  };
  return { served, engine, waits, load, generate, pass: (ms: number) => void (nowMs += ms) };
}

export async function loaded(setup?: Setup) {
  const made = await stage(setup);
  await made.load();
  return made;
}

/** Refuses so often, then lets through. */
export function refusing(times: number, status: number, headers: Record<string, string> = {}) {
  let left = times;
  return (asked: { readonly method: string }, response: ServerResponse): boolean => {
    if (asked.method === "GET" || left === 0) return false;
    left -= 1;
    response.writeHead(status, headers).end(JSON.stringify({ error: { message: "slow down" } }));
    return true;
  };
}

export const answering =
  (status: number, body: string) =>
  (_asked: unknown, response: ServerResponse): boolean => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
    return true;
  };
