/**
 * Many requests at one node, and what it holds after them beside what it held when it was warm.
 *
 * Of eight requests six are answered whole, one is streamed, and one client leaves before it was answered. The node is
 * looked at when nothing runs: its processes' memory, their descriptors, its journals, and the files of what jobs said.
 *
 * @module
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { descendants, openDescriptors, residentBytes } from "./kernel-facts.ts";
import { type Bench, bounded, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";
import { chat, type ProxyStage, startLoad, startProxyStage } from "./proxy-stage.ts";

export interface SoakSizes {
  readonly requests: number;
  /** After so many nothing should grow any more. */
  readonly warmUp: number;
  /** Between two looks. */
  readonly batch: number;
}

const SIZES: SoakSizes = { requests: 200_000, warmUp: 40_000, batch: 10_000 };
const CLIENTS = 32;
const SLOTS = 64;
const MIB = 2 ** 20;
/** Beyond what it held when it was warm: what a heap and an allocator of this size move by themselves. */
const MEMORY_SHARE_MAX = 1.1;
const JOURNAL_SHARE_MAX = 1.1;
/** A segment that is written, and one that still holds a job that somebody may ask for. */
const SPOOL_MIB_MAX = 17;
const AT_REST_MS = 60_000;
const POLL_MS = 50;
/** The connections of clients that have ended are closed by then. */
const SETTLED_MS = 2_000;

/** What a node holds. */
interface Held {
  readonly memoryMib: number;
  readonly descriptors: number;
  readonly journalMib: number;
  readonly spoolMib: number;
}

export const soakBench = (sizes: SoakSizes = SIZES): Bench => ({
  name: "soak",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const stage = await startProxyStage(folder, { slots: SLOTS, tokenEveryMs: 0 });
      try {
        const looks: Held[] = [];
        for (let done = 0; done < sizes.requests; done += sizes.batch) {
          await batch(stage, sizes.batch);
          const held = await look(stage, folder);
          looks.push(held);
          const told = `${done + sizes.batch} requests, ${Math.round(held.memoryMib)} MiB`;
          process.stderr.write(`rbee bench: ${told}\n`);
        }
        tell(looks, Math.ceil(sizes.warmUp / sizes.batch), print);
      } finally {
        await stage.stop();
      }
    });
  },
});

/** Whoever asks is a process of its own each time, and its connections end with it. */
async function batch({ door: { port, model } }: ProxyStage, requests: number): Promise<void> {
  const whole = chat(port, { model, max_tokens: 4 });
  const streamed = chat(port, { model, max_tokens: 4, stream: true });
  const targets = [whole, whole, whole, streamed, whole, whole, whole, { ...whole, leaves: true as const }];
  const load = await startLoad();
  try {
    await load.run({ kind: "closed", targets, clients: CLIENTS, requests });
  } finally {
    load.end();
  }
}

/** @throws when something still runs long after the last request */
async function look({ node }: ProxyStage, folder: string): Promise<Held> {
  const giveUpMs = performance.now() + AT_REST_MS;
  for (;;) {
    const { queue } = (await node.client.status()).queen;
    if (queue.length + queue.running === 0) break;
    if (performance.now() > giveUpMs) throw new Error(`jobs are left: ${JSON.stringify(queue)}`);
    await pause(POLL_MS);
  }
  await pause(SETTLED_MS);
  const state = join(folder, "home", "state");
  const pids = [node.pid, ...descendants(node.pid)];
  return {
    memoryMib: sum(pids.map(residentBytes)) / MIB,
    descriptors: sum(pids.map(openDescriptors)),
    journalMib: sum(["queen", "hive"].map((name) => statSync(join(state, `${name}.mdb`)).size)) / MIB,
    spoolMib: sum(readdirSync(join(state, "spool")).map((name) => statSync(join(state, "spool", name)).size)) / MIB,
  };
}

function tell(looks: readonly Held[], warm: number, print: Print): void {
  const warmed = looks[warm - 1];
  const last = looks.at(-1);
  if (warmed === undefined || last === undefined) throw new Error("a soak is longer than its warm-up");
  const line = (name: string, unit: string, of: (held: Held) => number, share: number): void => {
    const [value, baseline] = [of(last), of(warmed)];
    print(
      bounded({ bench: "soak", case: name, unit, values: looks.map(of), value, baseline, atMost: baseline * share }),
    );
  };
  line("memory", "MiB", (held) => held.memoryMib, MEMORY_SHARE_MAX);
  line("journal", "MiB", (held) => held.journalMib, JOURNAL_SHARE_MAX);
  line("descriptors", "descriptors", (held) => held.descriptors, 1);
  const spools = looks.map(({ spoolMib }) => spoolMib);
  const value = Math.max(...spools);
  print(bounded({ bench: "soak", case: "spool-max", unit: "MiB", values: spools, value, atMost: SPOOL_MIB_MAX }));
}

const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0);
