/**
 * The workers as the queen knows them, and which of them is free for a model.
 *
 * Owns: the row of a worker and the index over these rows. Does not own: whether a worker really lives (its hive does).
 *
 *  V1 Only a `ready` worker with a free slot is offered (RJ4).
 *  V2 The least busy comes first; among equals the one with the smaller id.
 *  V3 The index is a function of the rows.
 *
 * @module
 */
import type { Address, RetryClass } from "../words.ts";
import { Heap } from "./heap.ts";

export interface WorkerRow {
  readonly id: string;
  /** The cell that runs its model. */
  readonly address: Address;
  readonly hive: Address;
  readonly model: string;
  /** asked: the hive has not decided yet. loading: its process is up. ready: it takes jobs. stopping: it does not. */
  readonly state: "asked" | "loading" | "ready" | "stopping";
  readonly slots: number;
  /** Jobs that hold a slot. */
  readonly jobs: readonly string[];
  readonly backend: string;
  readonly pid: number;
  readonly port: number;
  /** Where its memory is booked; "" until its hive has decided. */
  readonly device: string;
  readonly reservedBytes: number;
  /** When it was last given a job, or had one end, or became ready. */
  readonly usedAt: number;
  /** Those that make room for it. */
  readonly instead: readonly string[];
  /** Hives that have said no to it, in the order in which they were asked. */
  readonly refusals: readonly LoadRefusal[];
}

export interface LoadRefusal {
  readonly hive: Address;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
  /** Where others have its memory: what is missing there. */
  readonly lack?: LoadLack | undefined;
}

export interface LoadLack {
  readonly device: string;
  readonly missingBytes: number;
  /** So much has to be free there; nothing where only other workers are in the way. */
  readonly untilFreeBytes: number | undefined;
}

/** A worker that is ready is taken only for as long as its jobs last. */
const SOONEST: readonly WorkerRow["state"][] = ["ready", "loading", "asked", "stopping"];

/** Ids of workers, by model. */
class ModelFleet {
  readonly free = new Heap();
  /** Those that are not, by how soon they may be. */
  readonly taken = new Heap();
  /** All that are, or will be, of use: everything but stopping ones. */
  coming = 0;
}

export class Fleet {
  readonly #models = new Map<string, ModelFleet>();
  /** Workers of each hive, but for those that are stopping. */
  readonly #hives = new Map<Address, number>();

  /** Workers of this hive that run or are on their way. */
  on(hive: Address): number {
    return this.#hives.get(hive) ?? 0;
  }

  /** The best worker with a free slot. */
  free(model: string): string | undefined {
    return this.#models.get(model)?.free.first();
  }

  /** Workers of this model that run or are on their way. */
  coming(model: string): number {
    return this.#models.get(model)?.coming ?? 0;
  }

  freeCount(model: string): number {
    return this.#models.get(model)?.free.size ?? 0;
  }

  /** All workers of this model, those that would be taken next first: at most so many. */
  ranked(model: string, atMost: number): readonly string[] {
    const fleet = this.#models.get(model);
    const free = fleet?.free.firsts(atMost) ?? [];
    return free.length === atMost ? free : [...free, ...(fleet?.taken.firsts(atMost - free.length) ?? [])];
  }

  size(model: string): number {
    const fleet = this.#models.get(model);
    return fleet === undefined ? 0 : fleet.free.size + fleet.taken.size;
  }

  put(key: string, row: WorkerRow, before: WorkerRow | undefined): void {
    if (before !== undefined && before.model !== row.model) {
      this.del(key, before);
      this.put(key, row, undefined);
      return;
    }
    this.#count(before, -1);
    this.#count(row, 1);
    const fleet = this.#models.get(row.model) ?? new ModelFleet();
    this.#models.set(row.model, fleet);
    if (before !== undefined && before.state !== "stopping") fleet.coming -= 1;
    if (row.state !== "stopping") fleet.coming += 1;
    const isFree = row.state === "ready" && row.jobs.length < row.slots;
    if (isFree) fleet.free.set(key, row.jobs.length);
    else fleet.taken.set(key, SOONEST.indexOf(row.state));
    (isFree ? fleet.taken : fleet.free).delete(key);
  }

  #count(row: WorkerRow | undefined, by: 1 | -1): void {
    if (row === undefined || row.state === "stopping") return;
    const after = this.on(row.hive) + by;
    if (after === 0) this.#hives.delete(row.hive);
    else this.#hives.set(row.hive, after);
  }

  del(key: string, before: WorkerRow): void {
    this.#count(before, -1);
    const fleet = this.#models.get(before.model);
    if (fleet === undefined) return;
    if (before.state !== "stopping") fleet.coming -= 1;
    fleet.free.delete(key);
    fleet.taken.delete(key);
    this.#forgetEmpty(before.model, fleet);
  }

  #forgetEmpty(model: string, fleet: ModelFleet): void {
    if (fleet.free.size + fleet.taken.size === 0) this.#models.delete(model);
  }
}
