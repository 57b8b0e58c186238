/**
 * What the node's door adds to a model server that answers at once, and how many requests a second it carries.
 *
 * The whole path is in it: door, queen, her journal, the worker's process, the way out, the server, and back. The same
 * requests go to the server itself, and on demand to other proxies in front of it (peers.ts); all take turns. Clients
 * and server are processes of their own.
 *
 * A request's time begins when it was due (load.ts), and what the door adds is the difference of the same
 * percentile of both sides.
 *
 * @module
 */
import type { Target } from "./load.ts";
import { type Bench, bounded, compare, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";
import { type Peer, startPeers } from "./peers.ts";
import { chat, type Load, type Place, startLoad, startProxyStage } from "./proxy-stage.ts";

const PER_SECOND = 500;
const SECONDS = 4;
const RUNS = 5;
const CLIENTS = 32;
const REQUESTS = 2_000;
const ADDED_P50_MS_MAX = 1;
const ADDED_P99_MS_MAX = 5;
const SLOTS = 64;
/** Of what a peer carries. */
const GOALS: Readonly<Record<string, number>> = { portkey: 1, nginx: 0.5 };

/** @param peers whether other proxies are measured too */
export const doorBench = (peers: boolean): Bench => ({
  name: "door",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const load = await startLoad();
      const stage = await startProxyStage(folder, { slots: SLOTS, tokenEveryMs: 0 });
      try {
        const [door, direct] = [target(stage.door), target(stage.backend)];
        await paces(load, door, direct, print);
        await rates(load, door, direct, print);
        if (peers) await beside(folder, stage.backend, load, door, print);
      } finally {
        load.end();
        await stage.stop();
      }
    });
  },
});

const target = ({ port, model }: Place): Target => chat(port, { model, max_tokens: 1 });

async function paces(load: Load, door: Target, direct: Target, print: Print): Promise<void> {
  const through: number[][] = [];
  const plain: number[][] = [];
  for (let run = -1; run < RUNS; run += 1) {
    const ask = { kind: "paced", perSecond: PER_SECOND, seconds: SECONDS } as const;
    const there = await load.run({ ...ask, target: door });
    const here = await load.run({ ...ask, target: direct });
    if (run < 0) continue;
    through.push([...there.latenciesMs]);
    plain.push([...here.latenciesMs]);
  }
  for (const [name, share, atMost] of [
    ["p50", 0.5, ADDED_P50_MS_MAX],
    ["p99", 0.99, ADDED_P99_MS_MAX],
  ] as const) {
    const baseline = percentile(plain.flat(), share);
    const values = through.map((run) => percentile(run, share));
    const value = percentile(through.flat(), share);
    const line = { bench: "door", case: `latency-${PER_SECOND}-${name}`, unit: `ms ${name}`, values, value, baseline };
    print(bounded({ ...line, atMost: baseline + atMost }));
  }
}

async function rates(load: Load, door: Target, direct: Target, print: Print): Promise<void> {
  const line = { bench: "door", case: `requests-x${CLIENTS}`, unit: "requests/s", runs: RUNS } as const;
  print(await compare({ ...line, subject: rate(load, door), baseline: rate(load, direct) }));
}

/** Each peer as many requests as the door, in turns with it. */
async function beside(folder: string, backend: Place, load: Load, door: Target, print: Print): Promise<void> {
  const peers = await startPeers(folder, backend.port);
  try {
    for (const peer of peers) {
      const line = { bench: "door", case: `requests-beside-${peer.name}`, unit: "requests/s", runs: RUNS } as const;
      const goal = GOALS[peer.name] ?? 1;
      const baseline = rate(load, { ...target({ ...backend, port: peer.port }), headers: peer.headers });
      print(await compare({ ...line, goal, subject: rate(load, door), baseline }));
    }
  } finally {
    await Promise.all(peers.map((peer: Peer) => peer.stop()));
  }
}

const rate = (load: Load, at: Target) => async (): Promise<number> => {
  const told = await load.run({ kind: "closed", targets: [at], clients: CLIENTS, requests: REQUESTS });
  return (REQUESTS * 1000) / told.tookMs;
};
