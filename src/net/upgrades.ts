/**
 * Paths at which a connection becomes something other than HTTP: links between machines.
 *
 * Owns: who may, and that it ends with the server. Does not own: what is spoken from then on.
 *
 *  S9 of serve.ts.
 *
 * @module
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Peer, Role } from "../protocol/cluster-api.ts";
import type { ErrorData } from "../protocol/errors.ts";
import { isOutOfTime, peerOf } from "./authority/identity.ts";
import { requestIdOf } from "./caller.ts";

export interface Upgrade {
  readonly path: string;
  readonly roles: readonly Role[];
  /** From here on the socket is the taker's; `head` are bytes that came behind the request. */
  readonly take: (request: IncomingMessage, socket: Duplex, head: Buffer, peer: Peer) => void;
  /** The server ends: a last word to all that were taken. */
  readonly leave: () => void;
}

type Refuse = (socket: Duplex, error: ErrorData, requestId: string) => void;

export class Upgrades {
  readonly #byPath: ReadonlyMap<string, Upgrade>;
  readonly #refuse: Refuse;
  readonly #taken = new Set<Duplex>();
  #hasLeft = false;

  constructor(upgrades: readonly Upgrade[], refuse: Refuse) {
    this.#byPath = new Map(upgrades.map((upgrade) => [upgrade.path, upgrade]));
    this.#refuse = refuse;
  }

  /** What asks to become something else elsewhere is answered as if it had not asked, as HTTP has it. */
  readonly isOne = ({ url }: IncomingMessage): boolean => this.#byPath.has(url ?? "");

  attach(server: Server): void {
    if (this.#byPath.size === 0) return;
    server.on("upgrade", (request, socket, head) => this.#begin(request, socket, head));
  }

  /** Nothing of these is HTTP any more. */
  areAll(sockets: ReadonlySet<Duplex>): boolean {
    return [...sockets].every((socket) => this.#taken.has(socket));
  }

  /** Once, of however many servers they are. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    for (const { leave } of this.#byPath.values()) leave();
  }

  cut(): void {
    for (const socket of this.#taken) socket.destroy();
  }

  #begin(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const upgrade = this.#byPath.get(request.url ?? "");
    const peer = peerOf(socket);
    const isPage = request.headers.origin !== undefined;
    if (upgrade === undefined || peer === undefined || isPage || !upgrade.roles.includes(peer.role)) {
      socket.on("error", () => socket.destroy());
      const error: ErrorData = isOutOfTime(socket)
        ? {
            code: "clock.skewed",
            message: `Here it is ${new Date().toISOString()}: that certificate is not valid now.`,
          }
        : { code: "request.forbidden", message: "Only a machine of this cluster is linked, by its certificate." };
      return this.#refuse(socket, error, requestIdOf(request.headers["x-request-id"]));
    }
    this.#taken.add(socket);
    socket.once("close", () => this.#taken.delete(socket));
    upgrade.take(request, socket, head, peer);
  }
}
