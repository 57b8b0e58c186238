/**
 * The configurations that are explored: each small, and together every part that talks to another.
 *
 * A configuration is hosts and a budget: how often clients do what, how many things go wrong, how many hosts crash, how
 * often a time passes early. Within it every interleaving is walked.
 *
 * @module
 */
import type { HiveEvent } from "../../machines/hive.ts";
import type { QueenEvent } from "../../machines/queen-events.ts";
import { address, type Address } from "../../machines/words.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import { event } from "../../src/runtime/reading.ts";
import { hiveHost, QUEEN, queenHost, workerHost } from "./parts.ts";
import { turnRules } from "./rules.ts";
import { ANY, type Budget } from "./surroundings.ts";
import type { State } from "./state.ts";
import type { World, WorldOptions } from "./world.ts";

export interface Configuration {
  readonly name: string;
  readonly about: string;
  readonly options: WorldOptions;
  /** Where the walk begins. */
  readonly from: (world: World) => State;
}

const NOTHING: Budget = {
  submits: 0,
  rivals: 0,
  cancels: 0,
  drains: 0,
  hurries: 0,
  spawns: 0,
  stops: 0,
  faults: 0,
  crashes: 0,
  kills: 0,
  early: 0,
};

const BOTH = ["queen", "hive"];
/** Kept back, so that a second worker does not fit. */
const ROOM_FOR_ONE = 2;

const born = (world: World): State => world.start();
const serving = (world: World): State => world.settled(world.start());

interface Made extends Partial<Budget> {
  /** As many as may be alive or have been. */
  readonly workers: number;
  readonly from?: Configuration["from"];
  readonly pairs?: boolean;
  readonly prompt?: readonly string[];
  /** So much of the machine's memory no worker may have. */
  readonly headroomBytes?: number;
}

function configuration(
  name: string,
  about: string,
  { workers, from = serving, pairs = false, prompt = [], headroomBytes = 0, ...budget }: Made,
) {
  return {
    name,
    about,
    from,
    options: {
      durable: [queenHost(["hive"], 2), hiveHost("hive", headroomBytes)],
      workers: Array.from({ length: workers }, (_, i) => workerHost(`w${i + 1}`)),
      budget: { ...NOTHING, ...budget },
      rules: turnRules,
      pairs,
      prompt,
    },
  };
}

/** The whole going down: a queen, hives, and workers of each that are ready when it begins. */
function shutdown(
  name: string,
  about: string,
  made: Partial<Budget> & { readonly hives: number; readonly each: number },
) {
  const { hives, each, ...budget } = made;
  const names = Array.from({ length: hives }, (_, i) => `hive${i + 1}`);
  const workers = new Map(
    names.map((hive, h) => [hive, Array.from({ length: each }, (_, i) => `v${h * each + i + 1}`)]),
  );
  return {
    name,
    about,
    from: (world: World) => withWorkers(world, workers),
    options: {
      durable: [queenHost(names, 2), ...names.map((hive) => hiveHost(hive, 0))],
      workers: [...workers.values()].flat().map(workerHost),
      budget: { ...NOTHING, drains: 1, ...budget },
      rules: turnRules,
      pairs: false,
      prompt: names,
    },
  };
}

const toHive = event<HiveEvent>();
const toQueen = event<QueenEvent>();

/** She places on her first hive; of the workers of others she is told, as by a node that comes back. */
function withWorkers(world: World, workers: ReadonlyMap<string, readonly string[]>): State {
  let state = serving(world);
  for (const [hive, tokens] of workers) {
    const at = address(hive, "hive", "main");
    const known = tokens.map((worker) => ({ worker, ...LOADING }));
    const inventory = toQueen({ type: "hive.inventory", hive: at, workers: known });
    state = world.heard(state, "queen", hive, { kind: "mail", envelope: envelope(QUEEN, at, inventory) });
    for (const worker of tokens) {
      const made = toHive({ type: "start.worker", epoch: 1, worker, model: "m", instead: [] });
      state = world.settled(world.heard(state, hive, "queen", asking(at, made, `load/${worker}`)));
    }
  }
  return state;
}

const LOADING = {
  model: "m",
  state: "loading",
  facts: undefined,
  pid: 0,
  port: 0,
  device: "cpu",
  reservedBytes: 2,
} as const;
const envelope = (to: Address, from: Address, made: Message) =>
  ({ to, from, lane: "control", n: 0, label: "internal", event: made }) as const;
const asking = (to: Address, made: Message, slot: string): Frame => ({
  kind: "mail",
  envelope: { ...envelope(to, QUEEN, made), re: { id: `${QUEEN}#${slot}@0`, from: QUEEN } },
});

export const configurations: readonly Configuration[] = [
  configuration("start", "queen and hive begin, one of them crashes", {
    workers: 0,
    from: born,
    crashes: 1,
    early: ANY,
  }),
  configuration("worker", "a worker is asked for and stopped, and any time may pass at any moment", {
    workers: 1,
    spawns: 1,
    stops: 1,
    early: ANY,
  }),
  configuration("worker-fault", "a worker is asked for and stopped, and one thing goes wrong", {
    workers: 1,
    spawns: 1,
    stops: 1,
    faults: 1,
    early: 1,
  }),
  configuration("worker-crash", "a worker is asked for, and queen or hive crashes at any step", {
    workers: 1,
    spawns: 1,
    crashes: 1,
  }),
  configuration("download", "a worker whose model is not here yet, its download fails once more and goes on", {
    workers: 1,
    spawns: 1,
    faults: 2,
  }),
  configuration("download-crash", "a worker whose model is not here yet, and queen or hive crashes at any step", {
    workers: 1,
    spawns: 1,
    faults: 1,
    crashes: 1,
    prompt: BOTH,
  }),
  configuration("job", "a job and the worker it needs", { workers: 3, submits: 1, early: 1 }),
  configuration("job-cancel", "a job that is cancelled", { workers: 3, submits: 1, cancels: 1, early: 1 }),
  configuration("job-fault", "a job, and one thing goes wrong", { workers: 3, submits: 1, faults: 1 }),
  configuration("job-crash", "a job that may be cancelled, and queen or hive crashes at any step", {
    workers: 3,
    submits: 1,
    cancels: 1,
    crashes: 1,
    prompt: BOTH,
  }),
  configuration("job-kill", "a job that may be cancelled, and the whole node is killed at any step", {
    workers: 3,
    submits: 1,
    cancels: 1,
    kills: 1,
    prompt: BOTH,
  }),
  configuration("job-pairs", "a job, and two things may arrive before a turn", {
    workers: 3,
    submits: 1,
    pairs: true,
    early: 1,
  }),
  configuration("jobs", "two jobs and one slot, one is cancelled", { workers: 2, submits: 2, cancels: 1 }),
  configuration("evict", "jobs for two models, and room for one worker", {
    workers: 4,
    submits: 1,
    rivals: 1,
    headroomBytes: ROOM_FOR_ONE,
    prompt: BOTH,
  }),
  configuration("evict-cancel", "jobs for two models and room for one worker, and one is cancelled", {
    workers: 4,
    submits: 1,
    rivals: 1,
    cancels: 1,
    headroomBytes: ROOM_FOR_ONE,
    prompt: BOTH,
  }),
  configuration("drain", "a node stops while a job runs, and is hurried", {
    workers: 1,
    submits: 1,
    drains: 1,
    hurries: 1,
  }),
  configuration("drain-early", "a node stops while a job runs, and a deadline passes early", {
    workers: 1,
    submits: 1,
    drains: 1,
    early: 1,
  }),
  configuration("drain-fault", "a node stops while a job runs, and one thing goes wrong", {
    workers: 2,
    submits: 1,
    drains: 1,
    faults: 1,
    prompt: BOTH,
  }),
  configuration("drain-crash", "a node stops, and queen or hive crashes at any step", {
    workers: 1,
    spawns: 1,
    drains: 1,
    crashes: 1,
    prompt: BOTH,
  }),
  shutdown("shutdown", "a queen, two hives with two workers each, go down", { hives: 2, each: 2 }),
  shutdown("shutdown-hurry", "two hives with a worker each go down, hurried", {
    hives: 2,
    each: 1,
    hurries: 1,
    early: 1,
  }),
  shutdown("shutdown-fault", "two hives with a worker each go down, and one thing goes wrong", {
    hives: 2,
    each: 1,
    faults: 1,
  }),
  shutdown("shutdown-crash", "two hives with a worker each go down, and a host crashes", {
    hives: 2,
    each: 1,
    crashes: 1,
  }),
];
