/**
 * The one way out: every HTTP request that this program makes of a stranger goes through here.
 *
 * Owns: where a request may lead, how long it may take, and what is told of us. Does not own: what is asked, what a
 * status means.
 *
 *  EG1 A redirect is followed at most so many times, never from https to http, and the token goes to its own origin
 *      alone, whatever a redirect says.
 *  EG2 Nothing waits for ever: the head of an answer has a deadline, its body one for each silence.
 *  EG3 An answer that is held in memory is bounded.
 *  EG4 Of this machine nothing is told but the name and version of the program: no cookie, no referrer.
 *  EG5 What is said of ours goes to the address that was named, whatever it redirects to.
 *  EG6 And only there where things of its label may go (RJ8).
 *  EG7 A connection whose answer was whole is used again; one that nobody reads to its end is cut.
 *  EG8 `unreachable` says that there was no connection, so that nothing was sent: only where that is known. Of what is
 *      `broken` nobody knows whether it was heard.
 *
 * @module
 */
import { mayGo } from "../../machines/rules/label.ts";
import type { Label } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import { RBEE_VERSION } from "../protocol/version.ts";

/** Something of ours that leaves with a request, as JSON. */
export interface Said {
  readonly body: string;
  readonly label: Label;
  /** The most private that may go there. */
  readonly upTo: Label;
}

export interface Outbound {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only to this origin. */
  readonly bearer?: { readonly origin: string; readonly token: string } | undefined;
  /** Without it nothing is said and something is only asked for. */
  readonly says?: Said;
  readonly headMs: number;
  readonly silentMs: number;
  readonly signal: AbortSignal;
}

export interface Inbound {
  readonly status: number;
  readonly headers: Headers;
  /** Where the last redirect led. */
  readonly url: URL;
  /** @throws Outage when it breaks off or falls silent */
  body(): AsyncGenerator<Uint8Array>;
  /** Of the body nothing is missing any more: whoever leaves it now leaves an answer that was whole. EG7 */
  whole(): void;
  /** Of an answer that nobody reads. */
  discard(): Promise<void>;
}

/** It could not be asked, or its answer broke off. */
export class Outage extends Error {
  readonly kind: "unreachable" | "broken" | "silent" | "astray";

  constructor(kind: Outage["kind"], message: string) {
    super(message);
    this.name = "Outage";
    this.kind = kind;
  }
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

const REDIRECTS_MAX = 5;
/** EG7. */
const REST_MS = 5_000;
const REST_BYTES_MAX = 4_096;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** EG8: what the system was asked for when it failed. */
const BEFORE_CONNECTED = new Set<unknown>(["getaddrinfo", "connect"]);
/** EG8: the HTTP client's own patience, and certificates that are not trusted: they are looked at before a word. */
const NEVER_CONNECTED = new Set<unknown>([
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
/** EG8: the HTTP client's word, without a code, for a port that it never asks. */
const NO_PORT = "bad port";

/** @throws Outage, RbeeError privacy.refused, or what the signal was aborted with */
export async function request(outbound: Outbound): Promise<Inbound> {
  let { url } = outbound;
  const { says } = outbound;
  if (says !== undefined && !mayGo(says.label, says.upTo)) {
    const message = `what is ${says.label} may not go to ${url.origin}, which takes what is ${says.upTo} at most`;
    throw new RbeeError("privacy.refused", message);
  }
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    const answer = await requestOnce(outbound, url);
    const location = answer.headers.get("location");
    if (!REDIRECTS.has(answer.status) || location === null) return answer;
    await answer.discard();
    if (says !== undefined) throw new Outage("astray", `${url.origin} redirects what is said to it elsewhere`);
    url = redirected(url, location);
  }
  throw new Outage("astray", `${outbound.url.origin} redirects more than ${REDIRECTS_MAX} times`);
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  const isWeb = to?.protocol === "https:" || to?.protocol === "http:";
  if (to === null || !isWeb || to.username !== "" || to.password !== "") {
    throw new Outage("astray", `${from.origin} redirects to what is no address`);
  }
  if (from.protocol === "https:" && to.protocol === "http:") {
    throw new Outage("astray", `${from.origin} redirects from https to http`);
  }
  return to;
}

async function requestOnce(outbound: Outbound, url: URL): Promise<Inbound> {
  const { headers, bearer, says, headMs, silentMs, signal } = outbound;
  const cut = new AbortController();
  const abort = (): void => cut.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => cut.abort(new Outage("silent", `${url.origin} does not answer`)), headMs);
  const done = (): void => signal.removeEventListener("abort", abort);
  let isWhole = false;
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: cut.signal,
      ...(says === undefined ? {} : { method: "POST", body: says.body }),
      headers: {
        ...(says === undefined ? {} : { "content-type": "application/json" }),
        // What is hashed and resumed has to come as it is.
        "accept-encoding": "identity",
        "user-agent": `rbee/${RBEE_VERSION}`,
        ...headers,
        ...(bearer?.origin === url.origin ? { authorization: `Bearer ${bearer.token}` } : {}),
      },
    });
    return {
      status: response.status,
      headers: response.headers,
      url,
      body: () =>
        bodyOf(response, cut, silentMs, url, (reader) => {
          done();
          return isWhole && reader !== undefined && !cut.signal.aborted ? void readRest(reader) : reader?.cancel();
        }),
      whole: () => void (isWhole = true),
      discard: async () => {
        done();
        await response.body?.cancel();
      },
    };
  } catch (thrown) {
    done();
    throw outage(thrown, cut.signal, url);
  } finally {
    clearTimeout(timer);
  }
}

async function* bodyOf(
  response: Response,
  cut: AbortController,
  silentMs: number,
  url: URL,
  leave: (reader: BodyReader | undefined) => Promise<void> | void,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return leave(undefined);
  try {
    for (;;) {
      const timer = setTimeout(() => {
        cut.abort(new Outage("silent", `${url.origin} sent nothing for ${silentMs / 1000} s`));
      }, silentMs);
      const { done: over, value } = await reader.read().finally(() => clearTimeout(timer));
      if (over) return;
      yield value;
    }
  } catch (thrown) {
    throw outage(thrown, cut.signal, url);
  } finally {
    // Also when whoever reads has left: what nobody reads is not sent on.
    await Promise.resolve(leave(reader)).catch(() => {});
  }
}

/** EG7: the end of an answer that was whole, for which nobody waits; where there is more to it, it is cut. */
async function readRest(reader: BodyReader): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), REST_MS);
  try {
    for (let bytes = 0; bytes <= REST_BYTES_MAX;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // It broke off behind its end.
  } finally {
    clearTimeout(timer);
  }
}

function outage(thrown: unknown, cut: AbortSignal, { origin }: URL): Error {
  if (cut.aborted) return cut.reason instanceof Error ? cut.reason : new Outage("broken", "it was given up");
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return isUnconnected(cause)
    ? new Outage("unreachable", `${origin} cannot be reached: ${whyOf(cause)}`)
    : new Outage("broken", `${origin} broke off: ${whyOf(cause)}`);
}

/** EG8. Of a name with several addresses it is one error for each. */
function isUnconnected(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isUnconnected);
  if (!(cause instanceof Error)) return false;
  const { code, message, syscall }: NodeJS.ErrnoException = cause;
  return BEFORE_CONNECTED.has(syscall) || NEVER_CONNECTED.has(code) || message === NO_PORT;
}

/** A system's code says it in a word; one of the HTTP client's own says less than its message. */
function whyOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && !String(cause.code).startsWith("UND_") ? String(cause.code) : cause.message;
}

/** The whole body as text. @throws Outage, also when it is larger than the bound */
export async function smallText(answer: Inbound, bytesMax: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body()) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw new Outage("astray", `${answer.url.origin} answers with more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
