/**
 * How many wrong keys an address may send before nobody listens to it for a while.
 *
 * Keys are too long to be guessed; this keeps whoever tries all the same from costing anything, and shows in the log.
 *
 *  GU1 Of one address so many different wrong keys are heard in a minute. From then on nothing that it sends with a key
 *      is looked at, right or wrong, until the minute is over, and it is told how long that is.
 *  GU2 The same wrong key again is no further guess: a program with an old key shuts nobody out beside it.
 *  GU3 Addresses of one network of IPv6, which one machine can have all of, count as one.
 *  GU4 What is remembered is bounded: whose minute began first is forgotten first.
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";

export const GUESSES_MAX = 10;
const WINDOW_MS = 60_000;
export const ADDRESSES_MAX = 4_096;

interface Tried {
  readonly sinceMs: number;
  /** Hashes of what was wrong. */
  readonly words: Set<string>;
}

export class Guesses {
  readonly #nowMs: () => number;
  /** In the order of their beginnings. */
  readonly #tried = new Map<string, Tried>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** GU1. @throws RbeeError key.guesses */
  check(address: string): void {
    const tried = this.#of(networkOf(address));
    if (tried === undefined || tried.words.size < GUESSES_MAX) return;
    const retryAfterMs = Math.ceil(tried.sinceMs + WINDOW_MS - this.#nowMs());
    const seconds = Math.ceil(retryAfterMs / 1000);
    const message = `Too many wrong keys came from this address: none is looked at for ${seconds} s.`;
    throw new RbeeError("key.guesses", message, { retryAfterMs });
  }

  /** @param hash of the key that was none */
  wrong(address: string, hash: Buffer): void {
    const network = networkOf(address);
    const tried = this.#of(network) ?? this.#begin(network);
    if (tried.words.size < GUESSES_MAX) tried.words.add(hash.toString("base64"));
  }

  #of(network: string): Tried | undefined {
    const tried = this.#tried.get(network);
    if (tried === undefined || this.#nowMs() - tried.sinceMs < WINDOW_MS) return tried;
    this.#tried.delete(network);
    return undefined;
  }

  /** GU4. */
  #begin(network: string): Tried {
    const tried = { sinceMs: this.#nowMs(), words: new Set<string>() };
    this.#tried.set(network, tried);
    const [oldest] = this.#tried.keys();
    if (this.#tried.size > ADDRESSES_MAX && oldest !== undefined) this.#tried.delete(oldest);
    return tried;
  }
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** GU3. An address of IPv4 stands for itself, in whichever form it comes. */
function networkOf(address: string): string {
  const [plain = ""] = address.split("%");
  if (plain.includes(".")) return plain.slice(plain.lastIndexOf(":") + 1);
  const [first = [], last = []] = plain.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: Math.max(0, GROUPS - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].slice(0, NETWORK_GROUPS).join(":");
}
