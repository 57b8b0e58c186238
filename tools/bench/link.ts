/**
 * Messages between two processes: told by a cell of one host, folded by the cells of another, numbered, acknowledged
 * and never twice, beside the plain way: one message a frame over the same kind of socket, unpacked and counted.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setImmediate as breath, setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Packr } from "msgpackr";
import { WebSocket } from "ws";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import { dialWebSocket, linkOver } from "../../src/net/link/over-ws.ts";
import type { Link } from "../../src/net/link/link.ts";
import { startErlang } from "./link-erlang.ts";
import { BURST, CELLS, helloFrom, NOTE, nowMicros, openEnd, SOURCE } from "./link-end.ts";
import type { CountTo, FarNews } from "./link-far.ts";
import { type Bench, bounded, compare, median, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";

const FAR = fileURLToPath(new URL("./link-far.ts", import.meta.url));
const MESSAGES = 262_144;
const RUNS = 5;
/** Before what counts, besides the first that no comparison counts: until then the compiler is not done. */
const WARM_RUNS = 2;
/** Told and not yet acknowledged: enough to keep both processes busy, and no more than is folded in a few ms. */
const AHEAD = 1024;
/** What is told in one turn: a quarter of that, or each end would stand still while the other works on all of it. */
const BURSTS_AT_ONCE = 4;
/** What a sender lets wait for its socket. */
const BUFFERED_BYTES = 256 * 1024;
const ROUND_TRIPS = 2000;
const P99_MS_MAX = 10;
/** So many times what goes one message a frame. */
const GOAL = 5;
/** A frame of the plain way is as bare as a frame can be. */
const plain = new Packr({ useRecords: false });

type Counted = Extract<FarNews, { kind: "counted" }>;

interface Far {
  readonly url: string;
  /** From when it resolves on, everything counts; it gives what resolves when so many have come. */
  counting(count: number): Promise<{ readonly counted: Promise<Counted> }>;
  stop(): Promise<void>;
}

async function startFar(mode: string, journalPath = ""): Promise<Far> {
  const child: ChildProcess = fork(FAR, [mode, journalPath], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const heard = async <Kind extends FarNews["kind"]>(kind: Kind): Promise<Extract<FarNews, { kind: Kind }>> => {
    const [news] = (await once(child, "message")) as [FarNews];
    if (news.kind !== kind) throw new Error(`the far process said ${news.kind} and not ${kind}`);
    return news as Extract<FarNews, { kind: Kind }>;
  };
  const { port } = await heard("listening");
  return {
    url: `ws://127.0.0.1:${port}`,
    async counting(count) {
      child.send({ count } satisfies CountTo);
      await heard("counting");
      return { counted: heard("counted") };
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

/** Has the near cell tell so many. */
const go = (count: number): Frame => {
  const event: Message & { readonly count: number } = { type: "go", count };
  return { kind: "mail", envelope: { to: SOURCE, from: "bench/bench/b", lane: "data", n: 0, label: "private", event } };
};

interface Run {
  /** Messages a second. */
  readonly rate: number;
  readonly p99Ms: number;
  /** What one message takes of the processor at the far end. */
  readonly cpuMicros: number;
}

interface Way {
  run(): Promise<Run>;
  stop(): Promise<void>;
}

/** From the first message told to the last one counted. */
async function timed(far: Far, produce: (count: number) => Promise<void>): Promise<Run> {
  const { counted } = await far.counting(MESSAGES);
  const startedMicros = nowMicros();
  await produce(MESSAGES);
  const { p99Ms, cpuMicros, atMicros } = await counted;
  return { rate: (MESSAGES * 1e6) / (atMicros - startedMicros), p99Ms, cpuMicros: cpuMicros / MESSAGES };
}

/** Everything sent so far is with the kernel. */
const written = (ws: WebSocket): Promise<unknown> => new Promise((resolve) => ws.ping("", undefined, resolve));

async function rawWay(): Promise<Way> {
  const far = await startFar("raw");
  const ws = new WebSocket(far.url, { perMessageDeflate: false });
  await once(ws, "open");
  const produce = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const event = { type: "count", atMicros: nowMicros(), note: NOTE };
      ws.send(plain.pack({ to: `far/tally/${n % CELLS}`, from: SOURCE, lane: "data", n, label: "private", event }));
      if (ws.bufferedAmount > BUFFERED_BYTES) await written(ws);
    }
  };
  const stop = (): Promise<void> => {
    ws.terminate();
    return far.stop();
  };
  return { run: () => timed(far, produce), stop };
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
  const produce = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += BURST) {
      const event = { type: "count", atMicros: nowMicros(), note: NOTE };
      const frames = Array.from({ length: BURST }, (_, i): Frame => {
        const to = `far/tally/${(n + i) % CELLS}` as const;
        return { kind: "mail", envelope: { to, from: SOURCE, lane: "data", n: n + i + 1, label: "private", event } };
      });
      link.send({ from: "near", to: "far", toLife: 1, frames });
      while (link.waitingBytes > BUFFERED_BYTES) await pause(1);
    }
  };
  const stop = (): Promise<void> => {
    link.close();
    return far.stop();
  };
  return { run: () => timed(far, produce), stop };
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
  const link = linkOver(dialWebSocket(far.url), { self: helloFrom("near"), role: "dialler" }, events);
  end.carriedBy(link);
  while (end.host.lifeOf("far") === 0) await breath();
  const produce = async (count: number): Promise<void> => {
    const { outbox } = end.host.core;
    for (let told = 0; told < count;) {
      const room = Math.ceil((AHEAD - outbox.size) / BURST);
      let bursts = Math.min(room, (count - told) / BURST, BURSTS_AT_ONCE);
      // A sender that spins would take the processor from the one that folds.
      if (bursts <= 0) await new Promise<void>((resolve) => (acked = resolve));
      for (; bursts > 0; bursts -= 1, told += BURST) end.host.receive("bench", [go(BURST)]);
      await breath();
    }
  };
  const stop = async (): Promise<void> => {
    link.close();
    end.close();
    await far.stop();
  };
  return { run: () => timed(far, produce), stop };
}

async function against(name: string, way: Way, raw: Way, goal: number | undefined, print: Print): Promise<void> {
  const runs: Run[] = [];
  const plainRuns: Run[] = [];
  const noted = async (of: Way, notes: Run[]): Promise<number> => {
    const run = await of.run();
    notes.push(run);
    return run.rate;
  };
  for (let i = 0; i < WARM_RUNS; i += 1) await way.run();
  const common = { bench: "link", case: name, unit: "messages/s", runs: RUNS };
  const sides = { subject: () => noted(way, runs), baseline: () => noted(raw, plainRuns) };
  print(await compare(goal === undefined ? { ...common, ...sides } : { ...common, ...sides, goal }));
  // The first of each is for the compiler and the caches.
  const p99sMs = runs.slice(1).map(({ p99Ms }) => p99Ms);
  const p99 = { bench: "link", case: `${name}-p99`, unit: "ms", values: p99sMs, value: median(p99sMs) };
  print(bounded({ ...p99, atMost: P99_MS_MAX }));
  // Others that keep the machine busy change this the least.
  const values = runs.slice(1).map(({ cpuMicros }) => cpuMicros);
  const baseline = median(plainRuns.slice(1).map(({ cpuMicros }) => cpuMicros));
  print(bounded({ bench: "link", case: `${name}-cpu`, unit: "us", values, value: median(values), baseline }));
  await way.stop();
}

/** Told, folded, acknowledged; beside a frame that comes straight back. */
async function roundTrips(print: Print): Promise<void> {
  const far = await startFar("folded");
  const end = openEnd("near", undefined, () => {});
  let answered = (): void => {};
  const events = {
    ...end.events,
    onFrames(from: string, to: string, frames: readonly Frame[]): void {
      end.events.onFrames(from, to, frames);
      if (end.host.core.outbox.size === 0) answered();
    },
  };
  const link = linkOver(dialWebSocket(far.url), { self: helloFrom("near"), role: "dialler" }, events);
  end.carriedBy(link);
  while (end.host.lifeOf("far") === 0) await breath();
  const echoFar = await startFar("echo");
  const ws = new WebSocket(echoFar.url, { perMessageDeflate: false });
  await once(ws, "open");

  const linkMs: number[] = [];
  const rawMs: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const startedMs = performance.now();
    await new Promise<void>((resolve) => {
      answered = resolve;
      end.host.receive("bench", [go(1)]);
    });
    linkMs.push(performance.now() - startedMs);
    const event = { type: "count", atMicros: nowMicros(), note: NOTE };
    const rawStartedMs = performance.now();
    ws.send(plain.pack({ to: "far/tally/0", from: SOURCE, lane: "data", n: i, label: "private", event }));
    await once(ws, "message");
    rawMs.push(performance.now() - rawStartedMs);
  }
  for (const [name, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const [value, baseline] = [percentile(linkMs, share), percentile(rawMs, share)];
    print(bounded({ bench: "link", case: `round-trip-${name}`, unit: "ms", values: linkMs, value, baseline }));
  }
  ws.terminate();
  link.close();
  end.close();
  await Promise.all([far.stop(), echoFar.stop()]);
}

/** Where Erlang is installed; elsewhere it is said that it is not. */
async function besideErlang(print: Print): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const erlang = await startErlang(folder);
    if (erlang === undefined) {
      process.stderr.write("rbee bench: Erlang is not installed, nothing is compared with it\n");
      return;
    }
    const folded = await foldedWay(undefined);
    const subject = async (): Promise<number> => (await folded.run()).rate;
    const baseline = (): Promise<number> => erlang.rate(MESSAGES);
    const common = { bench: "link", case: "folded-beside-erlang", unit: "messages/s", runs: RUNS };
    print(await compare({ ...common, subject, baseline }));
    await folded.stop();
    await erlang.stop();
  });
}

/** @param peers whether Erlang's distribution is measured too */
export const linkBench = (peers: boolean): Bench => ({
  name: "link",
  async run(print) {
    const raw = await rawWay();
    await against("carried", await carriedWay(), raw, GOAL, print);
    await against("folded", await foldedWay(undefined), raw, GOAL, print);
    await inTemporaryFolder(async (folder) => {
      await against("folded-durable", await foldedWay(folder), raw, undefined, print);
    });
    await raw.stop();
    await roundTrips(print);
    if (peers) await besideErlang(print);
  },
});
