/**
 * The near process of the link's bench: it tells what the far one counts. Each way has one of its own, so that none
 * runs in code that the compiler fitted to another.
 *
 * @module
 */
import { once } from "node:events";
import { join } from "node:path";
import { setImmediate as breath, setTimeout as pause } from "node:timers/promises";
import { Packr } from "msgpackr";
import { WebSocket } from "ws";
import { dialWebSocket, linkOver } from "../../src/net/link/over-ws.ts";
import type { Link } from "../../src/net/link/link.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import { BURST, CELLS, goTell, helloFrom, NOTE, nowMicros, openEnd, SOURCE, TALLIES } from "./link-end.ts";
import { type Far, startFar } from "./link-far-start.ts";

/** Told and not yet acknowledged: enough to keep both processes busy, and no more than is folded in a few ms. */
const AHEAD = 1024;
/** What is told in one turn: a half of that, so that each end works on one half while the other has the next. */
const BURSTS_AT_ONCE = 8;
/** What a sender lets wait for its socket. */
const BUFFERED_BYTES = 256 * 1024;
/** A frame of the plain way is as bare as a frame can be. */
const plain = new Packr({ useRecords: false });

/** What the parent may say: tell so many. */
export interface TellSo {
  readonly count: number;
}

/** From the first message told to the last one counted. */
export interface Run {
  /** Messages a second. */
  readonly rate: number;
  readonly p99Ms: number;
  /** What one message takes of the processor at either end. */
  readonly farCpuMicros: number;
  readonly nearCpuMicros: number;
}

export type NearNews = { readonly kind: "ready" } | ({ readonly kind: "told" } & Run);

interface Way {
  readonly far: Far;
  tell(count: number): Promise<void>;
}

async function timed({ far, tell }: Way, count: number): Promise<Run> {
  const { counted } = await far.counting(count);
  const cpu = process.cpuUsage();
  const startedMicros = nowMicros();
  await tell(count);
  const { p99Ms, cpuMicros, atMicros } = await counted;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (count * 1e6) / (atMicros - startedMicros);
  return { rate, p99Ms, farCpuMicros: cpuMicros / count, nearCpuMicros: (user + system) / count };
}

/** Everything sent so far is with the kernel. */
const written = (ws: WebSocket): Promise<unknown> => new Promise((resolve) => ws.ping("", undefined, resolve));

async function rawWay(): Promise<Way> {
  const far = await startFar("raw");
  const ws = new WebSocket(far.url, { perMessageDeflate: false });
  await once(ws, "open");
  return {
    far,
    async tell(count) {
      for (let n = 0; n < count; n += 1) {
        const event = { type: "count", atMicros: nowMicros(), note: NOTE };
        ws.send(plain.pack({ to: TALLIES[n % CELLS], from: SOURCE, lane: "data", n, label: "private", event }));
        if (ws.bufferedAmount > BUFFERED_BYTES) await written(ws);
      }
    },
  };
}

async function carriedWay(): Promise<Way> {
  const far = await startFar("carried");
  const { promise: up, resolve } = Promise.withResolvers<void>();
  const link: Link = linkOver(
    dialWebSocket(far.url),
    { self: helloFrom("near"), role: "dialler" },
    {
      onUp: () => link.hostUp("near", 1),
      onHostUp: () => resolve(),
      onHostDown() {},
      onFrames() {},
      onClosed() {},
    },
  );
  await up;
  const frameOf = (n: number): Frame => {
    const event = { type: "count", atMicros: nowMicros(), note: NOTE };
    const to = TALLIES[n % CELLS] ?? SOURCE;
    return { kind: "mail", envelope: { to, from: SOURCE, lane: "data", n: n + 1, label: "private", event } };
  };
  return {
    far,
    async tell(count) {
      for (let n = 0; n < count; n += BURST) {
        const frames = Array.from({ length: BURST }, (_, i) => frameOf(n + i));
        link.send({ from: "near", to: "far", toLife: 1, frames });
        while (link.waitingBytes > BUFFERED_BYTES) await pause(1);
      }
    },
  };
}

async function foldedWay(folder: string | undefined): Promise<Way> {
  const far = await startFar("folded", folder === undefined ? "" : join(folder, "far.mdb"));
  const end = openEnd("near", folder === undefined ? undefined : join(folder, "near.mdb"), () => {});
  let acked = (): void => {};
  const events = {
    ...end.events,
    onFrames(from: string, to: string, frames: readonly Frame[]): void {
      end.events.onFrames(from, to, frames);
      acked();
    },
  };
  end.carriedBy(linkOver(dialWebSocket(far.url), { self: helloFrom("near"), role: "dialler" }, events));
  while (end.host.lifeOf("far") === 0) await breath();
  return {
    far,
    async tell(count) {
      const { outbox } = end.host.core;
      for (let told = 0; told < count;) {
        const room = Math.ceil((AHEAD - outbox.size) / BURST);
        let bursts = Math.min(room, (count - told) / BURST, BURSTS_AT_ONCE);
        if (bursts <= 0) {
          // A sender that spins would take the processor from the one that folds.
          await new Promise<void>((resolve) => (acked = resolve));
          continue;
        }
        for (; bursts > 0; bursts -= 1, told += BURST) end.host.receive("bench", [goTell(BURST)]);
        await breath();
      }
    },
  };
}

const WAYS: Readonly<Record<string, (folder: string | undefined) => Promise<Way>>> = {
  raw: rawWay,
  carried: carriedWay,
  folded: foldedWay,
};

const [mode = "raw", folder] = process.argv.slice(2);
const say = (news: NearNews): void => void process.send?.(news);
const way = await WAYS[mode]?.(folder);
if (way === undefined) throw new Error(`no way is called ${mode}`);
process.on("message", ({ count }: TellSo) => {
  void timed(way, count).then((run) => say({ kind: "told", ...run }));
});
// Whoever started this is gone, and with this the far one.
process.once("disconnect", () => process.exit());
say({ kind: "ready" });
