/**
 * Somebody else's server keeps the contract of every engine, in both dialects, over real HTTP on loopback.
 */
import { afterAll } from "vitest";
import type { Dialect } from "../../src/actors/engines/remote/dialect.ts";
import { RemoteEngine } from "../../src/actors/engines/remote/engine.ts";
import { ollamaDialect } from "../../src/actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../src/actors/engines/remote/openai.ts";
import { remoteServer } from "../../src/hosts/worker/remote-server.ts";
import { callsContract, TOOLS_CONTEXT_TOKENS } from "../support/calls-contract.ts";
import { CONTEXT_TOKENS, engineContract, type EngineWorld } from "../support/engine-contract.ts";
import { ModelServer, WITHOUT_TOOLS } from "../support/model-server.ts";

const DIALECTS: Readonly<Record<"openai" | "ollama", (name: string) => Dialect>> = {
  openai: openaiDialect,
  ollama: ollamaDialect,
};
const NAMES: Readonly<Partial<Record<keyof EngineWorld["files"], string>>> = { missing: "missing", raw: WITHOUT_TOOLS };
const clock = { now: () => performance.now(), after: (ms: number, run: () => void) => void setTimeout(run, ms) };
const servers: ModelServer[] = [];

afterAll(async () => {
  for (const server of servers) await server.close();
});

async function world(dialect: "openai" | "ollama", contextTokens: number): Promise<EngineWorld> {
  // Ollama can make nothing be called: its model has to be willing.
  const isEager = dialect === "ollama";
  const served = await ModelServer.start({ dialect, contextTokens, isEager, models: ["model", WITHOUT_TOOLS] });
  servers.push(served);
  const server = remoteServer({ name: "it", url: served.url, key: undefined, upTo: "private" });
  return {
    engine: (_availableBytes, file = "chat") =>
      new RemoteEngine({
        model: NAMES[file] ?? "model",
        dialect: DIALECTS[dialect]("it"),
        server,
        clock,
        probe: "list",
      }),
    files: { chat: "", tools: "", raw: "", missing: "", foreign: "", cut: "", architecture: "" },
    settle: (promise) => promise,
  };
}

for (const dialect of ["openai", "ollama"] as const) {
  const name = `a server that speaks ${dialect}`;
  engineContract(name, () => world(dialect, CONTEXT_TOKENS), "remote");
  callsContract(name, () => world(dialect, TOOLS_CONTEXT_TOKENS));
}
