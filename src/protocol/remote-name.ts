/**
 * Names of models that somebody else's server has: `openai:NAME@ENDPOINT` and `ollama:NAME`.
 *
 * Owns: which of them are well-formed, and their parts. Does not own: which endpoints there are (the configuration),
 * whether a server has the model.
 *
 *  RM1 An endpoint is named and never an address: a request cannot say where it goes.
 *
 * @module
 */

export interface RemoteName {
  readonly kind: "openai" | "ollama";
  /** As the server calls it. */
  readonly name: string;
  /** In the configuration. */
  readonly endpoint: string;
}

/** Where `ollama:NAME` goes. */
export const OLLAMA_ENDPOINT = "ollama";

export const ENDPOINT_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/;
const OPENAI_NAME = /^openai:([A-Za-z0-9][\w.:/@+-]{0,254})@([^@]+)$/;
const OLLAMA_NAME = /^ollama:([A-Za-z0-9][\w.:/-]{0,254})$/;

/** @returns nothing for what is no name of that form */
export function remoteName(text: string): RemoteName | undefined {
  const [, ollama] = OLLAMA_NAME.exec(text) ?? [];
  if (ollama !== undefined) return { kind: "ollama", name: ollama, endpoint: OLLAMA_ENDPOINT };
  const [, name = "", endpoint = ""] = OPENAI_NAME.exec(text) ?? [];
  return ENDPOINT_NAME.test(endpoint) ? { kind: "openai", name, endpoint } : undefined;
}
