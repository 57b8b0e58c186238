/**
 * Which job goes where: a pure rule over the queue and the fleet. It changes neither.
 *
 * A decision is for one model, since only what changed is looked at: a job came, a slot opened, a worker went.
 * Cost: O(log n) in jobs and workers.
 *
 *  X1 A placement names the next job in order and a worker that is ready, has the model and has a free slot (RJ4).
 *  X2 Every decision says why, in words a person can read (R2).
 *  X3 At most one load of a model is on its way when nobody serves it yet.
 *
 * @module
 */
import type { Fleet, WorkerRow } from "./fleet.ts";
import type { Queue } from "./queue.ts";

export type Decision =
  | { readonly kind: "place"; readonly job: string; readonly worker: string; readonly why: string }
  | { readonly kind: "load"; readonly model: string; readonly why: string }
  | { readonly kind: "wait"; readonly why: string };

export function schedule(
  model: string,
  queue: Pick<Queue, "next">,
  fleet: Pick<Fleet, "free" | "freeCount" | "coming">,
  worker: (id: string) => WorkerRow | undefined,
): Decision {
  const job = queue.next(model);
  if (job === undefined) return { kind: "wait", why: `no job waits for ${model}` };
  const free = fleet.free(model);
  const row = free === undefined ? undefined : worker(free);
  if (row !== undefined) return { kind: "place", job, worker: row.id, why: reason(row, fleet.freeCount(model)) };
  if (fleet.coming(model) > 0) return { kind: "wait", why: `every slot for ${model} is taken or still loading` };
  return { kind: "load", model, why: `no worker has ${model}` };
}

function reason(row: WorkerRow, free: number): string {
  const busy = `${row.jobs.length} of ${row.slots} slots busy`;
  const among = free === 1 ? "the only one free" : `the least busy of ${free} free`;
  return `${row.id} has ${row.model} loaded, ${busy}, ${among}`;
}
