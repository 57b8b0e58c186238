/**
 * News of jobs and workers, written into the tables.
 *
 * Owns: what a job's end, a worker's state and a worker's loss mean to the queue and the fleet.
 *
 *  N1 A worker that is gone loses every job that held a slot of it, each told once (RS2).
 *  N2 When the last worker on its way for a model could not be loaded for good, the jobs that wait for it fail with
 *     that reason: a failure is never left to look like waiting.
 *  N3 Rows of ended jobs are kept up to a bound.
 *  N6 What a job took is counted for the key that it came with, once, in the step in which it ends; of one that was
 *     cut what it had said, as soon as its stream has told it.
 *  N4 A worker that is to stop does not come back: news that was under way changes nothing, and one that its hive had
 *     not decided on yet is stopped as soon as it has.
 *  N5 A worker that she does not know of is stopped: she had given up waiting for it, and its memory is wanted.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent, JobFailure } from "../../../machines/job.ts";
import type { QueenContext, QueenEvent } from "../../../machines/queen.ts";
import type { LoadLack, WorkerRow } from "../../../machines/rules/fleet.ts";
import { isOpen, type JobRow } from "../../../machines/rules/queue.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { ask, type Command, del, put, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { STREAMS_PORT, type StreamsAsk } from "../../protocol/ports.ts";
import { event, reader } from "../../runtime/reading.ts";
import { askAnew, crowdOut, letIn, letInUnwanted, lookAgain, stopReplaced } from "./crowding.ts";
import {
  historyForgotten,
  historyLeft,
  historyLost,
  historyRequeued,
  loadCame,
  loadForgotten,
  lostLoad,
} from "./history.ts";
import { counted } from "./keys.ts";
import { loadElsewhere } from "./loading.ts";
import { ENDED_JOBS_KEPT, LOADS_MAX, NOT_WANTED, type QueenSettings, STOPPED_ON_REQUEST } from "./settings.ts";
import { hives, jobs, keys, loadFailures, requests, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toJob = event<JobEvent>();
const toHive = event<HiveEvent>();
const toSelf = event<QueenEvent>();

type Failure = Extract<QueenEvent, { type: "load.failed" }>;

const again = (model: string): Command => raise(toSelf({ type: "place", model }));

export function noteEnded(_params: unknown, scope: Scope): readonly Command[] {
  const { job, state, usage, failure } = read(scope, "job.ended");
  const row = scope.rows(jobs).get(job);
  if (row === undefined || !isOpen(row)) return [];
  return end({ ...row, state, usage, failure, endedAt: scope.at }, row, scope);
}

function end(after: JobRow, before: JobRow, scope: Scope): readonly Command[] {
  const oldest = scope.rows(jobs).index.oldestEnded(ENDED_JOBS_KEPT - 1);
  return [
    put(jobs, after.id, after),
    del(requests, after.id),
    ...took(after, scope),
    ...vacate(before, scope),
    ...letInUnwanted(before, scope),
    ...(after.failure?.code === "privacy.refused" ? [again(after.model)] : []),
    ...(oldest === undefined ? [] : forget(oldest, scope)),
  ];
}

/** N6. */
const took = ({ caller, usage }: JobRow, scope: Scope): readonly Command[] =>
  usage === undefined
    ? []
    : counted(caller?.key, { tokensIn: usage.promptTokens, tokensOut: usage.completionTokens }, scope);

export function noteSpent(_params: unknown, scope: Scope): readonly Command[] {
  const { job, saidTokens } = read(scope, "job.spent");
  return counted(scope.rows(jobs).get(job)?.caller?.key, { tokensOut: saidTokens }, scope);
}

function forget(id: string, scope: Scope): readonly Command[] {
  const key = scope.rows(jobs).get(id)?.idempotencyKey;
  return [del(jobs, id), ...historyForgotten(id), ...(key === undefined ? [] : [del(keys, key)])];
}

/** The slot that a job held is free, if it still holds it. */
function vacate(job: JobRow, scope: Scope): readonly Command[] {
  const worker = workerOf(job, scope);
  if (worker?.jobs.includes(job.id) !== true) return [];
  const left = worker.jobs.filter((id) => id !== job.id);
  const isLast = left.length === 0;
  return [
    put(workers, worker.id, { ...worker, jobs: left, usedAt: scope.at }),
    again(job.model),
    ...(isLast ? lookAgain(scope) : []),
    // It was to stop once it had nothing to do: placement P3.
    ...(isLast && worker.state === "stopping" ? [raise(toSelf({ type: "stop.worker", worker: worker.id }))] : []),
  ];
}

const workerOf = (job: JobRow, scope: Scope): WorkerRow | undefined =>
  job.worker === undefined ? undefined : scope.rows(workers).get(hostOf(job.worker));

export function noteVacated(_params: unknown, scope: Scope): readonly Command[] {
  const { job, attempt, left } = read(scope, "job.vacated");
  const row = scope.rows(jobs).get(job);
  return row?.attempt === attempt ? [...historyLeft(job, attempt, left, scope), ...vacate(row, scope)] : [];
}

export function noteRequeued(_params: unknown, scope: Scope): readonly Command[] {
  const { job, saidTokens } = read(scope, "job.requeued");
  const row = scope.rows(jobs).get(job);
  if (row === undefined || row.state !== "running") return [];
  return [
    put(jobs, row.id, { ...row, state: "queued", worker: undefined, why: "" }),
    ...historyRequeued(row, saidTokens, scope),
    again(row.model),
  ];
}

/** A job's cell is gone. After its end that is as it should be; before, it broke too often. */
export function noteTerminated(_params: unknown, scope: Scope): readonly Command[] {
  const { kind, id, reason } = read(scope, "terminated");
  const row = kind === "job" ? scope.rows(jobs).get(id) : undefined;
  if (row === undefined || !isOpen(row)) return [];
  const failure: JobFailure = { code: "defect", class: "defect", message: `the job's cell ended: ${reason}` };
  const made: StreamsAsk = { type: "close", job: id, end: { type: "error", failure }, isAwaited: false };
  return [
    ...end({ ...row, state: "failed", failure, endedAt: scope.at }, row, scope),
    // Its own cell would have told its readers.
    ask(STREAMS_PORT, made, { name: "close", key: id, deadlineMs: 60_000, onRestart: "again", after: "flush" }),
  ];
}

export function noteReserved({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { worker, reservedBytes, device, why } = read(scope, "worker.reserved");
  const row = scope.rows(workers).get(worker);
  if (row === undefined) return [];
  const stop = toHive({ type: "stop.worker", epoch, worker, end: STOPPED_ON_REQUEST });
  return [
    put(workers, worker, { ...row, reservedBytes, device, instead: [] }),
    ...loadCame(worker, "reservedAt", scope, { why, instead: row.instead }),
    ...letIn(row.model, scope),
    ...(row.state === "stopping" ? [tell(row.hive, stop, "control")] : []),
  ];
}

/** What is booked for it has grown to what it took. */
export function noteWeighed(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, reservedBytes } = read(scope, "worker.weighed");
  const row = scope.rows(workers).get(worker);
  return row === undefined ? [] : [put(workers, worker, { ...row, reservedBytes })];
}

/** The hive said no, or could not be asked. */
export const noteLoadFailed =
  (settings: QueenSettings) =>
  ({ epoch, phase }: QueenContext, scope: Scope): readonly Command[] => {
    const { key, code, class: kind, message, details } = read(scope, "load.failed");
    const row = scope.rows(workers).get(key);
    // Its hive has decided: news of the worker overtook the answer.
    if (row === undefined || row.state === "loading" || row.state === "ready") return [];
    const stopped = stopReplaced(row, epoch, scope);
    if (row.state === "stopping") return [...stopped, ...lose(key, { code, class: kind, message }, scope)];
    const refusal = { hive: row.hive, code, class: kind, message, lack: lackIn(code, details) };
    const refused = { ...row, refusals: [...row.refusals, refusal] };
    const elsewhere = phase === "serving" ? loadElsewhere(refused, epoch, scope) : undefined;
    if (elsewhere !== undefined) return [...stopped, ...elsewhere];
    const crowd = refused.refusals.findLast(({ lack }) => lack !== undefined);
    if (crowd?.lack === undefined) return [...stopped, ...lose(key, refusedBy(refused, scope), scope)];
    // Who waits for it is seen to when she serves.
    if (phase !== "serving") return [...stopped, del(workers, key), ...loadForgotten(key)];
    return [
      ...stopped,
      ...crowdOut({ ...refused, hive: crowd.hive, refusals: [] }, crowd.lack, epoch, settings, scope),
    ];
  };

/** Where several said no, the last one's reason decides, and each one's is told. */
function refusedBy({ refusals }: WorkerRow, scope: Scope): JobFailure {
  const { code, class: kind, message } = refusals.at(-1) ?? NOBODY;
  if (refusals.length <= 1) return { code, class: kind, message };
  const each = refusals.map((refusal) => `${scope.rows(hives).get(refusal.hive)?.name}: ${refusal.message}`);
  return { code, class: kind, message: each.join("; ") };
}

const NOBODY: JobFailure = { code: "hive.lost", class: "transient", message: "no hive is there" };

function lackIn(code: string, details: Failure["details"] = {}): LoadLack | undefined {
  if (code !== "memory.busy") return undefined;
  const { device, missingBytes, untilFreeBytes } = details;
  return {
    device: String(device),
    missingBytes: Number(missingBytes),
    untilFreeBytes: untilFreeBytes === undefined ? undefined : Number(untilFreeBytes),
  };
}

export function noteLoading({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { worker, pid } = read(scope, "worker.loading");
  const row = scope.rows(workers).get(worker);
  if (row === undefined) return disownAnywhere(epoch, worker, scope);
  return [
    put(workers, worker, { ...row, pid, state: row.state === "asked" ? "loading" : row.state }),
    ...loadCame(worker, "loadingAt", scope),
  ];
}

export function noteReady({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { worker, facts, port } = read(scope, "worker.ready");
  const row = scope.rows(workers).get(worker);
  if (row === undefined) return disownAnywhere(epoch, worker, scope);
  if (row.state === "stopping") return [];
  const { slots, backend } = facts;
  const ready: WorkerRow = { ...row, state: "ready", slots, backend, port, usedAt: scope.at };
  return [
    put(workers, worker, ready),
    ...loadCame(worker, "readyAt", scope),
    del(loadFailures, row.model),
    again(row.model),
    ...lookAgain(scope),
  ];
}

/** N5. */
const disownAnywhere = (epoch: number, worker: string, scope: Scope): readonly Command[] =>
  [...scope.rows(hives).entries()].flatMap(([, { address: hive, isPresent }]) =>
    isPresent ? disown(epoch, worker, hive) : [],
  );

/** Where it is not known, nothing is stopped. */
export const disown = (epoch: number, worker: string, hive: Address): readonly Command[] => [
  tell(hive, toHive({ type: "stop.worker", epoch, worker, end: NOT_WANTED }), "control"),
];

/** It takes nothing new; what runs on it may still end. Who needs its model is seen to when its memory is free. */
export function noteStopping(_params: unknown, scope: Scope): readonly Command[] {
  const { worker } = read(scope, "worker.stopping");
  const row = scope.rows(workers).get(worker);
  return row === undefined ? [] : [put(workers, worker, { ...row, state: "stopping" })];
}

export function noteGone(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, end: why, how } = read(scope, "worker.gone");
  const message = [why.message, how].filter((part) => part !== "").join("; ");
  return lose(worker, { code: why.code, class: why.class, message }, scope);
}

export function lose(worker: string, failure: JobFailure, scope: Scope): readonly Command[] {
  const row = scope.rows(workers).get(worker);
  if (row === undefined) return [];
  const told = row.jobs.flatMap((id) => {
    const job = scope.rows(jobs).get(id);
    if (job === undefined) return [];
    return [
      tell(
        jobAddress(scope, id),
        toJob({ type: "worker.lost", attempt: job.attempt, message: failure.message }),
        "control",
      ),
    ];
  });
  const written = [...historyLost(row.jobs, failure, scope), ...loadForgotten(worker)];
  const freed = row.state === "asked" ? [] : askAnew(scope);
  return [del(workers, worker), ...written, ...told, ...troubles(row, failure, scope), ...freed];
}

/**
 * Somebody else is looked for. But where nobody serves the model, and loading it again would fail the same way or did
 * too often in a row, nobody waits for it any longer (N2).
 */
function troubles(row: WorkerRow, failure: JobFailure, scope: Scope): readonly Command[] {
  const served = row.slots > 0;
  const failures = [...(scope.rows(loadFailures).get(row.model) ?? []), lostLoad(row.id, failure, scope)];
  // A hive that is stopping says nothing about the model: who waits may wait for the next start.
  const mayPass = failure.class === "transient" || failure.code === "admission.closed";
  const count = mayPass && !served ? [put(loadFailures, row.model, failures.slice(-LOADS_MAX))] : [];
  const hopeless = !mayPass || (!served && failures.length >= LOADS_MAX);
  const othersComing = scope.rows(workers).index.coming(row.model) - (row.state === "stopping" ? 0 : 1);
  if (failure.class === "cancelled" || !hopeless || othersComing > 0) return [...count, again(row.model)];
  const rejected: Command[] = [del(loadFailures, row.model)];
  for (const [id, job] of scope.rows(jobs).entries()) {
    if (job.state !== "queued" || job.model !== row.model) continue;
    rejected.push(tell(jobAddress(scope, id), toJob({ type: "reject", ...failure }), "control"));
  }
  return rejected;
}

const jobAddress = (scope: Scope, id: string) => address(hostOf(scope.self), "job", id);
