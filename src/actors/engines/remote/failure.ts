/**
 * What a server says instead of an answer, as codes of the error table.
 *
 * Owns: the reading of statuses and error bodies, which nobody else does.
 *
 *  RF1 The server's own words are passed on, cut to a bound; where they may hold the key they are not.
 *  RF2 What is no error of a model server is endpoint.foreign: never an answer, and nothing to try again.
 *
 * @module
 */
import { z } from "zod";
import { type ErrorCode, RbeeError } from "../../../protocol/errors.ts";
import type { Answer } from "./server.ts";

const BODY_BYTES_MAX = 64 * 1024;
const WORDS_MAX = 300;

const told = z.looseObject({
  message: z.string().optional(),
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
  n_prompt_tokens: z.int().optional(),
  n_ctx: z.int().optional(),
});
/** As most servers wrap it; Ollama and some gateways say it in one word. */
const envelope = z.union([
  z.looseObject({ error: told }).transform(({ error }) => error),
  z.looseObject({ error: z.string() }).transform(({ error }) => told.parse({ message: error })),
  z.looseObject({ message: z.string() }).transform(({ message }) => told.parse({ message })),
]);
type Told = z.infer<typeof told>;

const REFUSALS = new Set<ErrorCode>(["endpoint.refused", "endpoint.failed"]);
/** As llama-server, vLLM and Ollama say it. */
const NO_TOOLS = /\btools?\b.*\b(?:requires|enabled?)\b|\bnot support\w* (?:tools?|function)\b/i;

const OVERFLOW_NAMES = new Set<unknown>(["context_length_exceeded", "exceed_context_size_error", "context.overflow"]);
const OVERFLOW = /context (?:length|size|window)|too many tokens|(?:prompt|input) (?:is )?too long|exceeds? .*context/i;

/** Of an answer whose status is no success. */
export async function refusalOf(name: string, answer: Answer): Promise<RbeeError> {
  const { status, retryAfterMs } = answer;
  const said = toldIn(await answer.text(BODY_BYTES_MAX));
  const message = `${name} answers with ${status}${wordsOf(said)}`;
  if (status === 401 || status === 403) return new RbeeError("endpoint.unauthorized", `${name} answers with ${status}`);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
    return new RbeeError("endpoint.busy", message, retryAfterMs === undefined ? undefined : { retryAfterMs });
  }
  if (said === undefined && status < 500) {
    return new RbeeError("endpoint.foreign", `${message}, and not as a server of models would`);
  }
  return said !== undefined && isOverflow(status, said)
    ? overflow(message, said)
    : new RbeeError(codeOf(status), message);
}

/** Of an error in the middle of what was begun as an answer. */
export function brokenBy(name: string, body: unknown): RbeeError {
  const said = envelope.safeParse(body).data;
  const message = `${name} broke off${wordsOf(said)}`;
  if (said !== undefined && isOverflow(400, said)) return overflow(message, said);
  return new RbeeError("endpoint.failed", message);
}

/** A refusal of tools, which no other request to this model would meet, is one of the request. */
export function orWithoutTools(thrown: unknown): unknown {
  const isRefusal = thrown instanceof RbeeError && REFUSALS.has(thrown.code) && NO_TOOLS.test(thrown.message);
  return isRefusal ? new RbeeError("request.invalid", `tools: ${thrown.message}`, { field: "tools" }) : thrown;
}

/** Of what is no message that this server could send. */
export const foreign = (name: string, what: string): RbeeError =>
  new RbeeError("endpoint.foreign", `${name} answers with ${what}`);

function codeOf(status: number): ErrorCode {
  if (status === 404) return "model.not.found";
  if (status === 408 || status === 504) return "endpoint.stalled";
  // What a server cannot do at all it will not do when it is asked again.
  return status >= 500 && status !== 501 ? "endpoint.failed" : "endpoint.refused";
}

const isOverflow = (status: number, { code, type, message = "" }: Told): boolean =>
  OVERFLOW_NAMES.has(code) ||
  OVERFLOW_NAMES.has(type) ||
  ((status === 400 || status === 422) && OVERFLOW.test(message));

function overflow(message: string, { n_prompt_tokens: promptTokens, n_ctx: contextTokens }: Told): RbeeError {
  const details =
    promptTokens === undefined || contextTokens === undefined ? undefined : { promptTokens, contextTokens };
  return new RbeeError("context.overflow", message, details);
}

function toldIn(text: string): Told | undefined {
  try {
    return envelope.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** RF1. */
function wordsOf(said: Told | undefined): string {
  const words = (said?.message ?? "").replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  if (words === "") return "";
  return `: ${words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX).toWellFormed()}…` : words}`;
}
