/**
 * The end of a server: what runs may end within its time, what is idle goes at once, and then everything is cut.
 *
 * @module
 */
import type { Server } from "node:http";

/** A connection becomes idle without anybody saying so. */
const IDLE_POLL_MS = 50;

/** @param cutOthers ends what is no HTTP any more */
export function closeServer(server: Server, graceMs: number, cutOthers: () => void): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      cutOthers();
    }, graceMs);
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
  });
}
