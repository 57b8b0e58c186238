/**
 * The queue of jobs: who is next for a model, and how many are ahead.
 *
 * Owns: the row of a job as the queen keeps it, and the index over these rows. Does not own: admission or placement,
 * whose turn it is in a lane (turns.ts).
 *
 *  Q1 Within a priority and a lane, first admitted is first of its party's (RJ5); parties take turns (TL9).
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
import { type Coming, Turns } from "./turns.ts";

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
  /** With whose jobs it shares a turn: a discussion, an API key; nothing where neither is known. */
  readonly party?: string;
  /** When it was last given a slot, in the order of `seq`; nothing of one that lost it again. */
  readonly placedSeq?: number;
}

const NOBODY: readonly Head[] = [];

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

interface ModelQueue {
  readonly lanes: Map<Address | undefined, Turns>;
  /** How many wait. */
  size: number;
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
    const first = [...lanes].map(([node, { next }]) => ({ node, next }));
    return first
      .toSorted((a, b) => (isBefore(a.next, b.next) ? -1 : 1))
      .flatMap(({ node, next }) => (next === undefined ? [] : [{ job: next.key, node }]));
  }

  /** The job that has been admitted first of those in a lane of this model. */
  oldest(model: string, node?: Address): string | undefined {
    return this.#models.get(model)?.lanes.get(node)?.oldest;
  }

  /** Models that somebody waits for. */
  models(): readonly string[] {
    return [...this.#models].flatMap(([model, { size }]) => (size > 0 ? [model] : []));
  }

  waitingFor(model: string): number {
    return this.#models.get(model)?.size ?? 0;
  }

  /** In one lane of this model. */
  waitingIn(model: string, node: Address | undefined): number {
    return this.#models.get(model)?.lanes.get(node)?.size ?? 0;
  }

  /** Jobs of its lane that a new one stands behind. */
  ahead({ model, node, ...coming }: Lane & Coming): number {
    return this.#models.get(model)?.lanes.get(node)?.ahead(coming) ?? 0;
  }

  /** Jobs of its lane that go before this one, which waits, as things stand. Looks at all of its party. */
  before(row: JobRow): number {
    return this.#models.get(row.model)?.lanes.get(row.node)?.before(row.id, row) ?? 0;
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
    this.#inLane(row, (lane, queue) => {
      if (row.placedSeq !== undefined) lane.place(key, row, row.placedSeq);
      if (row.state !== "queued") return;
      lane.wait(key, row);
      queue.size += 1;
    });
    if (row.state === "queued") this.#queued += 1;
    else if (row.state === "running") this.#running += 1;
    else {
      this.#ended.set(key, row.endedAt ?? 0);
      this.#finish(key, row);
    }
  }

  #inLane({ model, node }: JobRow, change: (lane: Turns, queue: ModelQueue) => void): void {
    const queue = this.#models.get(model) ?? { lanes: new Map<Address | undefined, Turns>(), size: 0 };
    const lane = queue.lanes.get(node) ?? new Turns();
    this.#models.set(model, queue);
    queue.lanes.set(node, lane);
    change(lane, queue);
    if (lane.isEmpty) queue.lanes.delete(node);
    if (queue.lanes.size === 0) this.#models.delete(model);
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
    this.#inLane(row, (lane, queue) => {
      if (row.placedSeq !== undefined) lane.forget(key, row);
      if (row.state !== "queued") return;
      lane.leave(key, row);
      queue.size -= 1;
    });
    if (row.state === "queued") this.#queued -= 1;
    else if (row.state === "running") this.#running -= 1;
    else this.#unfinish(key, row);
  }

  #unfinish(key: string, { model }: JobRow): void {
    this.#ended.delete(key);
    const heap = this.#done.get(model);
    heap?.delete(key);
    if (heap?.size === 0) this.#done.delete(model);
  }
}
