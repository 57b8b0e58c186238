/**
 * The engine of a worker process, by what runs its model.
 *
 * Owns: the choice, and what each engine has of this machine. Does not own: what an engine does.
 *
 *  WE1 A worker whose llama-server has ended ends as well, as one does whose native code has: the hive hears of it at
 *      once, and its jobs are tried again elsewhere.
 *
 * @module
 */
import type { Engine } from "../../actors/engines/engine.ts";
import { LlamaEngine } from "../../actors/engines/llama/llama.ts";
import { LlamaServerEngine } from "../../actors/engines/llama-server.ts";
import type { Dialect } from "../../actors/engines/remote/dialect.ts";
import { RemoteEngine } from "../../actors/engines/remote/engine.ts";
import { ollamaDialect } from "../../actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../actors/engines/remote/openai.ts";
import type { RemoteClock } from "../../actors/engines/remote/server.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { realClock } from "../../runtime/real/clock.ts";
import { llamaServer } from "./llama-server-program.ts";
import { remoteServer } from "./remote-server.ts";
import { KEY_VARIABLE, type WorkerProgram } from "./start.ts";

const DIALECTS: Readonly<Record<"openai" | "ollama", (name: string) => Dialect>> = {
  openai: openaiDialect,
  ollama: ollamaDialect,
};

const clock: RemoteClock = {
  now: realClock.monotonicMs,
  after: (delayMs, run) => void setTimeout(run, delayMs),
};

function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const availableBytes = (): number => process.availableMemory();

export function engineOf(program: WorkerProgram): Engine {
  switch (program.kind) {
    case "llama":
      return new LlamaEngine({ now: realClock.monotonicMs, workedMs, availableBytes });
    case "remote": {
      const { dialect, model, endpoint: name, url, upTo } = program;
      const server = remoteServer({ name, url, key: takenKey(), upTo });
      return new RemoteEngine({ model, dialect: DIALECTS[dialect](name), server, clock, probe: "list" });
    }
    case "llama-server":
      return new LlamaServerEngine({ start: llamaServer(program.path), clock, availableBytes, lost });
  }
}

/** WE1. */
function lost(how: string): never {
  console.error(`worker: llama-server ended with ${how}`);
  process.exit(ERRORS["worker.lost"].exitCode);
}

/** Nothing that this process starts is told of it. */
function takenKey(): string | undefined {
  const key = process.env[KEY_VARIABLE];
  delete process.env[KEY_VARIABLE];
  return key;
}
