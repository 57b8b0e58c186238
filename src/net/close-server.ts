/**
 * The end of a server (S6, S9 of serve.ts): what runs may end within its time, what is idle goes at once. Behind that
 * whatever is no HTTP any more is told goodbye, and soon everything is cut.
 *
 * @module
 */
import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import type { Upgrades } from "./upgrades.ts";

/** A connection becomes idle without anybody saying so. */
const IDLE_POLL_MS = 50;
/** For a goodbye to be heard and answered. */
const LEAVE_MS = 250;

/**
 * @param sockets that are connected
 * @param upgrades has those of them that are no HTTP any more
 */
export function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
  upgrades: Upgrades,
): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    let cut: NodeJS.Timeout | undefined;
    const leave = (): void => {
      if (cut !== undefined) return;
      cut = setTimeout(() => upgrades.cut(), LEAVE_MS);
      upgrades.leave();
    };
    const over = setTimeout(() => {
      server.closeAllConnections();
      leave();
    }, graceMs);
    const sweep = setInterval(() => {
      server.closeIdleConnections();
      // To Node a connection is idle once it was answered; who connects in advance may never ask.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      if (upgrades.areAll(sockets)) leave();
    }, IDLE_POLL_MS);
    // An HTTP server's own close ends the watch over those who do not finish their request, and then waits for them.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(over);
      clearTimeout(cut);
      clearInterval(sweep);
      server.close();
      resolve();
    });
  });
}
