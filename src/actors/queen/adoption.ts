/**
 * What a machine ran when it was given up: should it come back before somebody else has begun that, it goes on there.
 *
 * Owns: remembering it, and giving it back. Does not own: when a machine is given up (machines/member.ts), what it has
 * when it comes (inventories.ts), or how an attempt goes on (machines/job.ts J9).
 *
 *  AD1 A job that still waits, whose last attempt the worker has, runs there again as that attempt; no other is made.
 *  AD2 A worker that has a run besides which is nobody's any more gets nothing new, and is stopped behind the others;
 *      one that has no other is stopped at once (C6).
 *  AD3 What a machine ran is known until it has said what it has, and as long as this life of the queen's thread.
 *
 * @module
 */
import type { JobEvent } from "../../../machines/job.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { type Command, del, put, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { letInUnwanted } from "./crowding.ts";
import { historyAdopted } from "./history.ts";
import { hives, jobs, lostRuns, workers } from "./tables.ts";

const toSelf = event<QueenEvent>();
const toJob = event<JobEvent>();

/** Before it is lost. AD3 */
export function rememberRuns({ id, hive, jobs: held, state }: WorkerRow, scope: Scope): readonly Command[] {
  const rows = scope.rows(jobs);
  const runs = held.flatMap((job) => {
    const row = rows.get(job);
    return row === undefined ? [] : [{ job, attempt: row.attempt }];
  });
  return runs.length === 0 ? [] : [put(lostRuns, id, { hive, runs, isStopping: state === "stopping" })];
}

/** @param row as its hive describes it @returns nothing where no run of it goes on */
export function goOn(row: WorkerRow, scope: Scope): readonly Command[] | undefined {
  const lost = scope.rows(lostRuns).get(row.id);
  if (lost === undefined || row.state !== "ready") return undefined;
  const waiting = lost.runs.flatMap(({ job, attempt }) => {
    const found = scope.rows(jobs).get(job);
    return found?.state === "queued" && found.attempt === attempt ? [found] : [];
  });
  if (waiting.length === 0) return undefined;
  const isWhole = waiting.length === lost.runs.length && !lost.isStopping;
  const held = waiting.map(({ id }) => id);
  return [
    put(workers, row.id, { ...row, state: isWhole ? "ready" : "stopping", jobs: held }),
    ...waiting.flatMap((job) => resume(job, row, scope)),
    // Places that are free there may do for others.
    raise(toSelf({ type: "place", model: row.model })),
  ];
}

/** Told in the lane of its worker's loss, which may follow. */
function resume(job: JobRow, worker: WorkerRow, scope: Scope): readonly Command[] {
  const why = `${scope.rows(hives).get(worker.hive)?.name} is back, where it went on meanwhile`;
  const { attempt } = job;
  return [
    put(jobs, job.id, { ...job, state: "running", worker: worker.address, why }),
    ...historyAdopted(job, scope),
    ...letInUnwanted(job, scope),
    tell(
      address(hostOf(scope.self), "job", job.id),
      toJob({ type: "adopted", attempt, worker: worker.address, why }),
      "control",
    ),
  ];
}

/** AD3. */
export const forgetRuns = (hive: Address, scope: Scope): readonly Command[] =>
  [...scope.rows(lostRuns).entries()].flatMap(([worker, row]) => (row.hive === hive ? [del(lostRuns, worker)] : []));
