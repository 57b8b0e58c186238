/**
 * A job: its machine, and what each of its actions means.
 *
 * Owns: the asks to a worker and to the job's stream, what survives of a lost attempt. Does not own: the queue.
 *
 *  B1 The stream knows of an attempt before its worker does: no chunk comes early (RJ2).
 *  B2 `done` leaves after the flush that makes it true, and the text that it is said of is on disk before it: unless
 *     whoever asked waits on a connection, and was promised nothing.
 *
 * @module
 */
import { jobMachine, type JobFailure, type JobOutcome, type Left, type Said } from "../../../machines/job.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { loadWaitedMs, NO_HISTORY } from "../../../machines/rules/history.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import { STREAMS_PORT, type StreamEnd, type StreamsAsk } from "../../protocol/ports.ts";
import type { ExecuteAsk } from "../../protocol/worker.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  del,
  drop,
  put,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { histories, jobs, requests } from "../queen/tables.ts";
import { progress } from "./tables.ts";

const toQueen = event<QueenEvent>();

const queenOf = (scope: Scope): Address => address(hostOf(scope.self), "queen", "main");
const isAwaited = (scope: Scope): boolean => scope.rows(requests).get(idOf(scope.self))?.isAwaited === true;

const toStreams = (made: StreamsAsk, options: { name: string; key?: string; after?: "commit" | "flush" }): Command =>
  ask(STREAMS_PORT, made, { ...options, deadlineMs: 60_000, onRestart: "again" });

interface Begun {
  readonly attempt: number;
  readonly worker: Address;
  readonly why: string;
  /** It was begun before, and was only thought to be lost. */
  readonly isUnderWay: boolean;
}

const begin = ({ attempt, worker, why, isUnderWay }: Begun, scope: Scope): Command => {
  const job = idOf(scope.self);
  const note = { type: "assigned", worker: hostOf(worker), attempt, why } as const;
  const made: StreamsAsk = { type: "begin", job, attempt, said: saidOf(scope), worker: hostOf(worker), note };
  return toStreams(isUnderWay ? { ...made, isUnderWay } : made, { name: "begin", key: String(attempt) });
};

const saidOf = (scope: Scope): Said => scope.rows(progress).get(idOf(scope.self)) ?? { pieces: [], tokens: 0 };

function execute(begun: Begun, scope: Scope): readonly Command[] {
  const { attempt, worker, isUnderWay } = begun;
  const job = idOf(scope.self);
  const request = scope.rows(requests).get(job);
  if (request === undefined) return [];
  const bare: ExecuteAsk = { type: "execute", job, attempt, request, said: saidOf(scope) };
  const made = isUnderWay ? { ...bare, isUnderWay } : bare;
  return [
    begin(begun, scope),
    // The job's own deadline ends it; this one only has to be later.
    ask(worker, made, { name: "execute", key: String(attempt), deadlineMs: 86_400_000, onRestart: "again" }),
  ];
}

function rejoin({ attempt }: { attempt: number }, scope: Scope): readonly Command[] {
  const row = scope.rows(jobs).get(idOf(scope.self));
  if (row?.worker === undefined) return [];
  const { worker, why } = row;
  return [drop("begin", String(attempt)), begin({ attempt, worker, why, isUnderWay: false }, scope)];
}

const abandon = ({ attempt }: { attempt: number }, _scope: Scope): readonly Command[] => [
  drop("execute", String(attempt)),
];

function seal({ attempt, chunks }: { attempt: number; chunks: number }, scope: Scope): readonly Command[] {
  const made = { type: "seal", job: idOf(scope.self), attempt, chunks, isAwaited: isAwaited(scope) } as const;
  return [toStreams(made, { name: "seal", key: String(attempt) })];
}

function close(end: StreamEnd, scope: Scope): Command {
  const made: StreamsAsk = { type: "close", job: idOf(scope.self), end, isAwaited: isAwaited(scope) };
  return toStreams(made, { name: "announce", after: made.isAwaited ? "commit" : "flush" });
}

const recall = (_params: unknown, scope: Scope): readonly Command[] => [
  toStreams({ type: "recall", job: idOf(scope.self) }, { name: "recall" }),
];

function requeue({ said }: { said: Said }, scope: Scope): readonly Command[] {
  const job = idOf(scope.self);
  const before = scope.rows(progress).get(job);
  // A node that was restarted knows less of it than the row does.
  const more = before === undefined || said.pieces.length >= before.pieces.length;
  return [
    ...(more ? [put(progress, job, said)] : []),
    tell(queenOf(scope), toQueen({ type: "job.requeued", job, saidTokens: said.tokens })),
  ];
}

const vacate = ({ attempt, left }: { attempt: number; left: Left | undefined }, scope: Scope): readonly Command[] => [
  tell(queenOf(scope), toQueen({ type: "job.vacated", job: idOf(scope.self), attempt, left })),
];

function announceDone({ finish, stop, usage }: JobOutcome, scope: Scope): readonly Command[] {
  const job = idOf(scope.self);
  const row = scope.rows(jobs).get(job);
  const end: StreamEnd = {
    type: "done",
    finish,
    ...(stop === undefined ? {} : { stop }),
    usage,
    model: row?.model ?? "",
    worker: row?.worker === undefined ? "" : hostOf(row.worker),
    attempts: row?.attempt ?? 0,
    queuedMs: row === undefined ? 0 : (row.startedAt ?? scope.at) - row.admittedAt,
    loadMs: loadWaitedMs(scope.rows(histories).get(job) ?? NO_HISTORY),
  };
  return [
    del(progress, job),
    tell(queenOf(scope), toQueen({ type: "job.ended", job, state: "done", usage, failure: undefined })),
    close(end, scope),
  ];
}

function announceFailed({ failure }: { failure: JobFailure }, scope: Scope): readonly Command[] {
  const job = idOf(scope.self);
  const state = failure.class === "cancelled" ? "cancelled" : "failed";
  return [
    del(progress, job),
    tell(queenOf(scope), toQueen({ type: "job.ended", job, state, usage: undefined, failure })),
    close({ type: "error", failure }, scope),
  ];
}

/** Only a job that came with a key is counted. */
function tellSpent({ saidTokens }: { saidTokens: number }, scope: Scope): readonly Command[] {
  const job = idOf(scope.self);
  const isCounted = saidTokens > 0 && scope.rows(jobs).get(job)?.caller?.key !== undefined;
  return isCounted ? [tell(queenOf(scope), toQueen({ type: "job.spent", job, saidTokens }))] : [];
}

export const jobBehaviour = (): Behaviour =>
  behaviour(
    jobMachine,
    { execute, rejoin, abandon, seal, recall, requeue, vacate, announceDone, announceFailed, tellSpent },
    { limits: { mailMax: 16, outMax: 4 } },
  );
