/**
 * Being seen by the node that one is attached to, between requests too: an embedded node then stays for us.
 *
 * One connection is kept open by asking for `/health` more often than the node closes idle connections.
 *
 * @module
 */
import { Agent, get } from "node:http";

const EVERY_MS = 10_000;

export interface Presence {
  end(): void;
}

export function showPresence(socketPath: string): Presence {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const show = (): void => {
    // A node that is gone is noticed by the next request that matters.
    get({ socketPath, path: "/health", agent, timeout: EVERY_MS }, (response) => response.resume()).on(
      "error",
      () => {},
    );
  };
  show();
  const timer = setInterval(show, EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
