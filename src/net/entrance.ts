/**
 * TLS and plain HTTP at one port: the first byte of a connection tells which it is.
 *
 * Owns: connections until they are somebody's: how many, how long, and the handshake. Does not own: certificates
 * (authority/), or what is said afterwards (serve.ts).
 *
 *  EN1 Where others reach the door nothing is taken in the clear; who tries is told to use TLS.
 *  EN2 Who has not shown itself costs little: so many connections at most are on their way in, each for a bounded time,
 *      whatever it sends; when there are more, the one that has taken longest is cut.
 *  EN3 A renewed certificate is served to whoever comes next, and cuts nobody.
 *  EN4 So many greetings are answered a second, in the order in which they came: whoever only greets takes a fifth of a
 *      core at most, and those who wait count among those on their way in.
 *
 * @module
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import type { ErrorData } from "../protocol/errors.ts";
import type { Identity } from "./authority/identity.ts";

export interface TlsOptions {
  /** Asked for every connection: cheap, unless it has just been renewed. */
  readonly identity: () => Promise<Identity>;
  /** Told why a door cannot show who it is. */
  readonly failed: (thrown: unknown) => void;
}

export interface EntranceOptions extends TlsOptions {
  /** Whether plain HTTP is taken too. */
  readonly plain: boolean;
  /** Answers what is no request, and ends its connection. */
  readonly refuse: (socket: Socket, error: ErrorData) => void;
  /** From the connection to the end of the handshake. Default 10 s. */
  readonly arrivalMs?: number;
  /** Default: half of a server's places. On loopback, where nobody is a stranger, they may take all. */
  readonly arrivingMax?: number;
  /** In each {@link GREETING_MS}. Default 50. */
  readonly greetingsMax?: number;
}

const ARRIVAL_MS = 10_000;
const ARRIVING_MAX = 512;
/** A greeting costs 0.6 to 0.9 ms: 250 of them a second. */
const GREETINGS_MAX = 50;
const GREETING_MS = 200;
/** How long an answer in the clear may take to be read. */
const PARTING_MS = 2_000;
/** The type of a TLS record that begins a handshake. */
const HANDSHAKE = 0x16;
const METHOD = /^[A-Z]/;

interface Arriving {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

export class Entrance {
  readonly #options: EntranceOptions;
  readonly #accept: (socket: Socket) => void;
  /** By both ends, since TLS puts another object before the socket. The one that came first is first. */
  readonly #arriving = new Map<string, Arriving>();
  /** Have greeted, and wait for their turn. */
  readonly #greeting = new Set<Socket>();
  #greeted = 0;
  #tls: { readonly server: TlsServer; shown: Identity } | undefined;

  /** Stands before all that takes the server's connections by then. */
  constructor(server: Server, options: EntranceOptions) {
    this.#options = options;
    const takers = server.listeners("connection");
    this.#accept = (socket) => {
      for (const taker of takers) Reflect.apply(taker, server, [socket]);
    };
    server.removeAllListeners("connection").on("connection", (socket: Socket) => this.#arrive(socket));
  }

  /** Nobody comes in any more. */
  close(): void {
    for (const { socket } of this.#arriving.values()) socket.destroy();
  }

  /** EN2. */
  #arrive(socket: Socket): void {
    const { plain, arrivalMs = ARRIVAL_MS, arrivingMax = ARRIVING_MAX } = this.#options;
    if (!plain && this.#arriving.size >= arrivingMax) this.#oldest()?.destroy();
    const ends = endsOf(socket);
    const timer = setTimeout(() => this.#late(socket), arrivalMs);
    this.#arriving.set(ends, { socket, timer });
    socket.on("error", ignore).once("end", destroy);
    socket.once("close", () => {
      if (this.#arriving.get(ends)?.socket === socket) this.#arrived(ends);
    });
    const look = (): void => {
      const bytes: Buffer | null = socket.read();
      if (bytes === null) return;
      socket.off("readable", look).off("end", destroy);
      socket.unshift(bytes);
      this.#direct(socket, bytes);
    };
    socket.on("readable", look);
  }

  #direct(socket: Socket, bytes: Buffer): void {
    if (bytes[0] === HANDSHAKE) return this.#await(socket);
    this.#arrived(endsOf(socket));
    if (this.#options.plain) {
      socket.off("error", ignore);
      return this.#accept(socket);
    }
    if (!METHOD.test(bytes.toString("latin1", 0, 1))) return void socket.destroy();
    this.#options.refuse(socket, { code: "request.plain", message: "This door speaks TLS alone." });
    socket.resume().setTimeout(PARTING_MS, () => socket.destroy());
  }

  /** EN4. */
  #await(socket: Socket): void {
    this.#greeting.add(socket);
    socket.once("close", () => this.#greeting.delete(socket));
    this.#turn();
  }

  #turn(): void {
    const { plain, greetingsMax = GREETINGS_MAX } = this.#options;
    const nextTurn = (): void => {
      this.#greeted = 0;
      this.#turn();
    };
    if (this.#greeted === 0 && this.#greeting.size > 0) setTimeout(nextTurn, GREETING_MS).unref();
    for (const socket of this.#greeting) {
      if (!plain && this.#greeted >= greetingsMax) return;
      this.#greeted += 1;
      this.#greeting.delete(socket);
      void this.#greet(socket);
    }
  }

  async #greet(socket: Socket): Promise<void> {
    try {
      const server = this.#server(await this.#options.identity());
      if (!socket.destroyed) server.emit("connection", socket);
    } catch (thrown) {
      socket.destroy();
      this.#options.failed(thrown);
    }
  }

  /** EN3. */
  #server(identity: Identity): TlsServer {
    const { key, certificate, authority } = identity;
    const shown = { key, cert: certificate + authority, ca: authority };
    if (this.#tls === undefined) {
      const options = { ...shown, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
      const server = createTlsServer(options, (socket) => {
        this.#arrived(endsOf(socket));
        this.#accept(socket);
      });
      server.on("tlsClientError", (_, socket) => socket.destroy());
      this.#tls = { server, shown: identity };
    } else if (this.#tls.shown !== identity) {
      this.#tls.server.setSecureContext(shown);
      this.#tls.shown = identity;
    }
    return this.#tls.server;
  }

  #arrived(ends: string): void {
    clearTimeout(this.#arriving.get(ends)?.timer);
    this.#arriving.delete(ends);
  }

  #oldest(): Socket | undefined {
    const [first] = this.#arriving.values();
    return first?.socket;
  }

  /** Who may speak in the clear is told why. */
  #late(socket: Socket): void {
    if (!this.#options.plain || socket.bytesRead > 0) return void socket.destroy();
    this.#options.refuse(socket, { code: "stream.slow", message: "The request took too long to arrive." });
    socket.destroySoon();
  }
}

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
const ignore = (): void => {};
function destroy(this: Socket): void {
  this.destroy();
}
