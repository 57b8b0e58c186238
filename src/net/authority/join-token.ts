/**
 * A join token as a person carries it from one machine to another: one word.
 *
 * Owns: how it is written and read. Does not own: what it is worth, and to whom (machines/rules/join-token.ts).
 *
 *  TK1 It says where the queen is, by whose certificate she is known, and a secret that only she takes. One that was
 *      mistyped or cut is told at once, without asking anybody.
 *
 * `rbj1_`, then base64url of: the authority's fingerprint (32 bytes), the secret (16), `HOST:PORT` in ASCII, and the
 * first 4 bytes of the SHA-256 of all that. Another form would begin with another word.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { RbeeError } from "../../protocol/errors.ts";

export interface JoinToken {
  /** `https://HOST:PORT` */
  readonly url: string;
  /** Of the authority's certificate, in hex. */
  readonly fingerprint: string;
  /** As base64url. */
  readonly secret: string;
}

const PREFIX = "rbj1_";
const FINGERPRINT_BYTES = 32;
const SECRET_BYTES = 16;
const SUM_BYTES = 4;
const LENGTH_MAX = 512;
const PLACE = /^(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i;

export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

export function writeToken({ url, fingerprint, secret }: JoinToken): string {
  const { hostname, port } = new URL(url);
  const said = Buffer.concat([
    Buffer.from(fingerprint, "hex"),
    Buffer.from(secret, "base64url"),
    Buffer.from(`${hostname}:${port || 443}`, "latin1"),
  ]);
  return `${PREFIX}${Buffer.concat([said, sumOf(said)]).toString("base64url")}`;
}

/** TK1. @throws RbeeError token.malformed */
export function readToken(text: string): JoinToken {
  const bytes = bytesOf(text.trim());
  const said = bytes.subarray(0, -SUM_BYTES);
  const place = said.subarray(FINGERPRINT_BYTES + SECRET_BYTES).toString("latin1");
  if (!PLACE.test(place) || !sumOf(said).equals(bytes.subarray(-SUM_BYTES))) {
    throw new RbeeError("token.malformed", "this is no join token, or it is not all of it");
  }
  return {
    url: `https://${place}`,
    fingerprint: said.subarray(0, FINGERPRINT_BYTES).toString("hex"),
    secret: said.subarray(FINGERPRINT_BYTES, FINGERPRINT_BYTES + SECRET_BYTES).toString("base64url"),
  };
}

/** None of what is written in another way than {@link writeToken} would: a letter more may change no byte. */
function bytesOf(word: string): Buffer {
  const written = word.startsWith(PREFIX) && word.length <= LENGTH_MAX ? word.slice(PREFIX.length) : "";
  const bytes = Buffer.from(written, "base64url");
  return bytes.toString("base64url") === written ? bytes : Buffer.alloc(0);
}

const sumOf = (said: Uint8Array): Buffer => createHash("sha256").update(said).digest().subarray(0, SUM_BYTES);
