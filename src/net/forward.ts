/**
 * A door whose other side is elsewhere: what comes to it goes, byte by byte, over a connection of its own to the door
 * of another machine, and what that says comes back.
 *
 * Owns: listening on this machine alone, the pairs of connections, what is said where the other side is not there. Does
 * not own: what is asked or answered, or who may ask: the door at the far end sees every byte, and judges as always.
 *
 *  FW1 Whatever HTTP says goes through as it is, in both directions: streams, requests behind each other, a side that
 *      was closed. Who reads slowly is sent slowly, and who goes away is gone at the other end too.
 *  FW2 Where the other side is not there, who asks is told at once, with `queen.unreachable` and when to come back;
 *      and so is who was not answered yet when it went. What was being said breaks off.
 *  FW3 So many connections at a time; nothing is dialled for who says nothing.
 *  FW4 Only this machine reaches it.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ErrorData, RbeeError } from "../protocol/errors.ts";
import { isLoopback } from "../protocol/loopback.ts";
import { listenSocket, listenTcp, type SocketPlace, type TcpPlace } from "./listen.ts";
import { refuseRaw } from "./refusal.ts";

export interface ForwardOptions {
  /** A connection to the door at the far end, not yet made: it says `secureConnect`, or `error`. */
  readonly dial: () => Duplex;
  /** Why nobody need be dialled: the other side is known to be gone. */
  readonly away: () => ErrorData | undefined;
  /** At each place. */
  readonly connectionsMax?: number;
  /** To be connected with the far end. */
  readonly dialMs?: number;
}

const CONNECTIONS_MAX = 256;
const DIAL_MS = 5_000;

interface Pair {
  readonly near: Socket;
  readonly far: Duplex;
  isAnswered: boolean;
}

export class Forward {
  readonly #options: ForwardOptions;
  readonly #servers: Server[] = [];
  readonly #near = new Set<Socket>();
  readonly #pairs = new Set<Pair>();

  constructor(options: ForwardOptions) {
    this.#options = options;
  }

  /** FW4. @returns the port @throws RbeeError port.taken, home.held */
  async listen(place: TcpPlace | SocketPlace): Promise<number | undefined> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#arrive(socket));
    server.maxConnections = this.#options.connectionsMax ?? CONNECTIONS_MAX;
    this.#servers.push(server);
    if ("socketPath" in place) {
      await listenSocket(server, place);
      return undefined;
    }
    if (!isLoopback(place.host)) throw new RbeeError("defect", `${place.host} is to be served in the clear`);
    return listenTcp(server, place);
  }

  /** FW2. The other side is gone. */
  cut(error: ErrorData): void {
    for (const pair of this.#pairs) fail(pair, error);
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#near) socket.destroy();
  }

  /** FW3. */
  #arrive(near: Socket): void {
    this.#near.add(near);
    near.on("error", () => near.destroy()).once("close", () => this.#near.delete(near));
    near.once("readable", () => {
      if (near.readableLength > 0) this.#begin(near);
      else near.destroy();
    });
  }

  #begin(near: Socket): void {
    const away = this.#options.away();
    if (away !== undefined) return refuse(near, away);
    const far = this.#options.dial();
    const pair: Pair = { near, far, isAnswered: false };
    const { dialMs = DIAL_MS } = this.#options;
    const late = setTimeout(() => far.destroy(new Error(`it does not answer within ${dialMs / 1_000} s`)), dialMs);
    this.#pairs.add(pair);
    far.once("secureConnect", () => {
      clearTimeout(late);
      near.pipe(far).pipe(near);
    });
    far.once("data", () => (pair.isAnswered = true));
    far.once("error", (thrown) => fail(pair, unreachable(thrown)));
    far.once("close", () => {
      clearTimeout(late);
      this.#pairs.delete(pair);
      if (!near.writableEnded) fail(pair, unreachable(new Error("it closed the connection")));
    });
    near.once("close", () => far.destroy());
  }
}

/** FW2. */
function fail({ near, far, isAnswered }: Pair, error: ErrorData): void {
  far.destroy();
  near.unpipe(far);
  if (isAnswered) near.destroy();
  else refuse(near, error);
}

function refuse(near: Socket, error: ErrorData): void {
  if (near.writableEnded || near.destroyed) return;
  refuseRaw(near, error);
  // What it goes on saying is passed over, until it has read why.
  near.resume().setTimeout(PARTING_MS, () => near.destroy());
}

const PARTING_MS = 2_000;

const unreachable = (thrown: Error): ErrorData => ({
  code: "queen.unreachable",
  message: `the queen cannot be reached: ${"code" in thrown ? String(thrown.code) : thrown.message}`,
});
