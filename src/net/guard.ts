/**
 * Who may call at all: the checks before a request is read.
 *
 *  D1 Over TCP the Host header must be a name of this door, whatever the port: a page that has rebound its own name to
 *     this address comes with its own name.
 *  D2 A request with an Origin is a web page's; an origin that is not listed is refused.
 *  D3 Keys are compared in constant time, over hashes, each with every other, so that not even a length shows.
 *     One comes as a bearer token or as `x-api-key`, as clients of either dialect send it.
 *  D4 The node's own socket file is opened by its owner alone: no Host and no key are asked for there.
 *  D5 Where a key is needed nobody comes in without one, also while there is none.
 *  D6 Where none is needed one of ours that is sent is still looked at: who comes with it is known, and a revoked one
 *     is refused. Any other word is passed over there: clients of hosted services insist on sending some.
 *  D7 What a browser says comes from a page of elsewhere, and brings no listed origin, is refused also where browsers
 *     send none: an image or a script of a page makes nothing work here. A link that is followed is no page's request.
 *  D8 Where a key is needed wrong ones are bounded (`guesses.ts`).
 *  D9 A machine of the cluster needs no key: it is known by its certificate, and what it asks is asked in its name.
 *     One that was removed comes in by a key alone, as anybody does; without one it is told that it was removed.
 *  D10 Who is turned away because of a key is known by its address and the key's fingerprint. One with an old key
 *      cannot be told from one that guesses in any other way, and the key itself is for nobody to read.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { keyOfMachine } from "../../machines/words.ts";
import type { Peer } from "../protocol/cluster-api.ts";
import { type ErrorCode, RbeeError } from "../protocol/errors.ts";
import { Guesses } from "./guesses.ts";

/** What requests over TCP come with. */
export interface DoorKeys {
  /** By id, the SHA-256 of each key there is at this moment. */
  readonly hashes: () => ReadonlyMap<string, Buffer>;
  /** Whether a word is one of ours, real or not. */
  readonly isOurs: (word: string) => boolean;
  /** Anywhere else one is needed in any case. */
  readonly neededOnLoopback: boolean;
}

export interface GuardOptions {
  /** Names besides localhost, 127.0.0.1 and [::1]. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  /** Without them nobody is asked for one on loopback, and nobody comes in from anywhere else. */
  readonly keys?: DoorKeys | undefined;
  /** Of a clock that never goes back. */
  readonly nowMs?: () => number;
}

/** How a request came in. */
export interface WayIn {
  /** Over the socket file. */
  readonly local: boolean;
  /** At an address that only this machine reaches. */
  readonly loopback: boolean;
}

/** D10. */
export interface Stranger {
  readonly address: string | undefined;
  /** Of the key that it sent. */
  readonly fingerprint: string | undefined;
}

const FINGERPRINT_LETTERS = 16;
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]/@]+)(?::\d{1,5})?$/;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

/** The one word of a door that knows no other. */
export function oneKey(word: string): DoorKeys {
  const hashes = new Map([["token", hashOf(word)]]);
  return { hashes: () => hashes, isOurs: () => true, neededOnLoopback: true };
}

export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #keys: DoorKeys | undefined;
  readonly #guesses: Guesses;

  constructor({ hosts, origins, keys, nowMs = () => performance.now() }: GuardOptions) {
    this.#hosts = new Set([...LOOPBACK_NAMES, ...hosts.map((host) => host.toLowerCase())]);
    this.#origins = new Set(origins);
    this.#keys = keys;
    this.#guesses = new Guesses(nowMs);
  }

  /**
   * @param isOpen the route is served without a key
   * @param peer who shows a certificate of this cluster that has not ended
   * @param isRemoved and is let in by it no more
   * @returns the id of the key that the request came with, or what stands for one
   * @throws RbeeError request.forbidden, request.unauthorized, machine.removed, key.guesses
   */
  check(
    { headers, socket }: IncomingMessage,
    { local, loopback }: WayIn,
    isOpen: boolean,
    peer?: Peer,
    isRemoved = false,
  ): string | undefined {
    const { host = "", origin } = headers;
    if (!local && !this.#hosts.has(HOST.exec(host.toLowerCase())?.[1] ?? "")) {
      throw new RbeeError("request.forbidden", "The Host header does not name this door.", {
        field: "host",
        found: cut(host),
      });
    }
    if (origin !== undefined && !this.#origins.has(origin)) {
      throw new RbeeError("request.forbidden", "This door does not serve that web page.", {
        field: "origin",
        found: cut(origin),
      });
    }
    if (origin === undefined && isOfPageElsewhere(headers)) {
      throw new RbeeError("request.forbidden", "This door does not serve that web page.", {
        field: "sec-fetch-site",
        found: cut(String(headers["sec-fetch-site"])),
      });
    }
    const machine = peer?.role === "hive" && !isRemoved ? keyOfMachine(peer.name) : undefined;
    const isNeeded = !local && !isOpen && (!loopback || this.#keys?.neededOnLoopback === true);
    const word = wordOf(headers);
    if (isNeeded && isRemoved && word === undefined)
      throw new RbeeError("machine.removed", `${peer?.name ?? "this machine"} was removed from the cluster`);
    if (isNeeded && machine === undefined) return this.#neededKey(word, socket.remoteAddress ?? "");
    return this.#sentKey(word) ?? machine;
  }

  /** D5, D8. */
  #neededKey(word: string | undefined, address: string): string {
    if (word !== undefined) {
      this.#guesses.check(address);
      const hash = hashOf(word);
      const id = idOf(hash, this.#keys?.hashes());
      if (id !== undefined) return id;
      this.#guesses.wrong(address, hash);
    }
    throw new RbeeError("request.unauthorized", "The key is missing or wrong.");
  }

  /** D6. */
  #sentKey(word: string | undefined): string | undefined {
    if (word === undefined) return undefined;
    const id = idOf(hashOf(word), this.#keys?.hashes());
    if (id === undefined && this.#keys?.isOurs(word) === true) {
      throw new RbeeError("request.unauthorized", "The key that was sent is none, or is one no more.");
    }
    return id;
  }
}

/** D7. Where a browser says nothing of it, as one that is old, the Origin that it sends with what it writes remains. */
function isOfPageElsewhere(headers: IncomingMessage["headers"]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== "cross-site" && site !== "same-site") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}

/** As clients of the OpenAI dialect and of Anthropic's send it. */
function wordOf({ authorization = "", "x-api-key": named }: IncomingMessage["headers"]): string | undefined {
  return BEARER.exec(authorization)?.[1] ?? (typeof named === "string" && named !== "" ? named : undefined);
}

/** Compares with all of them, whichever it is. */
function idOf(given: Buffer, hashes: ReadonlyMap<string, Buffer> = new Map()): string | undefined {
  let found: string | undefined;
  for (const [id, hash] of hashes) if (timingSafeEqual(given, hash)) found = id;
  return found;
}

/** D10. @returns nothing where no key was the reason */
export function strangerOf({ headers, socket }: IncomingMessage, code: ErrorCode): Stranger | undefined {
  if (code !== "request.unauthorized" && code !== "key.guesses") return undefined;
  const word = wordOf(headers);
  const fingerprint = word === undefined ? undefined : fingerprintOf(hashOf(word));
  return { address: socket.remoteAddress, fingerprint };
}

/** Of the hash of a key: enough to tell it from another, and of no use to anybody. */
export const fingerprintOf = (hash: Buffer): string => hash.toString("hex").slice(0, FINGERPRINT_LETTERS);

const cut = (text: string): string => text.slice(0, 200);
export const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
