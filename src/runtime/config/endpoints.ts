/**
 * Servers of others that run models, as a person writes them into the configuration, and Ollama on this machine.
 *
 * Owns: their shape, what each may be given when nobody says, how a key is kept from being shown. Does not own: who may
 * write them (settings.ts, C3), what is asked of them.
 *
 *  EN1 A server on this machine may be given everything; one elsewhere nothing that is not public, until its owner says
 *      so (RJ8).
 *  EN2 A key is never shown, nor quoted in an error.
 *  EN3 `ollama` is there without being written: where OLLAMA_HOST says, else on this machine.
 *
 * @module
 */
import { z } from "zod";
import { LABELS } from "../../../machines/rules/label.ts";
import type { Price } from "../../../machines/rules/usage.ts";
import type { Label } from "../../../machines/words.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { ENDPOINT_NAME, OLLAMA_ENDPOINT } from "../../protocol/remote-name.ts";

export interface Endpoint {
  /** Ends with a slash: paths are below it. */
  readonly url: string;
  readonly key: string | undefined;
  /** The most private work that it may be given. */
  readonly privacy: Label;
  /** Of a million tokens; nothing where its work is not billed. */
  readonly price?: Price | undefined;
}

/** By name. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

const OLLAMA_PORT = "11434";
const OLLAMA_DEFAULT = `http://127.0.0.1:${OLLAMA_PORT}/`;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** A server listens there on every address; nobody can be called so. */
const ANY_HOST = new Set(["0.0.0.0", "[::]"]);

const EXPECTED = "expected an address such as http://127.0.0.1:8000/v1, without a password in it";
const NAMED = "expected a name of at most 32 letters, digits and dashes";

const url = z.string({ error: EXPECTED }).transform((written, ctx) => {
  const address = addressIn(written);
  if (address !== undefined) return address;
  ctx.addIssue({ code: "custom", message: EXPECTED });
  return z.NEVER;
});

const key = z.string({ error: "expected a key, best as ${NAME}" }).regex(/^[\x21-\x7e]{1,4096}$/, {
  error: "expected a key without spaces",
});
const privacy = z.enum(LABELS, { error: `expected one of ${LABELS.join(", ")}` });

const PRICED = "expected what a million tokens cost, such as 2.5";
const money = z.number({ error: PRICED }).min(0, { error: PRICED }).max(1e6, { error: PRICED }).optional();

const endpoint = z
  .strictObject(
    { url, key: key.optional(), privacy: privacy.optional(), inputPrice: money, outputPrice: money },
    { error: "expected url, key, privacy, inputPrice or outputPrice" },
  )
  .transform(({ inputPrice: input, outputPrice: output, ...given }): Endpoint => {
    const isBilled = input !== undefined || output !== undefined;
    const price = isBilled ? { price: { input: input ?? 0, output: output ?? 0 } } : {};
    return { url: given.url, key: given.key, privacy: given.privacy ?? privacyOf(given.url), ...price };
  });

export const endpointsSchema: z.ZodType<Endpoints> = z.record(z.string().regex(ENDPOINT_NAME), endpoint, {
  error: ({ code }) => (code === "invalid_key" ? NAMED : "expected a name for each endpoint, and its url below it"),
});

/** EN1. */
const privacyOf = (address: string): Label => (LOOPBACK.test(new URL(address).hostname) ? "secret" : "public");

function addressIn(written: string): string | undefined {
  const address = URL.parse(written);
  const isWeb = address?.protocol === "http:" || address?.protocol === "https:";
  if (address === null || !isWeb || address.username !== "" || address.password !== "") return undefined;
  if (address.search !== "" || address.hash !== "") return undefined;
  return address.href.endsWith("/") ? address.href : `${address.href}/`;
}

/** EN3. @throws RbeeError config.invalid */
export function withOllama(endpoints: Endpoints, host: string | undefined): Endpoints {
  if (endpoints[OLLAMA_ENDPOINT] !== undefined) return endpoints;
  const address = host ? ollamaAddress(host) : OLLAMA_DEFAULT;
  if (address === undefined) {
    throw new RbeeError("config.invalid", "OLLAMA_HOST: expected HOST:PORT or an address, without a password");
  }
  return { ...endpoints, [OLLAMA_ENDPOINT]: { url: address, key: undefined, privacy: privacyOf(address) } };
}

/** As Ollama itself reads it: host and port may both be left out. */
function ollamaAddress(host: string): string | undefined {
  const hasScheme = host.includes("://");
  const address = URL.parse(hasScheme ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`);
  if (address === null) return undefined;
  // A server that is only named listens on its own port; an address has that of the web.
  if (!hasScheme && !/:\d+\/?$/.test(host)) address.port = OLLAMA_PORT;
  if (ANY_HOST.has(address.hostname)) address.hostname = "127.0.0.1";
  return addressIn(address.href);
}

/** EN2: as it was written, without the keys. */
export function shownEndpoints(written: unknown): unknown {
  const read = z.record(z.string(), z.looseObject({ key: z.unknown().optional() })).safeParse(written);
  if (!read.success) return written;
  return Object.fromEntries(
    Object.entries(read.data).map(([name, given]) => [name, "key" in given ? { ...given, key: "(hidden)" } : given]),
  );
}
