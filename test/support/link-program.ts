/**
 * The reading process of the link's integration test: listens, folds, and tells its parent how it stands.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptUpgrade, dialWebSocket, socketOver } from "../../src/net/link/over-ws.ts";
import { RealSide } from "./link-real.ts";

export type LinkAsk = { readonly ask: "report" } | { readonly ask: "slow"; readonly blockMs: number };

export interface LinkReport {
  readonly port: number;
  readonly last: number;
  readonly wrong: readonly number[];
  readonly news: readonly string[];
}

const side = new RealSide("there", (address) => socketOver(dialWebSocket(address)));

const server = createServer();
server.on("upgrade", (request, socket, head) =>
  acceptUpgrade(request, socket, head, (ws) => side.keeper.accept(socketOver(ws))),
);

const report = (): LinkReport => ({ port: (server.address() as AddressInfo).port, ...side.read, news: side.news });

server.listen(0, "127.0.0.1", () => process.send?.(report()));

process.on("message", (asked: LinkAsk) => {
  if (asked.ask === "report") process.send?.(report());
  else {
    // A loop that others keep busy: most of its time belongs to somebody else.
    setInterval(() => {
      const untilMs = performance.now() + asked.blockMs;
      while (performance.now() < untilMs);
    }, 1);
  }
});
process.once("disconnect", () => process.exit());
