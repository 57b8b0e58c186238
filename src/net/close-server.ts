/**
 * The end of a server (S6 of serve.ts): what runs may end within its time, what is idle goes at once, and then
 * everything is cut.
 *
 * @module
 */
import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** A connection becomes idle without anybody saying so. */
const IDLE_POLL_MS = 50;

/**
 * @param sockets that are connected
 * @param cutOthers ends what is no HTTP any more
 */
export function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
  cutOthers: () => void,
): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      cutOthers();
    }, graceMs);
    const sweep = setInterval(() => {
      server.closeIdleConnections();
      // To Node a connection is idle once it was answered; who connects in advance may never ask.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, IDLE_POLL_MS);
    // An HTTP server's own close ends the watch over those who do not finish their request, and then waits for them.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(cut);
      clearInterval(sweep);
      server.close();
      resolve();
    });
  });
}
