/**
 * Where a server listens: a port, the next free one, or a socket file.
 *
 *  P1 A port that a person asked for is used or refused; only a default one moves on.
 *  P2 A socket file left by a dead process is replaced, one that answers never is.
 *  P3 A socket file can be opened by its owner alone.
 *
 * @module
 */
import { chmod, rm } from "node:fs/promises";
import { type AddressInfo, connect, type Server } from "node:net";
import { RbeeError } from "../protocol/errors.ts";

export interface TcpPlace {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The port is a default: when it is taken, the next free one will do. */
  readonly orNext: boolean;
}

export interface SocketPlace {
  readonly socketPath: string;
}

const PORTS_TRIED_MAX = 50;
/** The smallest limit of the systems in use. */
const SOCKET_PATH_BYTES_MAX = 103;

/** @returns the port it listens on */
export async function listenTcp(server: Server, { host, port, orNext }: TcpPlace): Promise<number> {
  const last = Math.min(orNext && port > 0 ? port + PORTS_TRIED_MAX - 1 : port, 65_535);
  for (let tried = port; tried <= last; tried++) {
    const failure = await tryListen(server, { host, port: tried });
    if (failure === undefined) return portOf(server);
    if (failure !== "EADDRINUSE") {
      throw new RbeeError("port.taken", `Cannot listen on ${host} port ${tried}: ${failure}.`, { host, port: tried });
    }
  }
  const range = last > port ? `Ports ${port} to ${last}` : `Port ${port}`;
  throw new RbeeError("port.taken", `${range} of ${host} cannot be had: in use.`, { host, port });
}

export async function listenSocket(server: Server, { socketPath }: SocketPlace): Promise<void> {
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_BYTES_MAX) {
    const message = `The path of the socket file is longer than ${SOCKET_PATH_BYTES_MAX} bytes: ${socketPath}.`;
    throw new RbeeError("config.invalid", message);
  }
  let failure = await tryListen(server, { path: socketPath });
  if (failure === "EADDRINUSE") {
    if (await answers(socketPath)) throw new RbeeError("home.held", `A node serves ${socketPath} already.`);
    await rm(socketPath, { force: true });
    failure = await tryListen(server, { path: socketPath });
  }
  if (failure !== undefined) throw new RbeeError("port.taken", `Cannot listen on ${socketPath}: ${failure}.`);
  await chmod(socketPath, 0o600);
}

/** @returns the system's word for why not */
function tryListen(
  server: Server,
  place: { host: string; port: number } | { path: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off("listening", listening);
      resolve(error.code ?? error.message);
    };
    const listening = (): void => {
      server.off("error", failed);
      resolve(undefined);
    };
    server.once("error", failed).once("listening", listening);
    server.listen({ ...place, exclusive: true });
  });
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new RbeeError("defect", "A TCP server has no port.");
  return address.port;
}
