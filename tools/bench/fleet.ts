/**
 * One queen, a thousand hives over real links, a hundred thousand workers: how fast they join, what their heartbeats
 * cost her, what she needs of memory, and how long a job waits until it is placed.
 *
 * She is a node of her own. The hives are simulated, many to a process, and speak TLS, the handshake and the words of
 * members; their certificates and her rows of workers are made beforehand.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type FleetSize, makeFleetHome, modelAt } from "./fleet-home.ts";
import { QUEEN_NAME, type SimulatedHive } from "./fleet-hive.ts";
import type { HivesNews, ToHives } from "./fleet-hives.ts";
import { heapBytes, tellingHeaps } from "./heaps.ts";
import { processorMs, residentBytes } from "./kernel-facts.ts";
import { type Bench, bounded, type Line, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess } from "./node-process.ts";

const HIVES = fileURLToPath(new URL("./fleet-hives.ts", import.meta.url));

export interface FleetSizes extends FleetSize {
  readonly processes: number;
  /** What comes with joining is over by then. */
  readonly settledMs: number;
  /** How often, and for how long, only heartbeats are listened to. */
  readonly quietRounds: number;
  readonly quietMs: number;
  /** Jobs that are placed, and how many of them at a time. */
  readonly jobs: number;
  readonly jobsAtOnce: number;
}

const SIZES: FleetSizes = {
  hives: 1000,
  workersPerHive: 100,
  workersPerModel: 20,
  processes: 4,
  settledMs: 5000,
  quietRounds: 3,
  quietMs: 12_000,
  jobs: 1000,
  jobsAtOnce: 4,
};

const JOINED_S_MAX = 30;
const HEAP_MB_MAX = 1000;
const HEARTBEATS_SHARE_MAX = 0.1;
const PLACED_MS_MAX = 50;
const WITHIN_MS = 120_000;

export const fleetBench = (sizes: FleetSizes = SIZES): Bench => ({
  name: "fleet",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const home = join(folder, "queen");
      const hives = await makeFleetHome(home, sizes);
      // Nothing is loaded on her own machine.
      const settings = {
        RBEE_NAME: QUEEN_NAME,
        RBEE_MODEL_DEFAULT: modelAt(0),
        ...tellingHeaps(join(folder, "heaps")),
      };
      const queen = await startNodeProcess(home, settings);
      const fleet = new Fleet(hives, sizes.processes);
      try {
        await measure(queen, fleet, sizes, print);
        print(heapLine(heapBytes(join(folder, "heaps"), queen.pid)));
        print(residentLine(residentBytes(queen.pid)));
      } finally {
        await fleet.end();
        await queen.stop();
      }
    });
  },
});

async function measure(queen: NodeProcess, fleet: Fleet, sizes: FleetSizes, print: Print): Promise<void> {
  const line = { bench: "fleet" } as const;
  await fleet.made();
  const joinedS = await fleet.join(queen.url.replace("http:", "https:"));
  const { hives } = await queen.client.status();
  const serving = hives.filter(({ name, state }) => name !== QUEEN_NAME && state === "serving").length;
  if (serving !== sizes.hives) throw new Error(`${serving} of ${sizes.hives} hives serve`);
  print(bounded({ ...line, case: "joined", unit: "s", values: [joinedS], value: joinedS, atMost: JOINED_S_MAX }));

  await pause(sizes.settledMs);
  const shares: number[] = [];
  for (let round = 0; round < sizes.quietRounds; round += 1) shares.push(await quietShare(queen, sizes.quietMs));
  const share = percentile(shares, 0.5);
  const unit = "of a core";
  print(bounded({ ...line, case: "heartbeats", unit, values: shares, value: share, atMost: HEARTBEATS_SHARE_MAX }));

  const placed = await placeAll(queen, sizes);
  const value = percentile(placed, 0.95);
  print(bounded({ ...line, case: "placed", unit: "ms p95", values: placed, value, atMost: PLACED_MS_MAX }));
}

function heapLine(bytes: number): Line {
  const value = bytes / 1e6;
  return bounded({ bench: "fleet", case: "heap", unit: "MB", values: [value], value, atMost: HEAP_MB_MAX });
}

/** With what TLS and the journal hold beside the heaps. */
function residentLine(bytes: number): Line {
  const value = bytes / 1e6;
  return bounded({ bench: "fleet", case: "resident", unit: "MB", values: [value], value });
}

/** What of a core she takes while nothing is said but that everybody is there. */
async function quietShare({ pid }: NodeProcess, quietMs: number): Promise<number> {
  const [startedMs, tookMs] = [performance.now(), processorMs(pid)];
  await pause(quietMs);
  return (processorMs(pid) - tookMs) / (performance.now() - startedMs);
}

/** @returns how many ms each job waited from its admission until it was given to a worker, by the queen's own clock */
async function placeAll({ client }: NodeProcess, sizes: FleetSizes): Promise<readonly number[]> {
  const models = Math.ceil((sizes.hives * sizes.workersPerHive) / sizes.workersPerModel);
  const placed: number[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (let n = next; n < sizes.jobs; n = next) {
      next += 1;
      const accepted = await client.submit({ prompt: "what is a hive?", model: modelAt(n % models), max_tokens: 1 });
      for await (const event of client.events(accepted, AbortSignal.timeout(WITHIN_MS))) {
        if (event.type === "error") throw new Error(`${event.code}: ${event.message}`);
      }
      const { attempts } = await client.why(accepted.job_id);
      placed.push(attempts[0]?.waited_ms ?? Number.NaN);
    }
  };
  await Promise.all(Array.from({ length: sizes.jobsAtOnce }, one));
  return placed;
}

/** The processes of the hives. */
class Fleet {
  readonly #children: readonly ChildProcess[];
  readonly #made: Promise<unknown>;

  constructor(hives: readonly SimulatedHive[], processes: number) {
    this.#children = Array.from({ length: processes }, () =>
      fork(HIVES, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
    );
    this.#made = this.#each("made", (_, at) => ({
      kind: "hives",
      hives: hives.filter((__, i) => i % processes === at),
    }));
  }

  made(): Promise<unknown> {
    return this.#made;
  }

  /** @returns after how many seconds the queen knew what the last of them has */
  async join(url: string): Promise<number> {
    const startedMs = performance.now();
    await this.#each("joined", () => ({ kind: "join", url }));
    return (performance.now() - startedMs) / 1000;
  }

  async #each(news: HivesNews["kind"], say: (child: ChildProcess, at: number) => ToHives): Promise<void> {
    await Promise.all(
      this.#children.map(async (child, at) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const hear = (heard: HivesNews): void => {
          if (heard.kind === news) resolve();
          else if (heard.kind === "lost") process.stderr.write(`rbee bench: ${heard.hive}: ${heard.why}\n`);
        };
        const timer = setTimeout(() => reject(new Error(`the hives were not ${news} in time`)), WITHIN_MS);
        child.on("message", hear);
        child.send(say(child, at));
        await promise.finally(() => {
          clearTimeout(timer);
          child.off("message", hear);
        });
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const exited = once(child, "exit");
        child.kill();
        await exited;
      }),
    );
  }
}
