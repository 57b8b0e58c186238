/**
 * One decision of the queen's scheduler and all that it changes in her tables and indexes, on fleets of three sizes.
 *
 * The handlers are hers (`place`, `noteEnded`), and so are the tables; what they command is applied as a host would.
 * Between two decisions, without being timed, a job ends and another is admitted, so that queue and fleet stay as full
 * as they were. Every tenth prompt is long enough to be looked for in caches. A load is decided over all machines.
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen-events.ts";
import { BARE_REQUEST, type JobRequest } from "../../machines/request.ts";
import type { Advice } from "../../machines/rules/advice.ts";
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import { noteEnded } from "../../src/actors/queen/news.ts";
import { place } from "../../src/actors/queen/placement.ts";
import type { QueenSettings } from "../../src/actors/queen/settings.ts";
import { advice, type HiveRow, hives, jobs, queenTables, requests, workers } from "../../src/actors/queen/tables.ts";
import type { Address } from "../../machines/words.ts";
import type { Command, Scope } from "../../src/runtime/behaviour.ts";
import { TableSet } from "../../src/runtime/tables.ts";
import { type Bench, bounded, type Line, median, percentile } from "./measure.ts";

export interface ScheduleSizes {
  readonly workers: readonly number[];
  readonly queued: number;
  readonly rounds: number;
  readonly decisionsPerRound: number;
}

const SIZES: ScheduleSizes = {
  workers: [1_000, 10_000, 100_000],
  queued: 10_000,
  rounds: 20,
  decisionsPerRound: 500,
};
const P95_MS_MAX = 50;
const SLOTS = 4;
const HIVES = 1000;
/** Of every tenth prompt. */
const PROMPT = "what do the bees of this hive do all day long? ".repeat(180);
/** Placed jobs that run until one of them ends. */
const RUNNING = 200;

const SETTINGS: QueenSettings = {
  queueLengthMax: 1_000_000,
  jobDeadlineMs: 600_000,
  attemptsMax: 3,
  defaultModel: "model-0",
  hives: ["hive/hive/main"],
  name: "bench",
  finishMs: 0,
  stopMs: 0,
  crowdedMs: 0,
  endpoints: {},
};

/** How a fleet is divided: everybody has the same model, or so many have each. */
const DIVISIONS = { "one-model": Number.POSITIVE_INFINITY, "many-models": 20 } as const;

export const scheduleBench = (sizes: ScheduleSizes = SIZES): Bench => ({
  name: "schedule",
  async run(print) {
    for (const [name, perModel] of Object.entries(DIVISIONS)) {
      const queens = sizes.workers.map((count) => new Queen(count, sizes.queued, Math.ceil(count / perModel)));
      const rounds = measure(queens, sizes);
      for (const [fleet, count] of sizes.workers.entries()) print(decisionLine(`${name}-${count}`, rounds, fleet));
      print(growthLine(`${name}-growth`, rounds, sizes.workers));
      if (name === "many-models") print(loadLine(queens.at(-1), sizes));
    }
  },
});

/** A model that no worker has, and which machine is to load it: of all of them, each with its numbers. */
function loadLine(queen: Queen | undefined, { rounds, decisionsPerRound }: ScheduleSizes): Line {
  const loads = Math.ceil(decisionsPerRound / 10);
  const times = Array.from({ length: rounds }, () => Array.from({ length: loads }, (_, n) => queen?.load(n) ?? 0));
  const values = times.map((of) => percentile(of, 0.95));
  const value = percentile(times.flat(), 0.95);
  const name = `load-${HIVES}-hives`;
  return bounded({ bench: "schedule", case: name, unit: "ms p95", values, value, atMost: P95_MS_MAX });
}

/** Of each round, ms of each decision by fleet. */
type Rounds = readonly (readonly (readonly number[])[])[];

/** The fleets take turns, so that whatever else the machine does slows each. */
function measure(queens: readonly Queen[], { rounds, decisionsPerRound }: ScheduleSizes): Rounds {
  const round = () => queens.map((queen) => Array.from({ length: decisionsPerRound }, (_, n) => queen.decide(n)));
  // The first round is for the compiler.
  round();
  return Array.from({ length: rounds }, round);
}

function decisionLine(name: string, rounds: Rounds, fleet: number): Line {
  const times = rounds.map((round) => round[fleet] ?? []);
  const values = times.map((of) => percentile(of, 0.95));
  const value = percentile(times.flat(), 0.95);
  return bounded({ bench: "schedule", case: name, unit: "ms p95", values, value, atMost: P95_MS_MAX });
}

/** How many times longer the largest fleet takes than the smallest, beside what log n would allow. */
function growthLine(name: string, rounds: Rounds, counts: readonly number[]): Line {
  const values = rounds.map((round) => median(round.at(-1) ?? []) / median(round[0] ?? []));
  const baseline = Math.log(counts.at(-1) ?? 1) / Math.log(counts[0] ?? 1);
  return bounded({
    bench: "schedule",
    case: name,
    unit: "times",
    values,
    value: median(values),
    baseline,
    atMost: baseline,
  });
}

/** Her tables, and nothing else of her. */
class Queen {
  readonly #tables = new TableSet(queenTables);
  readonly #place = place(SETTINGS);
  readonly #models: number;
  readonly #running: string[] = [];
  #admitted = 0;

  constructor(count: number, queued: number, models: number) {
    this.#models = models;
    for (let i = 0; i < HIVES; i += 1) this.#put({ table: hives.name, key: hiveAt(i), row: hiveRow(i) });
    for (let i = 0; i < HIVES; i += 1) this.#put({ table: advice.name, key: hiveAt(i), row: adviceOf(i) });
    for (let i = 0; i < count; i += 1) this.#put({ table: workers.name, key: `w${i + 1}`, row: workerRow(i, models) });
    for (let i = 0; i < queued; i += 1) this.#admit(`model-${i % models}`);
  }

  /** @returns how many ms one decision and its changes took */
  decide(n: number): number {
    const model = `model-${n % this.#models}`;
    const scope = this.#scope({ type: "place", model });
    const startedMs = performance.now();
    const commands = this.#place({ epoch: 1 }, scope);
    this.#apply(commands);
    const tookMs = performance.now() - startedMs;
    const placed = commands.find((command) => command.do === "put" && command.table === jobs.name);
    if (placed?.do !== "put") throw new Error("nothing was placed");
    this.#admit(model);
    this.#running.push(placed.key);
    if (this.#running.length > RUNNING) this.#end(this.#running.shift() ?? "");
    return tookMs;
  }

  /** @returns how many ms it took to choose a machine for a model that nobody has */
  load(n: number): number {
    const model = `absent-${n}`;
    const job = this.#admit(model);
    const scope = this.#scope({ type: "place", model });
    const startedMs = performance.now();
    this.#apply(this.#place({ epoch: 1 }, scope));
    const tookMs = performance.now() - startedMs;
    if (!this.#tables.rows(workers).has(LOADED)) throw new Error("nothing was loaded");
    this.#tables.del(workers.name, LOADED);
    this.#tables.del(jobs.name, job);
    this.#tables.takeChanges();
    return tookMs;
  }

  #admit(model: string): string {
    const seq = (this.#admitted += 1);
    const prompt = seq % 10 === 0 ? `${seq % 100} ${PROMPT}` : "what is a hive?";
    const request: JobRequest = { ...BARE_REQUEST, capability: "text", model, prompt };
    this.#put({ table: jobs.name, key: `j${seq}`, row: jobRow(seq, model) });
    this.#put({ table: requests.name, key: `j${seq}`, row: request });
    this.#tables.takeChanges();
    return `j${seq}`;
  }

  #end(job: string): void {
    this.#apply(
      noteEnded(
        undefined,
        this.#scope({ type: "job.ended", job, state: "done", usage: undefined, failure: undefined }),
      ),
    );
  }

  #apply(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === "put") this.#put(command);
      else if (command.do === "del") this.#tables.del(command.table, command.key);
    }
    this.#tables.takeChanges();
  }

  #put({ table, key, row }: Pick<Extract<Command, { do: "put" }>, "table" | "key" | "row">): void {
    this.#tables.put(table, key, row);
  }

  #scope(event: QueenEvent): Scope {
    return {
      self: "queen/queen/main",
      at: 0,
      serial: 0,
      label: "private",
      event,
      re: undefined,
      refusing: undefined,
      rows: (table) => this.#tables.rows(table),
    };
  }
}

/** The worker that a step asks for is named after the step. */
const LOADED = "w0";

const hiveAt = (i: number): Address => `h${i % HIVES}/hive/main`;
const hiveRow = (i: number): HiveRow => ({
  address: hiveAt(i),
  name: `machine-${i}`,
  isLocal: i === 0,
  isPresent: true,
  isDoubted: false,
  isDraining: false,
  isLeaving: false,
  known: true,
  stopped: false,
});
const adviceOf = (i: number): Advice => ({
  devices: [{ id: "cpu", kind: "cpu", totalBytes: 64e9, freeBytes: (i % 60) * 1e9 }],
  models: Array.from({ length: 20 }, (_, n) => ({ name: `absent-${(i + n * 7) % 100}`, bytes: 5e9 })),
});

const workerRow = (i: number, models: number): WorkerRow => ({
  id: `w${i + 1}`,
  address: `w${i + 1}/worker/main`,
  hive: hiveAt(i),
  model: `model-${i % models}`,
  state: "ready",
  slots: SLOTS,
  isPinned: false,
  isDoubted: false,
  tokensPerS: 0,
  jobs: Array.from({ length: (i >> 3) % SLOTS }, (_, job) => `r${i}-${job}`),
  backend: "cpu",
  pid: 1,
  port: 1,
  device: "cpu",
  reservedBytes: 0,
  usedAt: 0,
  instead: [],
  refusals: [],
});

const jobRow = (seq: number, model: string): JobRow => ({
  id: `j${seq}`,
  seq,
  requestBytes: 100,
  model,
  capability: "text",
  priority: seq % 10,
  label: "private",
  state: "queued",
  attempt: 0,
  worker: undefined,
  why: "",
  admittedAt: 0,
  startedAt: undefined,
  endedAt: undefined,
  idempotencyKey: undefined,
  usage: undefined,
  failure: undefined,
});
