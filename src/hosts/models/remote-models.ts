/**
 * What the servers of the configuration have, for lists that people look at.
 *
 * Owns: asking each of them, and remembering it for a while. Decides nothing: a worker asks again when it is loaded.
 *
 *  RL1 A server that does not answer in time is passed over, and no list waits for it longer than that.
 *  RL2 Whoever lists again soon is told what was found last: listing often costs the servers nothing.
 *
 * @module
 */
import type { Dialect } from "../../actors/engines/remote/dialect.ts";
import { ollamaDialect } from "../../actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../actors/engines/remote/openai.ts";
import type { ModelView } from "../../protocol/api.ts";
import { OLLAMA_ENDPOINT, remoteName } from "../../protocol/remote-name.ts";
import type { Endpoint, Endpoints } from "../../runtime/config/endpoints.ts";
import { remoteServer, type ServerTimes } from "../worker/remote-server.ts";

const TIMES: ServerTimes = { headMs: 2000, silentMs: 2000 };
const KEPT_MS = 30_000;
const BYTES_MAX = 8 * 2 ** 20;
/** Of one server: a catalog of thousands is nothing that anybody reads. */
const MODELS_MAX = 256;

export class RemoteModels {
  readonly #endpoints: Endpoints;
  readonly #nowMs: () => number;
  #known: { readonly models: Promise<readonly ModelView[]>; readonly untilMs: number } | undefined;

  constructor(endpoints: Endpoints, nowMs: () => number) {
    this.#endpoints = endpoints;
    this.#nowMs = nowMs;
  }

  list(): Promise<readonly ModelView[]> {
    if (this.#known === undefined || this.#nowMs() >= this.#known.untilMs) {
      this.#known = { models: this.#ask(), untilMs: this.#nowMs() + KEPT_MS };
    }
    return this.#known.models;
  }

  async #ask(): Promise<readonly ModelView[]> {
    const found = Object.entries(this.#endpoints).map(([name, endpoint]) => modelsOf(name, endpoint).catch(() => []));
    return (await Promise.all(found)).flat();
  }
}

async function modelsOf(endpoint: string, { url, key, privacy }: Endpoint): Promise<readonly ModelView[]> {
  const isOllama = endpoint === OLLAMA_ENDPOINT;
  const dialect: Dialect = (isOllama ? ollamaDialect : openaiDialect)(endpoint);
  const server = remoteServer({ name: endpoint, url, key, upTo: privacy }, TIMES);
  const answer = await server.call(dialect.listPath, undefined, AbortSignal.timeout(2 * TIMES.silentMs));
  const listed = dialect.list(await answer.text(BYTES_MAX));
  // What it does not run itself is not run there at all: RE7 of the engine.
  const own = listed.filter(({ at }) => at === undefined);
  const ids = own.map(({ name }) => (isOllama ? `ollama:${name}` : `openai:${name}@${endpoint}`));
  return ids
    .filter((id) => remoteName(id) !== undefined)
    .slice(0, MODELS_MAX)
    .map(viewOf(endpoint));
}

/** Nothing of it is on this machine. */
export const viewOf =
  (source: string) =>
  (id: string): ModelView => ({ id, bytes: 0, quant: "", path: "", addedAtMs: 0, source, machines: [] });
