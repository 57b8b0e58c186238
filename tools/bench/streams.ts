/**
 * Many open streams at one node: what each costs its memory, and whether anybody's token is lost or out of its place.
 *
 * Two ways of having them. `queued`: each client has a job of its own, more than a machine at home can run at once, so
 * nearly all of them wait in the queue while their streams are open, until every one was answered in its turn.
 * `shared`: as many jobs as there are slots, all running, each followed by many readers.
 *
 * @module
 */
import { type Bench, bounded, type Print } from "./measure.ts";
import { descriptorsMax } from "../../src/hosts/real/kernel.ts";
import { descendants, residentBytes } from "./kernel-facts.ts";
import { inTemporaryFolder } from "./node-process.ts";
import { type ProxyStage, startProxyStage } from "./proxy-stage.ts";
import { Program } from "./program.ts";
import type { ReadersAsk, ReadersTold } from "./readers.ts";

export interface StreamsSizes {
  readonly streams: number;
  readonly slots: number;
  readonly tokens: number;
  readonly tokenEveryMs: number;
}

const SIZES: StreamsSizes = { streams: 10_000, slots: 100, tokens: 20, tokenEveryMs: 50 };
const KIB_EACH_MAX = 30;
const KIB = 1024;
/** Jobs that are over before anything is measured: a process that has never worked grows by working. */
const WARM_UP = { jobs: 500, readers: 1 } as const;
/** Descriptors of the readers' process, and of the node's, that are no streams. */
const KEPT_BACK = 600;

export const streamsBench = (sizes: StreamsSizes = SIZES): Bench => ({
  name: "streams",
  async run(print) {
    const streams = Math.min(sizes.streams, (descriptorsMax() ?? Number.POSITIVE_INFINITY) - KEPT_BACK);
    if (streams < sizes.streams) process.stderr.write(`rbee bench: only ${streams} streams, for want of descriptors\n`);
    await measure({ name: "queued", jobs: streams, readers: 1 }, sizes, print);
    const readers = Math.floor(streams / sizes.slots);
    await measure({ name: "shared", jobs: sizes.slots, readers }, sizes, print);
  },
});

/** Of each job so many readers. */
interface Opening {
  readonly name: string;
  readonly jobs: number;
  readonly readers: number;
}

async function measure({ name, jobs, readers }: Opening, sizes: StreamsSizes, print: Print): Promise<void> {
  const streams = jobs * readers;
  await onStage(sizes, streams, async (stage, clients) => {
    const ask = async (asked: ReadersAsk): Promise<ReadersTold> => (await clients.ask(asked)) as ReadersTold;
    const { port } = stage.door;
    await ask({ kind: "open", port, body: bodyOf(stage, 1), ...WARM_UP });
    await ask({ kind: "await" });
    const before = resident(stage);
    await ask({ kind: "open", port, body: bodyOf(stage, sizes.tokens), jobs, readers });
    const value = (resident(stage) - before) / streams / KIB;
    const line = { bench: "streams", unit: "KiB/stream", values: [value], value, atMost: KIB_EACH_MAX };
    print(bounded({ ...line, case: `${name}-memory` }));
    stage.release();
    tellWrong(name, await ask({ kind: "await" }), { streams, tokens: streams * sizes.tokens }, print);
  });
}

async function onStage(
  { slots, tokenEveryMs }: StreamsSizes,
  streams: number,
  work: (stage: ProxyStage, clients: Program) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const settings = {
      RBEE_QUEUE_LENGTH_MAX: String(Math.max(streams, WARM_UP.jobs)),
      RBEE_LIMITS_CONNECTIONS: String(streams + KEPT_BACK),
      RBEE_JOB_DEADLINE: "1h",
    };
    const stage = await startProxyStage(folder, { slots, tokenEveryMs, isHeld: true, settings });
    const clients = await Program.start("readers.ts");
    try {
      await work(stage, clients);
    } finally {
      clients.end();
      await stage.stop();
    }
  });
}

const bodyOf = ({ door }: ProxyStage, tokens: number): string =>
  JSON.stringify({ model: door.model, max_tokens: tokens, prompt: "The queen sends the job" });

const resident = ({ node }: ProxyStage): number =>
  [node.pid, ...descendants(node.pid)].reduce((sum, pid) => sum + residentBytes(pid), 0);

interface Expected {
  readonly streams: number;
  readonly tokens: number;
}

function tellWrong(name: string, told: ReadersTold, { streams, tokens }: Expected, print: Print): void {
  for (const [why, count] of Object.entries(told.wrong)) process.stderr.write(`rbee bench: ${count} streams: ${why}\n`);
  const wrong = Object.values(told.wrong).reduce((sum, count) => sum + count, streams - told.streams);
  const none = { bench: "streams", atMost: 0 } as const;
  print(bounded({ ...none, case: `${name}-wrong`, unit: "streams", values: [wrong], value: wrong }));
  const lost = tokens - told.tokens;
  print(bounded({ ...none, case: `${name}-lost`, unit: "tokens", values: [lost], value: lost }));
}
