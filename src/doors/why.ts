/**
 * Why a job went as it did: the queen's memory of it as data, and the same in words.
 *
 * Owns: the view and its sentences. Does not own: what is remembered (machines/rules/history.ts).
 *
 *  WY1 Every fact of the data that a person would ask for stands in a sentence, and no sentence says more than it.
 *  WY2 No word of what was asked or said is in it.
 *
 * @module
 */
import type {
  Alternative,
  AttemptRow,
  HiveChoice,
  HiveSeen,
  JobHistory,
  LoadRow,
  LoadWait,
  LostLoad,
  Waiting,
} from "../../machines/rules/history.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import { hostOf } from "../../machines/words.ts";
import type { AttemptView, WhyView } from "../protocol/why-api.ts";
import { whyWords } from "./why-words.ts";

/** What the queen remembers, and what the node's streams have of it now. */
export interface Explained {
  readonly at: number;
  readonly job: JobRow;
  readonly history: JobHistory;
  readonly waiting: Waiting | undefined;
  readonly saidTokens: number;
  /** How far its model is on its way. */
  readonly progress: { readonly step: string; readonly fraction: number } | undefined;
}

export function whyOf(explained: Explained): WhyView {
  const { job, history } = explained;
  const view = {
    schemaVersion: 1,
    job_id: job.id,
    state: job.state,
    model: job.model,
    capability: job.capability,
    priority: job.priority,
    ...callerOf(job),
    admitted_at: isoOf(job.admittedAt),
    ahead: history.ahead,
    ...(explained.waiting === undefined ? {} : { waiting: waitingOf(explained, explained.waiting) }),
    attempts: history.attempts.map((row) => attemptOf(row, explained)),
    ...(job.endedAt === undefined ? {} : { end: endOf(job, job.endedAt) }),
  } as const;
  return { ...view, words: whyWords(view) };
}

const callerOf = ({ caller }: JobRow): Pick<WhyView, "request_id" | "key" | "traceparent"> =>
  caller === undefined
    ? {}
    : {
        request_id: caller.requestId,
        ...(caller.key === undefined ? {} : { key: caller.key }),
        ...(caller.traceparent === undefined ? {} : { traceparent: caller.traceparent }),
      };

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

function waitingOf({ at, job, history, progress }: Explained, waiting: Waiting): NonNullable<WhyView["waiting"]> {
  return {
    ms: at - (history.attempts.at(-1)?.end?.at ?? job.admittedAt),
    queen: waiting.phase,
    ahead: waiting.ahead,
    workers: waiting.workers.map(otherOf),
    more_workers: waiting.moreWorkers,
    loads: waiting.loads.map((load) => ({ worker: load.worker, ...stepOf(load, at) })),
    failed_loads: waiting.failedLoads,
    ...(waiting.pinned === undefined ? {} : { pinned: waiting.pinned }),
    ...(waiting.crowdedBy === undefined ? {} : { crowded_by: waiting.crowdedBy }),
    ...(progress === undefined ? {} : { progress: { step: progress.step, fraction: progress.fraction } }),
  };
}

function stepOf({ askedAt, reservedAt, loadingAt }: LoadRow, at: number) {
  if (loadingAt !== undefined) return { step: "loading", ms: at - loadingAt } as const;
  if (reservedAt !== undefined) return { step: "starting", ms: at - reservedAt } as const;
  return { step: "deciding", ms: at - askedAt } as const;
}

const otherOf = (other: Alternative): AttemptView["alternatives"][number] => ({
  worker: other.worker,
  hive: hostOf(other.hive),
  state: other.state,
  busy_slots: other.busySlots,
  slots: other.slots,
  ...numbersOf(other),
  ...(other.isDoubted && { doubted: true }),
});

/** What spoke for it, where it is known. */
const numbersOf = ({
  tokensPerS,
  hiveJobs,
  cachedChars,
}: Pick<Alternative, "tokensPerS" | "hiveJobs" | "cachedChars">) => ({
  ...(tokensPerS === undefined ? {} : { tokens_per_second: tenths(tokensPerS) }),
  ...(hiveJobs === undefined ? {} : { machine_jobs: hiveJobs }),
  ...(cachedChars === undefined ? {} : { cached_chars: cachedChars }),
});

function attemptOf(row: AttemptRow, { job, saidTokens }: Explained): AttemptView {
  const said = row.saidTokens ?? (isRunning(row, job) ? saidTokens : undefined);
  return {
    attempt: row.attempt,
    worker: row.worker,
    hive: hostOf(row.hive),
    ...numbersOf(row),
    why: row.why,
    placed_at: isoOf(row.placedAt),
    waited_ms: row.waitedMs,
    ...(row.load === undefined ? {} : { load: loadOf(row.load) }),
    busy_slots: row.busySlots,
    slots: row.slots,
    memory_bytes: row.memoryBytes,
    alternatives: row.alternatives.map(otherOf),
    more_alternatives: row.moreAlternatives,
    other_machines: row.otherMachines,
    ...(said === undefined ? {} : { said_tokens: said }),
    ...endOfAttempt(row, job),
  };
}

const loadOf = ({ waitedMs, decidedMs, startedMs, loadedMs, why, instead, lost, choice }: LoadWait) => ({
  waited_ms: waitedMs,
  deciding_ms: decidedMs,
  starting_ms: startedMs,
  loading_ms: loadedMs,
  why,
  made_room: [...instead],
  ...(choice === undefined ? {} : { choice: choiceOf(choice) }),
  ...(lost === undefined ? {} : { lost: lost.map(lostOf) }),
});

const choiceOf = ({ needBytes, isPinned, seen, more }: HiveChoice) => ({
  ...(needBytes === undefined ? {} : { need_bytes: needBytes }),
  pinned: isPinned,
  machines: seen.map(machineOf),
  more_machines: more,
});

const machineOf = ({ hive, name, workers, hasFile, roomBytes, tokensPerS, against }: HiveSeen) => ({
  hive: hostOf(hive),
  name,
  workers,
  has_file: hasFile,
  ...(roomBytes === undefined ? {} : { room_bytes: Math.max(0, roomBytes) }),
  ...(tokensPerS === 0 ? {} : { tokens_per_second: tenths(tokensPerS) }),
  ...(against === undefined ? {} : { against }),
});

const lostOf = ({ worker, askedAt, at, code, message }: LostLoad) => ({ worker, ms: at - askedAt, code, message });

const isRunning = (row: AttemptRow, { state, attempt }: JobRow): boolean =>
  state === "running" && row.attempt === attempt && row.end === undefined;

/** An attempt that nothing is said against, of a job that is done, is the one that did it. */
function endOfAttempt({ end, placedAt }: AttemptRow, { state, endedAt }: JobRow): Pick<AttemptView, "end"> {
  const found = end ?? (state === "done" && endedAt !== undefined ? { at: endedAt, code: "done", message: "" } : end);
  if (found === undefined) return {};
  const { at, code, message } = found;
  return { end: { at: isoOf(at), ran_ms: at - placedAt, code, message } };
}

function endOf({ admittedAt, usage, failure }: JobRow, endedAt: number): NonNullable<WhyView["end"]> {
  return {
    at: isoOf(endedAt),
    total_ms: endedAt - admittedAt,
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
    ...(usage === undefined
      ? {}
      : {
          usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
          first_token_ms: tenths(usage.firstTokenMs),
          ...rateOf(usage),
        }),
  };
}

/** Tokens behind the first one: that took the prompt's evaluation. */
function rateOf({ completionTokens, firstTokenMs, totalMs }: NonNullable<JobRow["usage"]>) {
  const ms = totalMs - firstTokenMs;
  return completionTokens < 2 || ms <= 0 ? {} : { tokens_per_second: tenths((completionTokens - 1) / (ms / 1000)) };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
