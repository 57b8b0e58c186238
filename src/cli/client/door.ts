/**
 * The way to a queen: a request over a unix socket or to a URL.
 *
 * Owns: connecting, the bearer token, bounds on time and size, and refusals turned into errors.
 * Does not own: paths and shapes (client.ts), streams (task-stream.ts).
 *
 *  DR1 Who cannot be reached is `queen.unreachable`, who does not prove to be her `queen.untrusted` and told nothing;
 *      who refuses keeps the code of the refusal.
 *  DR2 Nothing waits longer than its timeout, and no answer is held that is larger than the bound.
 *
 * @module
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { z } from "zod";
import { errorBody } from "../../protocol/api.ts";
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";

export type Door =
  | { readonly socketPath: string }
  | {
      readonly url: URL;
      readonly token: string | undefined;
      /** Over TLS: whose word is taken for who she is, as PEM. */
      readonly authorities?: readonly string[];
      /** By which a machine of her cluster is known, as PEM. */
      readonly shown?: { readonly key: string; readonly cert: string };
    };

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** In place of the usual bound. */
  readonly silenceMs?: number;
}

/** Without a byte in either direction for so long the queen counts as gone. Streams bring their own heartbeat. */
const SILENCE_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_048_576;

export const doorName = (door: Door): string => ("url" in door ? door.url.origin : door.socketPath);

/** The answer's head; a refusal is thrown as the error it names. The caller reads or destroys the body. */
export async function open(door: Door, call: Call): Promise<IncomingMessage> {
  const response = await send(door, call);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw refusal(status, await bodyText(response), response.headers["retry-after"]);
}

/** The answer's JSON body, or undefined where it has none. */
export async function fetchJson(door: Door, call: Call): Promise<unknown> {
  const text = await bodyText(await open(door, call));
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new RbeeError("queen.unreachable", `what answers at ${doorName(door)} is no queen: it sends no JSON`);
  }
}

function send(
  door: Door,
  { method, path, body, headers, signal, silenceMs = SILENCE_MS }: Call,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options: RequestOptions = {
    method,
    path,
    // A connection a request: nothing then keeps this process or the queen's count of clients alive.
    agent: false,
    timeout: silenceMs,
    headers: {
      accept: "application/json, text/event-stream",
      ...(payload === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
      ...("url" in door && door.token !== undefined ? { authorization: `Bearer ${door.token}` } : {}),
      ...headers,
    },
    ...(signal === undefined ? {} : { signal }),
    ...("url" in door ? placeOf(door) : door),
  };
  return new Promise((resolve, reject) => {
    const start = "url" in door && door.url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = start(options, resolve);
    request.on("timeout", () => request.destroy(new Error(`silent for ${silenceMs / 1_000} s`)));
    request.on("error", (error) => reject(signal?.aborted ? abortReason(signal) : unreachable(door, error)));
    request.end(payload);
  });
}

type UrlDoor = Extract<Door, { url: URL }>;

/** An IPv6 address stands in brackets in a URL, and without them everywhere else. */
const placeOf = ({ url, authorities, shown }: UrlDoor): RequestOptions & { ca?: string[] } => ({
  protocol: url.protocol,
  hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
  port: url.port,
  ...(authorities && { ca: [...authorities] }),
  ...shown,
});

export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new RbeeError("interrupted", "it was interrupted");
}

export function unreachable(door: Door, cause: unknown): RbeeError {
  const why = cause instanceof Error ? ("code" in cause ? String(cause.code) : cause.message) : String(cause);
  if (UNTRUSTED.has(why)) {
    return new RbeeError(
      "queen.untrusted",
      `what answers at ${doorName(door)} does not prove to be the queen (${why})`,
    );
  }
  // Without a connection nothing was asked, so it is safe to ask somebody else.
  const connected = why !== "ECONNREFUSED" && why !== "ENOENT";
  return new RbeeError("queen.unreachable", `no queen answers at ${doorName(door)} (${why})`, { connected });
}

/** Why TLS does not take a certificate. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

async function bodyText(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  try {
    for await (const piece of response) {
      text += String(piece);
      if (text.length > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
    }
  } catch (error) {
    throw new RbeeError(
      "queen.unreachable",
      `the answer broke off: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return text;
}

const refusalBody = z.preprocess((text) => {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}, errorBody);

/** The queen's own error where she gave one; otherwise what the status says. */
function refusal(status: number, text: string, retryAfter: string | undefined): RbeeError {
  const wait = retryAfter === undefined ? "" : ` (try again after ${retryAfter} s)`;
  const parsed = refusalBody.safeParse(text);
  if (parsed.success) {
    const { code, message, details } = parsed.data.error;
    return errorFrom(code, `${message}${wait}`, details);
  }
  return new RbeeError(CODE_OF_STATUS.get(status) ?? "defect", `the queen answered with status ${status}${wait}`);
}

const CODE_OF_STATUS = new Map<number, ErrorCode>([
  [401, "request.unauthorized"],
  [403, "request.forbidden"],
  [404, "request.not.found"],
  [413, "request.too.large"],
  [429, "queue.full"],
  [502, "queen.unreachable"],
  [503, "admission.closed"],
  [504, "queen.unreachable"],
]);
