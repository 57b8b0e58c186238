/**
 * Somebody else's server keeps the contract of every engine, in both dialects, over real HTTP on loopback.
 */
import { afterAll } from "vitest";
import type { Dialect } from "../../src/actors/engines/remote/dialect.ts";
import { RemoteEngine } from "../../src/actors/engines/remote/engine.ts";
import { ollamaDialect } from "../../src/actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../src/actors/engines/remote/openai.ts";
import { remoteServer } from "../../src/hosts/remote-server.ts";
import { CONTEXT_TOKENS, engineContract } from "../support/engine-contract.ts";
import { ModelServer } from "../support/model-server.ts";

const DIALECTS: Readonly<Record<"openai" | "ollama", (name: string) => Dialect>> = {
  openai: openaiDialect,
  ollama: ollamaDialect,
};
const clock = { now: () => performance.now(), after: (ms: number, run: () => void) => void setTimeout(run, ms) };
const servers: ModelServer[] = [];

afterAll(async () => {
  for (const server of servers) await server.close();
});

for (const dialect of ["openai", "ollama"] as const) {
  engineContract(
    `a server that speaks ${dialect}`,
    async () => {
      const served = await ModelServer.start({ dialect, contextTokens: CONTEXT_TOKENS });
      servers.push(served);
      const server = remoteServer({ name: "it", url: served.url, key: undefined, upTo: "private" });
      return {
        engine: (_availableBytes, file = "chat") =>
          new RemoteEngine({
            model: file === "missing" ? "missing" : "model",
            dialect: DIALECTS[dialect]("it"),
            server,
            clock,
            probe: "list",
          }),
        files: { chat: "", tools: "", raw: "", missing: "", foreign: "", cut: "", architecture: "" },
        settle: (promise) => promise,
      };
    },
    "remote",
  );
}
