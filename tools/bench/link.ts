/**
 * Messages between two processes: told by a cell of one host, folded by the cells of another, numbered, acknowledged
 * and never twice, beside the plain way: one message a frame over the same kind of socket, unpacked and counted.
 *
 * @module
 */
import { once } from "node:events";
import { setImmediate as breath } from "node:timers/promises";
import { Packr } from "msgpackr";
import { WebSocket } from "ws";
import { dialWebSocket, linkOver } from "../../src/net/link/over-ws.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import { forked } from "./forked.ts";
import { startErlang } from "./link-erlang.ts";
import { goTell, helloFrom, NOTE, nowMicros, openEnd, SOURCE, TALLIES } from "./link-end.ts";
import { startFar } from "./link-far-start.ts";
import type { NearNews, Run, TellSo } from "./link-near.ts";
import { type Bench, bounded, compare, median, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";

const MESSAGES = 262_144;
const RUNS = 5;
/** Before what counts, besides the first that no comparison counts: until then the compiler is not done. */
const WARM_RUNS = 4;
const ROUND_TRIPS = 2000;
const P99_MS_MAX = 10;
/** So many times what goes one message a frame. */
const GOAL = 5;
/** A frame of the plain way is as bare as a frame can be. */
const plain = new Packr({ useRecords: false });

interface Way {
  run(): Promise<Run>;
  stop(): Promise<void>;
}

/** @param folder of the journals of both ends; without one they forget */
async function startWay(mode: "raw" | "carried" | "folded", folder?: string): Promise<Way> {
  const near = forked<NearNews>("./link-near.ts", folder === undefined ? [mode] : [mode, folder]);
  await near.heard("ready");
  const run = (): Promise<Run> => {
    near.say({ count: MESSAGES } satisfies TellSo);
    return near.heard("told");
  };
  return { run, stop: () => near.stop() };
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
  for (const end of ["near", "far"] as const) {
    const values = runs.slice(1).map((run) => run[`${end}CpuMicros`]);
    const baseline = median(plainRuns.slice(1).map((run) => run[`${end}CpuMicros`]));
    print(bounded({ bench: "link", case: `${name}-cpu-${end}`, unit: "us", values, value: median(values), baseline }));
  }
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
      end.host.receive("bench", [goTell(1)]);
    });
    linkMs.push(performance.now() - startedMs);
    const event = { type: "count", atMicros: nowMicros(), note: NOTE };
    const rawStartedMs = performance.now();
    ws.send(plain.pack({ to: TALLIES[0], from: SOURCE, lane: "data", n: i, label: "private", event }));
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
    const folded = await startWay("folded");
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
    const raw = await startWay("raw");
    await against("carried", await startWay("carried"), raw, GOAL, print);
    await against("folded", await startWay("folded"), raw, GOAL, print);
    await inTemporaryFolder(async (folder) => {
      await against("folded-durable", await startWay("folded", folder), raw, undefined, print);
    });
    await raw.stop();
    await roundTrips(print);
    if (peers) await besideErlang(print);
  },
});
