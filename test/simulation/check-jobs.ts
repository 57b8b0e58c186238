/**
 * The queen's books of jobs and slots, row by row.
 *
 *  RJ1 A job that has ended stays as it ended, also after what its reader was told of it; none is forgotten before, and
 *      none fails because somebody else had ended.
 *  RJ2 An attempt is one more than the one before it; RS2 a job waits again once for each attempt it lost. AD1 One that
 *      runs again where it ran is the same, from the inventory of its machine on.
 *  RJ4 A slot is given to one job, of a worker that is ready and has one free.
 *  RJ5 The next job of a model is the one that is first in order, among parties of the one whose turn it is; the queen
 *      and the job agree on whether it runs.
 *  RJ7 RS4 A job is admitted to a queue that has room, by a queen who is not stopping.
 *
 * @module
 */
import type { QueenContext } from "../../machines/queen.ts";
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import { PLACES_PER_PRIORITY } from "../../machines/rules/turns.ts";
import { hostOf } from "../../machines/words.ts";
import { jobs, workers } from "../../src/actors/queen/tables.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Verdict } from "./verdict.ts";

const QUEEN = "queen/queen/main";
/** For so long the queen and a job may think differently: a message between two cells of one host. */
const DISAGREE_MS_MAX = 2000;

const hasEnded = ({ state }: JobRow): boolean => state !== "queued" && state !== "running";
const rankOf = ({ seq, priority }: JobRow, place = seq): number => place + priority * PLACES_PER_PRIORITY;
/** Where it waits, and with whom it shares a turn. */
const laneOf = ({ model, node, party }: JobRow): string => JSON.stringify([model, node, party]);

export class JobChecker {
  readonly #verdict: Verdict;
  readonly #queueLengthMax: number;
  #jobs = new Map<string, JobRow>();
  #workers = new Map<string, WorkerRow>();
  readonly #changedJobs = new Set<string>();
  readonly #changedWorkers = new Set<string>();
  /** By job: the state that its reader was told. */
  readonly #told = new Map<string, string>();
  readonly #forgot = new Map<string, JobRow["state"]>();
  /** By job: the worker of its last attempt. */
  readonly #ranAt = new Map<string, string>();
  #isInventory = false;
  /** What does not fit together, in words, and since when. */
  readonly #wrongSince = new Map<string, number>();

  constructor(verdict: Verdict, queueLengthMax: number) {
    this.#verdict = verdict;
    this.#queueLengthMax = queueLengthMax;
  }

  job(key: string): void {
    this.#changedJobs.add(key);
  }

  worker(key: string): void {
    this.#changedWorkers.add(key);
  }

  /** A reader has seen its end: from now on it may not be any other. */
  ended(job: string, state: string): void {
    const before = this.#told.get(job);
    if (before !== undefined && before !== state)
      this.#verdict.fail("RJ1", `${job} ended as ${before} and as ${state}`);
    this.#told.set(job, state);
    const row = this.#jobs.get(job);
    if (row !== undefined && row.state !== state) this.#later(job, state, row);
  }

  /** The power took what no disk had yet: of these nobody was told anything that had to last (RM10). */
  unpromised(awaited: ReadonlySet<string>): void {
    for (const job of awaited) this.#told.delete(job);
  }

  /** Everything is as its journal says. */
  opened(host: Host): void {
    this.#changedJobs.clear();
    this.#changedWorkers.clear();
    this.#jobs = new Map(host.core.tables.rows(jobs).entries());
    this.#workers = new Map(host.core.tables.rows(workers).entries());
    this.#wrongSince.clear();
    for (const [id, row] of this.#jobs) this.#keptWord(id, row);
  }

  step(host: Host, { event }: Pick<Observation, "event">): void {
    this.#isInventory = event.type === "hive.inventory";
    if (this.#changedJobs.size > 0) this.#jobsChanged(host);
    if (this.#changedWorkers.size > 0) this.#workersChanged(host);
  }

  /** From time to time: the job's own cell, her row of it and her books of slots say the same. */
  compare(host: Host): void {
    const careful = host.core.carefulLeft > 0;
    const wrong = new Set<string>();
    for (const [id, { state }] of this.#jobs) {
      const waits = isQueued(host.core.cells.get(`queen/job/${id}`)?.snapshot?.value);
      if (!careful && waits && state === "running") wrong.add(`${id} waits, and the queen thinks that it runs`);
    }
    for (const { id, jobs: held } of this.#workers.values()) {
      for (const job of held) {
        const row = this.#jobs.get(job);
        const runs = row?.state === "running" && row.worker !== undefined && hostOf(row.worker) === id;
        if (!careful && !runs) wrong.add(`${id} keeps a slot for ${job}, which does not run there`);
      }
    }
    this.#lasting(wrong);
  }

  #lasting(wrong: ReadonlySet<string>): void {
    const nowMs = this.#verdict.nowMs();
    for (const known of this.#wrongSince.keys()) if (!wrong.has(known)) this.#wrongSince.delete(known);
    for (const what of wrong) {
      const since = this.#wrongSince.get(what) ?? nowMs;
      this.#wrongSince.set(what, since);
      if (nowMs - since > DISAGREE_MS_MAX) this.#verdict.fail("RJ5", what);
    }
  }

  /** How many wait, run, have ended. */
  get count(): { readonly queued: number; readonly running: number; readonly ended: number } {
    const rows = [...this.#jobs.values()];
    const queued = rows.filter(({ state }) => state === "queued").length;
    const running = rows.filter(({ state }) => state === "running").length;
    return { queued, running, ended: rows.length - queued - running };
  }

  /** Of a job that she has forgotten: as it ended. */
  stateOf(job: string): JobRow["state"] | undefined {
    return this.#jobs.get(job)?.state ?? this.#forgot.get(job);
  }

  get hasForgotten(): boolean {
    return this.#forgot.size > 0;
  }

  isForgotten(job: string): boolean {
    return this.#forgot.has(job);
  }

  #jobsChanged(host: Host): void {
    const rows = host.core.tables.rows(jobs);
    for (const key of this.#changedJobs) {
      const before = this.#jobs.get(key);
      const now = rows.get(key);
      if (now === undefined) this.#forgotten(before);
      else if (before === undefined) this.#admitted(host, now);
      else this.#changed(before, now);
      if (now === undefined) this.#jobs.delete(key);
      else this.#jobs.set(key, now);
    }
    this.#changedJobs.clear();
  }

  #admitted(host: Host, row: JobRow): void {
    const { queued } = this.count;
    if (queued >= this.#queueLengthMax) this.#verdict.fail("RJ7", `${row.id} is admitted behind ${queued} others`);
    const context = host.core.cells.get(QUEEN)?.snapshot?.context as QueenContext | undefined;
    if (context?.phase === "draining" || context?.phase === "stopped") {
      this.#verdict.fail("RS4", `${row.id} is admitted while the queen is ${context.phase}`);
    }
  }

  #forgotten(row: JobRow | undefined): void {
    if (row === undefined) return;
    if (!hasEnded(row)) this.#verdict.fail("RJ7", `${row.id} is forgotten while ${row.state}`);
    this.#forgot.set(row.id, row.state);
  }

  #changed(before: JobRow, now: JobRow): void {
    const { id } = now;
    if (hasEnded(before) && now.state !== before.state) {
      return this.#verdict.fail("RJ1", `${id} was ${before.state} and is ${now.state}`);
    }
    this.#keptWord(id, now);
    if (before.worker !== undefined) this.#ranAt.set(id, before.worker);
    const runs = before.state === "queued" && now.state === "running";
    const goesOn = runs && this.#isInventory && this.#ranAt.get(id) === now.worker;
    if (goesOn) this.#verdict.sometimes("job.adopted");
    const begins = runs && !goesOn;
    if (now.attempt !== before.attempt + (begins ? 1 : 0)) {
      return this.#verdict.fail("RJ2", `${id}: attempt ${now.attempt} comes after ${before.attempt}, ${now.state}`);
    }
    if (begins) this.#begins(before, now);
    if (before.state === "running" && now.state === "queued") this.#verdict.sometimes("job.requeued");
    if (before.state === "running" && now.state === "cancelled") this.#verdict.sometimes("job.cancelled.running");
    if (before.state === "queued" && now.state === "cancelled") this.#verdict.sometimes("job.cancelled.queued");
    if (now.failure?.code === "cell.gone") this.#verdict.fail("RJ1", `${id} fails with cell.gone: that is no reason`);
    if (now.failure !== undefined) this.#verdict.sometimes(`job.failed.${now.failure.code}`);
  }

  /** Whoever is ahead of it could not have run there. */
  #begins(job: JobRow, { worker }: JobRow): void {
    const hive = this.#workers.get(hostOf(worker ?? "//"))?.hive;
    const [places, mine] = [this.#placedLast(), laneOf(job)];
    const turn = (row: JobRow): number => rankOf(row, Math.max(row.seq, places.get(laneOf(row)) ?? 0));
    for (const other of this.#jobs.values()) {
      if (other.state !== "queued" || other.model !== job.model) continue;
      if (other.node !== undefined && other.node !== hive) continue;
      const isAhead = laneOf(other) === mine ? rankOf(other) < rankOf(job) : turn(other) < turn(job);
      if (isAhead && this.#isFirst(other)) {
        return this.#verdict.fail("RJ5", `${job.id} begins before ${other.id}, which is ahead of it`);
      }
    }
  }

  /** Of its party, in its lane. */
  #isFirst(job: JobRow): boolean {
    const alike = [...this.#jobs.values()].filter((row) => row.state === "queued" && laneOf(row) === laneOf(job));
    return alike.every((row) => rankOf(row) >= rankOf(job));
  }

  /** By party and lane: when it was last given a slot. */
  #placedLast(): ReadonlyMap<string, number> {
    const last = new Map<string, number>();
    for (const row of this.#jobs.values()) {
      const lane = laneOf(row);
      last.set(lane, Math.max(row.placedSeq ?? 0, last.get(lane) ?? 0));
    }
    return last;
  }

  #keptWord(id: string, row: JobRow): void {
    const told = this.#told.get(id);
    if (told !== undefined && told !== row.state) this.#later(id, told, row);
  }

  /** Its stream may end a moment before her row does: but then the row follows, and says the same. */
  #later(id: string, told: string, row: JobRow): void {
    if (hasEnded(row)) this.#verdict.fail("RJ1", `${id} is ${row.state}, and its reader was told ${told}`);
  }

  #workersChanged(host: Host): void {
    const rows = host.core.tables.rows(workers);
    for (const key of this.#changedWorkers) {
      const now = rows.get(key);
      const before = this.#workers.get(key);
      if (now === undefined) this.#workers.delete(key);
      else {
        this.#workers.set(key, now);
        for (const job of now.jobs) if (before?.jobs.includes(job) !== true) this.#given(job, now);
      }
    }
    this.#changedWorkers.clear();
  }

  #given(job: string, worker: WorkerRow): void {
    const { id, jobs: held, slots, state } = worker;
    const mayHave = state === "ready" || (this.#isInventory && state === "stopping");
    if (!mayHave || held.length > slots) {
      this.#verdict.fail("RJ4", `${job} gets a slot of ${id}, ${state}, ${held.length} of ${slots} taken`);
    }
    const row = this.#jobs.get(job);
    if (row?.state !== "running" || row.worker === undefined || hostOf(row.worker) !== id) {
      this.#verdict.fail("RJ4", `${id} holds a slot for ${job}, which is ${row?.state ?? "unknown"}`);
    }
    for (const other of this.#workers.values()) {
      if (other.id !== id && other.jobs.includes(job))
        this.#verdict.fail("RJ4", `${job} holds slots of ${id} and ${other.id}`);
    }
  }
}

const isQueued = (state: unknown): boolean =>
  typeof state === "object" && state !== null && "open" in state && state.open === "queued";
