/**
 * Which program runs a model, as the configuration has it, and what is told of it to a worker.
 *
 * Owns: that choice. Does not own: the program (worker-engine.ts), whether it may be given a job (the queen).
 *
 *  WP1 A server of somebody else's is one of the configuration, by its name: no other address is ever asked.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import { type RemoteName, remoteName } from "../../protocol/remote-name.ts";
import type { Endpoint, Endpoints } from "../../runtime/config/endpoints.ts";
import type { Config } from "../../runtime/config/load.ts";
import { KEY_VARIABLE, type WorkerProgram } from "./start.ts";

export interface Chosen {
  readonly program: WorkerProgram;
  /** For its process alone. */
  readonly env: Readonly<Record<string, string>>;
}

export const programFor =
  ({ endpoints, engines, worker }: Pick<Config, "endpoints" | "engines" | "worker">) =>
  (model: string): Chosen => {
    const remote = remoteName(model);
    if (remote !== undefined) {
      const { kind: dialect, name, endpoint } = remote;
      const { url, key, privacy: upTo } = endpointOf(remote, endpoints);
      const env = key === undefined ? {} : { [KEY_VARIABLE]: key };
      return { program: { kind: "remote", dialect, model: name, endpoint, url, upTo }, env };
    }
    if (worker.engine === "llama") return { program: { kind: "llama" }, env: {} };
    return { program: { kind: "llama-server", path: engines.llamaServer.path }, env: {} };
  };

/** WP1. @throws RbeeError endpoint.unknown */
export function endpointOf({ endpoint }: RemoteName, endpoints: Endpoints): Endpoint {
  const found = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(endpoints).join(", ");
  throw new RbeeError("endpoint.unknown", `no endpoint is called ${endpoint}; known are ${known}`);
}
