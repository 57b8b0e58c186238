/**
 * Why a queen is not reached, as far as the way to her tells: what failed, in a code whose advice is about that.
 *
 *  UR1 Each of these has a code of its own: nothing listens there, nothing comes back, no way leads there, a clock is
 *      wrong. Anything else is `queen.unreachable` with the system's own word.
 *
 * @module
 */
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";
import type { Place } from "./place.ts";

const WORDS: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ["ECONNREFUSED", "queen.not.listening"],
  ["ETIMEDOUT", "queen.no.answer"],
  ["EHOSTUNREACH", "queen.no.route"],
  ["ENETUNREACH", "queen.no.route"],
  ["EADDRNOTAVAIL", "queen.no.route"],
  ["EINVAL", "queen.no.route"],
  ["ENOTFOUND", "queen.no.route"],
  ["EAI_AGAIN", "queen.no.route"],
  ["CERT_NOT_YET_VALID", "clock.skewed"],
  ["CERT_HAS_EXPIRED", "clock.skewed"],
]);

const TOLD: Partial<Record<ErrorCode, string>> = {
  "queen.not.listening": "nothing listens at",
  "queen.no.answer": "nothing comes back from",
  "queen.no.route": "no way leads to",
  "clock.skewed": "by this machine's clock the certificate is not valid now that is shown at",
};

/** UR1. */
export function unreached({ host, port }: Place, thrown: unknown): RbeeError {
  if (thrown instanceof RbeeError) return thrown;
  const word = thrown instanceof Error ? ("code" in thrown ? String(thrown.code) : thrown.message) : String(thrown);
  const code = WORDS.get(word) ?? "queen.unreachable";
  return new RbeeError(code, `${TOLD[code] ?? "no queen answers at"} ${host}:${port} (${word})`, { host, port });
}

/** What a socket is ended with that was silent for so long. Who lets nobody in does not even refuse. */
export function silence({ host, port }: Place, isConnected: boolean, patienceMs: number): RbeeError {
  const at = `${host}:${port} within ${patienceMs / 1_000} s`;
  return isConnected
    ? new RbeeError("queen.unreachable", `a connection was taken, and nothing said, at ${at}`)
    : new RbeeError("queen.no.answer", `nothing comes back from ${at}`, { host, port });
}
