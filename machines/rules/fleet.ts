/**
 * The workers as the queen knows them, and which of them is free for a model.
 *
 * Owns: the row of a worker and the index over these rows. Does not own: whether a worker really lives (its hive does).
 *
 *  V1 Only a `ready` worker with a free slot is offered (RJ4), and none of a machine that is doubted.
 *  V2 The least busy comes first; among equals the fastest, then the one with the smaller id.
 *  V3 The index is a function of the rows.
 *
 * @module
 */
import type { Address, RetryClass } from "../words.ts";
import type { DeviceBooking } from "./advice.ts";
import { Heap } from "./heap.ts";
import { paceStep } from "./pair.ts";

export interface WorkerRow {
  readonly id: string;
  /** The cell that runs its model. */
  readonly address: Address;
  readonly hive: Address;
  readonly model: string;
  /** asked: the hive has not decided yet. loading: its process is up. ready: it takes jobs. stopping: it does not. */
  readonly state: "asked" | "loading" | "ready" | "stopping";
  readonly slots: number;
  /** It was asked for by who would have no other machine. */
  readonly isPinned: boolean;
  /** It is not sure that its machine is there: it is given nothing until it is. */
  readonly isDoubted: boolean;
  /** Of its model on its machine, as it was last known; 0 where nothing was measured. */
  readonly tokensPerS: number;
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

/** V1. */
export const isOffered = ({ state, jobs, slots, isDoubted }: WorkerRow): boolean =>
  state === "ready" && jobs.length < slots && !isDoubted;

/** A worker that is ready is taken only for as long as its jobs last. */
const SOONEST: readonly WorkerRow["state"][] = ["ready", "loading", "asked", "stopping"];

/** More than there are, as far as speeds are told apart. */
const PACE_STEPS = 256;

/** From 0 to below 1. Who was never measured counts as the fastest, once: then it was. */
export const slowness = ({ tokensPerS }: Pick<WorkerRow, "tokensPerS">): number =>
  tokensPerS === 0 ? 0 : 1 - (paceStep(tokensPerS) + 1) / PACE_STEPS;

/** What is on a machine. */
class HiveFleet {
  readonly workers = new Set<string>();
  /** Of those that are not stopping. */
  count = 0;
  /** Slots that are held. */
  busy = 0;
  readonly booked = new Map<string, number>();
  /** By those that are not ready yet. */
  readonly coming = new Map<string, number>();

  tally(row: WorkerRow, by: 1 | -1): void {
    if (row.state !== "stopping") this.count += by;
    this.busy += by * row.jobs.length;
    if (row.reservedBytes === 0) return;
    add(this.booked, row.device, by * row.reservedBytes);
    if (row.state === "asked" || row.state === "loading") add(this.coming, row.device, by * row.reservedBytes);
  }
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  const sum = (sums.get(key) ?? 0) + amount;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}

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
  readonly #hives = new Map<Address, HiveFleet>();

  /** Workers of this hive that run or are on their way. */
  on(hive: Address): number {
    return this.#hives.get(hive)?.count ?? 0;
  }

  /** All workers of this hive. */
  here(hive: Address): Iterable<string> {
    return this.#hives.get(hive)?.workers ?? [];
  }

  /** Jobs that its workers have. */
  busyOn(hive: Address): number {
    return this.#hives.get(hive)?.busy ?? 0;
  }

  bookingOn(hive: Address, device: string): DeviceBooking {
    const fleet = this.#hives.get(hive);
    return { bookedBytes: fleet?.booked.get(device) ?? 0, comingBytes: fleet?.coming.get(device) ?? 0 };
  }

  /** The best worker with a free slot. */
  free(model: string): string | undefined {
    return this.#models.get(model)?.free.first();
  }

  /** Workers of this model that run or are on their way. */
  coming(model: string): number {
    return this.#models.get(model)?.coming ?? 0;
  }

  /** Those with a free slot that come first: at most so many. */
  frees(model: string, atMost: number): readonly string[] {
    return this.#models.get(model)?.free.firsts(atMost) ?? [];
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
    this.#count(key, before, -1);
    this.#count(key, row, 1);
    const fleet = this.#models.get(row.model) ?? new ModelFleet();
    this.#models.set(row.model, fleet);
    if (before !== undefined && before.state !== "stopping") fleet.coming -= 1;
    if (row.state !== "stopping") fleet.coming += 1;
    const isFree = isOffered(row);
    if (isFree) fleet.free.set(key, row.jobs.length + slowness(row));
    else fleet.taken.set(key, SOONEST.indexOf(row.state));
    (isFree ? fleet.taken : fleet.free).delete(key);
  }

  #count(key: string, row: WorkerRow | undefined, by: 1 | -1): void {
    if (row === undefined) return;
    const fleet = this.#hives.get(row.hive) ?? new HiveFleet();
    this.#hives.set(row.hive, fleet);
    fleet.tally(row, by);
    if (by === 1) fleet.workers.add(key);
    else fleet.workers.delete(key);
    if (fleet.workers.size === 0) this.#hives.delete(row.hive);
  }

  del(key: string, before: WorkerRow): void {
    this.#count(key, before, -1);
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
