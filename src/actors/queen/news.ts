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
 *  N7 How fast a model speaks on a machine is told by the jobs that were done there; that it fails there, by its loads
 *     (machines/rules/pair.ts).
 *  N5 A worker that she does not know of is stopped: she had given up waiting for it, and its memory is wanted.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent, JobFailure, JobUsage } from "../../../machines/job.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { QueenContext } from "../../../machines/queen.ts";
import type { LoadLack, WorkerRow } from "../../../machines/rules/fleet.ts";
import { cleared, failed, paced } from "../../../machines/rules/pair.ts";
import { isOpen, type JobRow, type Lane } from "../../../machines/rules/queue.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { ask, type Command, del, put, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { STREAMS_PORT, type StreamsAsk } from "../../protocol/ports.ts";
import { event, reader } from "../../runtime/reading.ts";
import { forgetGiven } from "./affinity.ts";
import {
  askAnew,
  crowdOut,
  letIn,
  letInUnwanted,
  lookAgain,
  placeOthers,
  stopReplaced,
  workersOf,
} from "./crowding.ts";
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
import { notePair, paceOf } from "./candidates.ts";
import { ENDED_JOBS_KEPT, LOADS_MAX, NOT_WANTED, type QueenSettings, STOPPED_ON_REQUEST } from "./settings.ts";
import { hives, jobs, keys, loadFailures, loads, requests, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toJob = event<JobEvent>();
const toHive = event<HiveEvent>();
const toSelf = event<QueenEvent>();

const RATED_TOKENS_MIN = 8;

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
    ...pacedBy(after, before, scope),
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

/** N7. What it says of its model on that machine; the worker hears of it with its next change. */
function pacedBy({ state, usage, capability }: JobRow, before: JobRow, scope: Scope): readonly Command[] {
  const worker = workerOf(before, scope);
  const rate = state === "done" && capability === "text" && usage !== undefined ? rateOf(usage) : undefined;
  if (worker === undefined || rate === undefined) return [];
  return notePair(worker.hive, worker.model, (row) => paced(row, rate), scope);
}

/** Tokens behind the first one a second: that took the prompt's evaluation. Of a few nothing can be told. */
function rateOf({ completionTokens, firstTokenMs, totalMs }: JobUsage): number | undefined {
  const ms = totalMs - firstTokenMs;
  return completionTokens < RATED_TOKENS_MIN || ms <= 0 ? undefined : (completionTokens - 1) / (ms / 1000);
}

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
    put(workers, worker.id, {
      ...worker,
      jobs: left,
      usedAt: scope.at,
      tokensPerS: paceOf(worker.hive, worker.model, scope),
    }),
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
  return [put(jobs, row.id, unplaced(row)), ...historyRequeued(row, saidTokens, scope), again(row.model)];
}

/** Q3: the turn that it was given is not its party's last one any more. */
const unplaced = ({ placedSeq: _lost, ...row }: JobRow): JobRow => ({
  ...row,
  state: "queued",
  worker: undefined,
  why: "",
});

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
    ...letIn(laneOf(row), scope),
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
    const noted = refusal.lack === undefined ? failedThere(refused, code, kind, scope) : [];
    const elsewhere = phase === "serving" ? loadElsewhere(refused, epoch, scope) : undefined;
    const others = placeOthers(laneOf(row), scope);
    if (elsewhere !== undefined) return [...stopped, ...noted, ...elsewhere, ...others];
    const crowd = refused.refusals.findLast(({ lack }) => lack !== undefined);
    if (crowd?.lack === undefined) return [...stopped, ...noted, ...lose(key, refusedBy(refused, scope), scope)];
    // Who waits for it is seen to when she serves.
    if (phase !== "serving") return [...stopped, del(workers, key), ...loadForgotten(key)];
    return [
      ...stopped,
      ...crowdOut({ ...refused, hive: crowd.hive, refusals: [] }, crowd.lack, epoch, settings, scope),
      ...others,
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
  const tokensPerS = paceOf(row.hive, row.model, scope);
  const ready: WorkerRow = { ...row, state: "ready", slots, backend, port, usedAt: scope.at, tokensPerS };
  return [
    put(workers, worker, ready),
    ...notePair(row.hive, row.model, cleared, scope),
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
  const noted = isAsked(row) ? [] : failedThere(row, failure.code, failure.class, scope);
  return [
    del(workers, worker),
    forgetGiven(worker),
    ...noted,
    ...written,
    ...told,
    ...troubles(row, failure, scope),
    ...freed,
  ];
}

/** Whether its hive has not decided yet: what it says of that is noted when it does. */
const isAsked = ({ state }: WorkerRow): boolean => state === "asked";

/** N7. Ends that were wanted, and of machines that went, say nothing of the model. */
function failedThere(
  { hive, model, id, slots }: WorkerRow,
  code: string,
  kind: JobFailure["class"],
  scope: Scope,
): readonly Command[] {
  const readyAt = scope.rows(loads).get(id)?.readyAt ?? scope.at;
  const wasGood = slots > 0 && scope.at - readyAt >= FAST_MS;
  if (kind === "cancelled" || wasGood || SAYS_NOTHING.has(code)) return [];
  return notePair(hive, model, (row) => failed(row, scope.at, code === "worker.unstable"), scope);
}

/** A worker that dies so soon after it was ready has failed to serve. */
const FAST_MS = 10_000;
/** Of the model; of memory a machine says by itself how much there is. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  "admission.closed",
  "ask.deadline",
  "hive.lost",
  "host.restarted",
  "memory.busy",
  "memory.insufficient",
  "worker.stale",
]);

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
  const othersComing = comingWith(row, scope);
  if (failure.class === "cancelled" || !hopeless || othersComing > 0) return [...count, again(row.model)];
  const pinned = row.isPinned ? row.hive : undefined;
  // Whoever is pinned to a machine hears of it from that one.
  const rejected: Command[] = [del(loadFailures, row.model), ...placeOthers(laneOf(row), scope)];
  for (const [id, job] of scope.rows(jobs).entries()) {
    if (job.state !== "queued" || job.model !== row.model || job.node !== pinned) continue;
    rejected.push(tell(jobAddress(scope, id), toJob({ type: "reject", ...failure }), "control"));
  }
  return rejected;
}

/** Others that will serve those who wait for this one. */
function comingWith(row: WorkerRow, scope: Scope): number {
  const isOne = ({ id, model, state }: WorkerRow): boolean =>
    id !== row.id && model === row.model && state !== "stopping";
  if (row.isPinned) return workersOf(scope, row.hive).filter(isOne).length;
  return scope.rows(workers).index.coming(row.model) - (row.state === "stopping" ? 0 : 1);
}

const laneOf = ({ model, hive, isPinned }: WorkerRow): Lane => (isPinned ? { model, node: hive } : { model });

const jobAddress = (scope: Scope, id: string) => address(hostOf(scope.self), "job", id);
