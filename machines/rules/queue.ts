/**
 * The queue of jobs: who is next for a model, and how many are ahead.
 *
 * Owns: the row of a job as the queen keeps it, and the index over these rows. Does not own: admission or placement.
 *
 *  Q1 Within a priority and a model, first admitted is first (RJ5).
 *  Q2 Overtaking is bounded: a job of priority p stands as if it had come p * 1000 places later, no further. So no
 *     job waits for ever behind more urgent ones (RJ5).
 *  Q3 A job that comes back keeps its place.
 *  Q4 The index is a function of the rows.
 *  Q6 Jobs that are pinned to a machine stand in a lane of their own: they hold up nobody, and nobody them.
 *  Q5 How quick a job of a model can be is told by those that were done at their first attempt: another one only
 *     finished what was begun before.
 *
 * @module
 */
import type { JobFailure, JobUsage } from "../job.ts";
import type { Address, Attempt, Caller, Capability, Label } from "../words.ts";
import { Heap, isBefore } from "./heap.ts";

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface JobRow {
  readonly id: string;
  /** Order of admission; unique. */
  readonly seq: number;
  /** What its request takes of memory and disk until it has ended. */
  readonly requestBytes: number;
  readonly model: string;
  readonly capability: Capability;
  /** 0 is the most urgent, 9 the least. */
  readonly priority: number;
  readonly label: Label;
  readonly state: JobState;
  readonly attempt: Attempt;
  readonly worker: Address | undefined;
  readonly why: string;
  readonly admittedAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly idempotencyKey: string | undefined;
  /** The hive that it is to run on; nothing where any will do. */
  readonly node?: Address;
  readonly usage: JobUsage | undefined;
  readonly failure: JobFailure | undefined;
  /** Nothing of one that came from within the node. */
  readonly caller?: Caller;
}

const NOBODY: readonly Head[] = [];

export const PLACES_PER_PRIORITY = 1000;
const PRIORITIES = 10;

const rankOf = (row: JobRow): number => row.seq + row.priority * PLACES_PER_PRIORITY;

export const isOpen = ({ state }: JobRow): boolean => state === "queued" || state === "running";

/** Q5. Nothing of one that tells nothing. */
export function ranMs({ state, attempt, startedAt, endedAt }: JobRow): number | undefined {
  const isWhole = state === "done" && attempt === 1 && startedAt !== undefined && endedAt !== undefined;
  return isWhole ? Math.max(0, endedAt - startedAt) : undefined;
}

/** A job that is next, where it may run. */
export interface Head {
  readonly job: string;
  readonly node: Address | undefined;
}

/** Who waits for a model and may run on the same machines. */
export interface Lane {
  readonly model: string;
  readonly node?: Address | undefined;
}

export const laneKey = ({ model, node }: Lane): string => (node === undefined ? model : `${model} ${node}`);

/** Those that wait in one lane. */
class LaneQueue {
  readonly heap = new Heap();
  readonly byAge = new Heap();
}

class ModelQueue {
  readonly lanes = new Map<Address | undefined, LaneQueue>();
  size = 0;
  readonly perPriority = Array.from({ length: PRIORITIES }, () => 0);
}

export class Queue {
  readonly #models = new Map<string, ModelQueue>();
  #queued = 0;
  #running = 0;
  #openBytes = 0;
  /** By the time of their end. */
  readonly #ended = new Heap();
  /** Those that were done, by how long they ran, for each model. */
  readonly #done = new Map<string, Heap>();

  get queued(): number {
    return this.#queued;
  }

  get running(): number {
    return this.#running;
  }

  /** What the requests of all jobs take that have not ended. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /** Of each lane of this model the next job; those that come first, first. */
  heads(model: string): readonly Head[] {
    const lanes = this.#models.get(model)?.lanes;
    if (lanes === undefined) return NOBODY;
    const first = [...lanes].map(([node, { heap }]) => ({ node, lowest: heap.lowest() }));
    return first
      .toSorted((a, b) => (isBefore(a.lowest, b.lowest) ? -1 : 1))
      .flatMap(({ node, lowest }) => (lowest === undefined ? [] : [{ job: lowest.key, node }]));
  }

  /** The job that has been admitted first of those in a lane of this model. */
  oldest(model: string, node?: Address): string | undefined {
    return this.#models.get(model)?.lanes.get(node)?.byAge.first();
  }

  /** Models that somebody waits for. */
  models(): Iterable<string> {
    return this.#models.keys();
  }

  waitingFor(model: string): number {
    return this.#models.get(model)?.size ?? 0;
  }

  /** In one lane of this model. */
  waitingIn(model: string, node: Address | undefined): number {
    return this.#models.get(model)?.lanes.get(node)?.heap.size ?? 0;
  }

  /** Jobs of the same model that are at least as urgent: what a new one of this priority stands behind. */
  ahead(model: string, priority: number): number {
    const counts = this.#models.get(model)?.perPriority ?? [];
    return counts.slice(0, priority + 1).reduce((sum, n) => sum + n, 0);
  }

  /** Jobs of its lane that go before this one as things stand. Looks at all of them. */
  before(key: string, model: string, node?: Address): number {
    return this.#models.get(model)?.lanes.get(node)?.heap.before(key) ?? 0;
  }

  /** The job that ended first, once more than `kept` have ended. */
  oldestEnded(kept: number): string | undefined {
    return this.#ended.size > kept ? this.#ended.first() : undefined;
  }

  /** Of those that were done: how many are known, and which was the quickest. */
  done(model: string): { readonly known: number; readonly quickest: string | undefined } {
    const heap = this.#done.get(model);
    return { known: heap?.size ?? 0, quickest: heap?.first() };
  }

  put(key: string, row: JobRow, before: JobRow | undefined): void {
    if (before !== undefined) this.#forget(key, before);
    if (isOpen(row)) this.#openBytes += row.requestBytes;
    if (row.state === "queued") {
      const queue = this.#models.get(row.model) ?? new ModelQueue();
      this.#models.set(row.model, queue);
      const lane = queue.lanes.get(row.node) ?? new LaneQueue();
      queue.lanes.set(row.node, lane);
      lane.heap.set(key, rankOf(row));
      lane.byAge.set(key, row.seq);
      queue.size += 1;
      queue.perPriority[row.priority] = (queue.perPriority[row.priority] ?? 0) + 1;
      this.#queued += 1;
    } else if (row.state === "running") {
      this.#running += 1;
    } else {
      this.#ended.set(key, row.endedAt ?? 0);
      this.#finish(key, row);
    }
  }

  #finish(key: string, row: JobRow): void {
    const ms = ranMs(row);
    if (ms === undefined) return;
    const heap = this.#done.get(row.model) ?? new Heap();
    this.#done.set(row.model, heap);
    heap.set(key, ms);
  }

  del(key: string, before: JobRow): void {
    this.#forget(key, before);
  }

  #forget(key: string, row: JobRow): void {
    if (isOpen(row)) this.#openBytes -= row.requestBytes;
    if (row.state === "running") this.#running -= 1;
    else if (row.state === "queued") this.#dequeue(key, row);
    else this.#unfinish(key, row);
  }

  #unfinish(key: string, { model }: JobRow): void {
    this.#ended.delete(key);
    const heap = this.#done.get(model);
    heap?.delete(key);
    if (heap?.size === 0) this.#done.delete(model);
  }

  #dequeue(key: string, row: JobRow): void {
    const queue = this.#models.get(row.model);
    if (queue === undefined) return;
    const lane = queue.lanes.get(row.node);
    lane?.heap.delete(key);
    lane?.byAge.delete(key);
    if (lane?.heap.size === 0) queue.lanes.delete(row.node);
    queue.size -= 1;
    queue.perPriority[row.priority] = (queue.perPriority[row.priority] ?? 0) - 1;
    this.#queued -= 1;
    if (queue.size === 0) this.#models.delete(row.model);
  }
}
