/**
 * Her memory of what became of each job, and the answer to why.
 *
 * Owns: writing histories and loads beside what she decides, and telling them. Does not own any decision, nor the words
 * (src/doors/why.ts).
 *
 *  HQ1 What a placement saw is written in the step that places, and a reason in the step that hears of it.
 *  HQ2 A history goes with the row of its job, a load with the row of its worker: both are bounded as those are.
 *  HQ3 A job that is placed at once, tried once and done costs one row beside its own, and none for each token.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { QueenContext } from "../../../machines/queen.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import {
  alternatives,
  type AttemptEnd,
  type JobHistory,
  type LoadRow,
  type HiveChoice,
  type LostLoad,
  NO_HISTORY,
  paceTold,
  seenOf,
  waitFor,
  type Waiting,
  withAttempt,
  withEnd,
  withoutEnd,
  withSaid,
} from "../../../machines/rules/history.ts";
import { type JobRow, laneKey } from "../../../machines/rules/queue.ts";
import type { Candidate } from "../../../machines/rules/schedule.ts";
import { type Address, hostOf } from "../../../machines/words.ts";
import { type Command, del, put, refuse, reply, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { jobFor } from "./keys.ts";
import { crowded, histories, hives, jobs, loadFailures, loads, workers } from "./tables.ts";
import { noJob } from "./views.ts";

const read = reader<QueenEvent>();

const historyOf = (job: string, scope: Scope): JobHistory => scope.rows(histories).get(job) ?? NO_HISTORY;

/** @param ahead jobs that it stands behind. Nothing is written of one that is first. */
export const historyBegun = (job: string, ahead: number): readonly Command[] =>
  ahead === 0 ? [] : [put(histories, job, { ...NO_HISTORY, ahead })];

/** Before the slot is taken: what was there to choose from. */
export function historyPlaced(
  job: JobRow,
  worker: WorkerRow,
  { why, among }: { readonly why: string; readonly among: readonly Candidate[] },
  scope: Scope,
): readonly Command[] {
  const history = historyOf(job.id, scope);
  const sinceAt = history.attempts.at(-1)?.end?.at ?? job.admittedAt;
  const fleet = scope.rows(workers);
  const made = withAttempt(history, {
    attempt: job.attempt + 1,
    worker: worker.id,
    hive: worker.hive,
    why,
    placedAt: scope.at,
    waitedMs: scope.at - sinceAt,
    busySlots: worker.jobs.length,
    slots: worker.slots,
    ...paceTold(worker.tokensPerS),
    ...seenOf(worker.id, among),
    memoryBytes: worker.reservedBytes,
    load: waitFor(scope.rows(loads).get(worker.id), sinceAt),
    ...alternatives(worker.model, worker.id, fleet.index, (id) => fleet.get(id), among),
    otherMachines: scope.rows(hives).size - 1,
    saidTokens: undefined,
    end: undefined,
  });
  return [put(histories, job.id, made)];
}

/** An attempt was left; nothing is written where it had said all it had to say. */
export function historyLeft(
  job: string,
  attempt: number,
  left: Pick<AttemptEnd, "code" | "message"> | undefined,
  scope: Scope,
): readonly Command[] {
  if (left === undefined) return [];
  const before = historyOf(job, scope);
  const { code, message } = left;
  const after = withEnd(before, attempt, { at: scope.at, code, message });
  return after === before ? [] : [put(histories, job, after)];
}

/** Of whoever lost the worker the reason is known here alone: the jobs are told that it is gone. */
export const historyLost = (
  lost: readonly string[],
  failure: Pick<AttemptEnd, "code" | "message">,
  scope: Scope,
): readonly Command[] =>
  lost.flatMap((id) => {
    const job = scope.rows(jobs).get(id);
    return job === undefined ? [] : historyLeft(id, job.attempt, failure, scope);
  });

/** What was said is lost with the node that had it, or the attempt was lost on its way to the worker. */
const UNSAID = { code: "stream.lost", message: "what it had said was not kept whole" } as const;

export function historyRequeued(job: JobRow, saidTokens: number, scope: Scope): readonly Command[] {
  const before = historyOf(job.id, scope);
  const ended = withEnd(before, job.attempt, { at: scope.at, ...UNSAID });
  return [put(histories, job.id, withSaid(ended, job.attempt, saidTokens))];
}

export function historyAdopted({ id, attempt }: JobRow, scope: Scope): readonly Command[] {
  const before = historyOf(id, scope);
  const after = withoutEnd(before, attempt);
  return after === before ? [] : [put(histories, id, after)];
}

export const historyForgotten = (job: string): readonly Command[] => [del(histories, job)];

export function loadAsked(
  { id, model }: Pick<WorkerRow, "id" | "model">,
  choice: HiveChoice | undefined,
  scope: Scope,
): readonly Command[] {
  const lost = scope.rows(loadFailures).get(model);
  const row: LoadRow = {
    worker: id,
    model,
    askedAt: scope.at,
    reservedAt: undefined,
    loadingAt: undefined,
    readyAt: undefined,
    why: "",
    instead: [],
    ...(lost === undefined ? {} : { lost }),
    ...(choice === undefined ? {} : { choice }),
  };
  return [put(loads, id, row)];
}

/** Of one that is lost now. */
export function lostLoad(
  worker: string,
  { code, message }: Pick<AttemptEnd, "code" | "message">,
  scope: Scope,
): LostLoad {
  const askedAt = scope.rows(loads).get(worker)?.askedAt ?? scope.at;
  return { worker, askedAt, at: scope.at, code, message };
}

/** The worker came a step further; the first time counts. */
export function loadCame(
  worker: string,
  step: "reservedAt" | "loadingAt" | "readyAt",
  scope: Scope,
  decision: Partial<Pick<LoadRow, "why" | "instead">> = {},
): readonly Command[] {
  const row = scope.rows(loads).get(worker);
  if (row === undefined || row[step] !== undefined) return [];
  return [put(loads, worker, { ...row, ...decision, [step]: scope.at })];
}

export const loadForgotten = (worker: string): readonly Command[] => [del(loads, worker)];

export interface ExplainedEvent {
  readonly type: "explained";
  readonly at: number;
  readonly job: JobRow;
  readonly history: JobHistory;
  readonly waiting: Waiting | undefined;
}

export function answerExplain({ phase }: QueenContext, scope: Scope): readonly Command[] {
  const asked = read(scope, "explain");
  const { re } = scope;
  if (re === undefined) return [];
  const row = jobFor(asked, scope);
  if (row === undefined) return [refuse(re, noJob(asked.job))];
  const explained: ExplainedEvent = {
    type: "explained",
    at: scope.at,
    job: row,
    history: historyOf(row.id, scope),
    waiting: row.state === "queued" ? waitingOf(row, phase, scope) : undefined,
  };
  return [reply(re, explained)];
}

function waitingOf(row: JobRow, phase: QueenContext["phase"], scope: Scope): Waiting {
  const { model, node } = row;
  const fleet = scope.rows(workers);
  const found = alternatives(model, undefined, fleet.index, (worker) => fleet.get(worker));
  const coming = found.alternatives.filter(({ state }) => state === "asked" || state === "loading");
  return {
    phase,
    ahead: scope.rows(jobs).index.before(row),
    workers: found.alternatives,
    moreWorkers: found.moreAlternatives,
    loads: coming.flatMap(({ worker }) => scope.rows(loads).get(worker) ?? []),
    failedLoads: scope.rows(loadFailures).get(model)?.length ?? 0,
    crowdedBy: scope.rows(crowded).get(laneKey({ model, node }))?.why,
    ...(node === undefined ? {} : { pinned: pinOf(node, scope) }),
  };
}

/** The machine that it waits for. */
function pinOf(node: Address, scope: Scope): NonNullable<Waiting["pinned"]> {
  const row = scope.rows(hives).get(node);
  const state =
    row?.isPresent !== true
      ? "away"
      : row.isDraining || row.isLeaving
        ? "draining"
        : row.isDoubted
          ? "doubted"
          : "serving";
  return { name: row?.name ?? hostOf(node), state };
}
