/**
 * Who may call at all: the checks before a request is read.
 *
 *  D1 Over TCP the Host header must be a name of this door, whatever the port: a page that has rebound its own name to
 *     this address comes with its own name.
 *  D2 A request with an Origin is a web page's; an origin that is not listed is refused.
 *  D3 A token is compared in constant time, over hashes, so that not even its length shows.
 *     It comes as a bearer token or as `x-api-key`, as clients of either dialect send it.
 *  D4 The node's own socket file is opened by its owner alone: no Host and no token are asked for there.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RbeeError } from "../protocol/errors.ts";

export interface GuardOptions {
  /** Names besides localhost, 127.0.0.1 and [::1]. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly token?: string | undefined;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]/@]+)(?::\d{1,5})?$/;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #token: Buffer | undefined;

  constructor({ hosts, origins, token }: GuardOptions) {
    this.#hosts = new Set([...LOOPBACK_NAMES, ...hosts.map((host) => host.toLowerCase())]);
    this.#origins = new Set(origins);
    this.#token = token === undefined ? undefined : hashOf(token);
  }

  /**
   * @param local came over the socket file
   * @param open the route is served without the token
   * @throws RbeeError request.forbidden, request.unauthorized
   */
  check(request: IncomingMessage, local: boolean, open: boolean): void {
    const { host = "", origin, authorization = "", "x-api-key": key = "" } = request.headers;
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
    if (this.#token === undefined || local || open) return;
    const given = BEARER.exec(authorization)?.[1] ?? String(key);
    if (!timingSafeEqual(hashOf(given), this.#token)) {
      throw new RbeeError("request.unauthorized", "The bearer token is missing or wrong.");
    }
  }
}

const cut = (text: string): string => text.slice(0, 200);
const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
