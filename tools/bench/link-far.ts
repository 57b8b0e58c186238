/**
 * The far process of the link's bench: folds, echoes, or just counts what arrives, and tells its parent how far it is.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { unpack } from "msgpackr";
import type { WebSocket } from "ws";
import { acceptUpgrade, linkOver } from "../../src/net/link/over-ws.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import { type Count, helloFrom, nowMicros, openEnd } from "./link-end.ts";
import { percentile } from "./measure.ts";

/** What the parent may say: from here on count anew, and tell when so many have come. */
export interface CountTo {
  readonly count: number;
}

export type FarNews =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "counting" }
  | {
      readonly kind: "counted";
      /** From being told to being counted. */
      readonly p99Ms: number;
      /** Of this process, since it was told to count. */
      readonly cpuMicros: number;
      /** When the last was counted, on the clock of both. */
      readonly atMicros: number;
    };

const [mode = "raw", journalPath] = process.argv.slice(2);
const say = (news: FarNews): void => void process.send?.(news);

let folded = 0;
/** One for each that is wanted: a list that grows would be most of what this process collects. */
let latenciesMs = new Float64Array();
let cpu = process.cpuUsage();
process.on("message", ({ count }: CountTo) => {
  folded = 0;
  latenciesMs = new Float64Array(count);
  cpu = process.cpuUsage();
  say({ kind: "counting" });
});
// Whoever started this is gone.
process.once("disconnect", () => process.exit());

function counted(event: Message): void {
  if (event.type !== "count") return;
  const atMicros = nowMicros();
  latenciesMs[folded] = (atMicros - (event as Count).atMicros) / 1000;
  folded += 1;
  if (folded !== latenciesMs.length) return;
  const { user, system } = process.cpuUsage(cpu);
  say({ kind: "counted", p99Ms: percentile(latenciesMs, 0.99), cpuMicros: user + system, atMicros });
}

const takers: Readonly<Record<string, (ws: WebSocket) => void>> = {
  /** One message a frame, unpacked and counted. */
  raw(ws) {
    ws.on("message", (data: Buffer) => counted((unpack(data) as { readonly event: Message }).event));
  },
  /** Each message comes back as it went. */
  echo(ws) {
    ws.on("message", (data: Buffer) => ws.send(data));
  },
  /** Through a link, into nothing. */
  carried(ws) {
    const link = linkOver(
      ws,
      { self: helloFrom("far"), role: "acceptor" },
      {
        onUp: () => link.hostUp("far", 1),
        onHostUp() {},
        onHostDown() {},
        onFrames(_from, _to, frames) {
          for (const frame of frames) if (frame.kind === "mail") counted(frame.envelope.event);
        },
        onClosed() {},
      },
    );
  },
  /** Through a link, into the cells of a host. */
  folded(ws) {
    const end = openEnd("far", journalPath === "" ? undefined : journalPath, counted);
    const link = linkOver(ws, { self: helloFrom("far"), role: "acceptor" }, end.events);
    end.carriedBy(link);
  },
};

const server = createServer();
server.on("upgrade", (request, socket, head) => acceptUpgrade(request, socket, head, takers[mode] ?? (() => {})));
server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));
