/**
 * What became of a job, kept for whoever asks why: what it stood behind, and each attempt with its worker, what else
 * there was, what it waited for and how it ended.
 *
 * Owns: the rows of that history and what they say. Does not own any decision: none is ever made by them.
 *
 *  HI1 A history is bounded: in attempts by the job's own bound, in alternatives by {@link ALTERNATIVES_MAX} for each;
 *      the rest is counted.
 *  HI2 Of the reasons why an attempt ended the first stands: the others follow from it.
 *  HI3 A job waited for a load only for as long as both of them stood open: never longer than it waited at all.
 *  HI4 A load that was lost while a job waited is told with the load that came after it: with its reason, and its time.
 *
 * @module
 */
import type { Address, Attempt } from "../words.ts";
import type { Fleet, WorkerRow } from "./fleet.ts";
import type { Candidate } from "./schedule.ts";

/** A worker that was lost on its way to being ready. */
export interface LostLoad {
  readonly worker: string;
  readonly askedAt: number;
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/** How far a worker has come, by wall time; what has not happened yet is not known. */
export interface LoadRow {
  readonly worker: string;
  readonly model: string;
  /** The queen asked its hive for it. */
  readonly askedAt: number;
  /** The hive had what it takes, a download among it, and booked its memory. */
  readonly reservedAt: number | undefined;
  /** Its process was up. */
  readonly loadingAt: number | undefined;
  readonly readyAt: number | undefined;
  /** The hive's word on its decision. */
  readonly why: string;
  /** Workers that were ended to make room for it. */
  readonly instead: readonly string[];
  /** Those of its model that were lost in a row before it was asked for. */
  readonly lost?: readonly LostLoad[];
  /** Nothing where there was one machine only. */
  readonly choice?: HiveChoice;
}

/** A load that a job waited for, in ms of each of its parts. */
export interface LoadWait {
  readonly worker: string;
  /** What of it fell into the job's own waiting. */
  readonly waitedMs: number;
  /** Until the hive had decided; a download is in it. */
  readonly decidedMs: number;
  readonly startedMs: number;
  readonly loadedMs: number;
  readonly why: string;
  readonly instead: readonly string[];
  /** Those before it that were lost while the job waited. HI4. */
  readonly lost?: readonly LostLoad[];
  readonly choice?: HiveChoice;
}

/** A worker of the same model that was not chosen. */
export interface Alternative {
  readonly worker: string;
  readonly hive: Address;
  readonly state: WorkerRow["state"];
  readonly busySlots: number;
  readonly slots: number;
  /** Of the model on its machine, where it was measured. */
  readonly tokensPerS?: number;
  /** Jobs that its whole machine had, where it had any. */
  readonly hiveJobs?: number;
  /** Characters of the prompt that it had in its cache, where it had any. */
  readonly cachedChars?: number;
  /** Its machine was not sure to be there. */
  readonly isDoubted?: true;
}

/** A machine that the model could have been loaded on, or was. */
export interface HiveSeen {
  readonly hive: Address;
  readonly name: string;
  readonly workers: number;
  readonly hasFile: boolean;
  readonly roomBytes: number | undefined;
  readonly tokensPerS: number;
  /** Why it was none, or the last to be asked. */
  readonly against: "away" | "doubted" | "draining" | "failed" | undefined;
}

/** How its machine was chosen: the chosen one first. */
export interface HiveChoice {
  readonly needBytes: number | undefined;
  readonly isPinned: boolean;
  readonly seen: readonly HiveSeen[];
  /** Machines that are not listed. */
  readonly more: number;
}

export interface AttemptEnd {
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

export interface AttemptRow extends Omit<Alternative, "state"> {
  readonly attempt: Attempt;
  readonly why: string;
  readonly placedAt: number;
  /** Since its admission, or since the attempt before it ended. */
  readonly waitedMs: number;
  readonly memoryBytes: number;
  readonly load: LoadWait | undefined;
  readonly alternatives: readonly Alternative[];
  /** Alternatives that are not listed. */
  readonly moreAlternatives: number;
  /** Machines of the cluster beside the chosen one. */
  readonly otherMachines: number;
  /** Said by it and those before it, once it was lost. */
  readonly saidTokens: number | undefined;
  /** Nothing while it runs, and of one that said all it had to say. */
  readonly end: AttemptEnd | undefined;
}

export interface JobHistory {
  /** Jobs of its model that it stood behind when it was admitted. */
  readonly ahead: number;
  readonly attempts: readonly AttemptRow[];
}

/** What a job waits for that is queued now. */
export interface Waiting {
  /** The queen's own state: she places only while she serves. */
  readonly phase: string;
  /** Jobs that go before it. */
  readonly ahead: number;
  readonly workers: readonly Alternative[];
  readonly moreWorkers: number;
  /** Of those workers that are on their way. */
  readonly loads: readonly LoadRow[];
  /** Loads of its model that failed in a row. */
  readonly failedLoads: number;
  /** Where its model has no room beside what runs: what is in the way, in words. */
  readonly crowdedBy: string | undefined;
  /** The machine that it is to run on, where it is to run on one. */
  readonly pinned?: { readonly name: string; readonly state: "serving" | "doubted" | "draining" | "away" };
}

export const ALTERNATIVES_MAX = 4;

export const NO_HISTORY: JobHistory = { ahead: 0, attempts: [] };

export const withAttempt = ({ ahead, attempts }: JobHistory, attempt: AttemptRow): JobHistory => ({
  ahead,
  attempts: [...attempts, attempt],
});

/** The attempt has ended. The history itself where it had, or was never begun: HI2. */
export function withEnd(history: JobHistory, attempt: Attempt, end: AttemptEnd): JobHistory {
  return changed(history, attempt, (row) => (row.end === undefined ? { ...row, end } : row));
}

/** It goes on after all. */
export const withoutEnd = (history: JobHistory, attempt: Attempt): JobHistory =>
  changed(history, attempt, (row) => ({ ...row, saidTokens: undefined, end: undefined }));

export const withSaid = (history: JobHistory, attempt: Attempt, saidTokens: number): JobHistory =>
  changed(history, attempt, (row) => ({ ...row, saidTokens }));

function changed(history: JobHistory, attempt: Attempt, change: (row: AttemptRow) => AttemptRow): JobHistory {
  const attempts = history.attempts.map((row) => (row.attempt === attempt ? change(row) : row));
  const same = attempts.every((row, at) => row === history.attempts[at]);
  return same ? history : { ...history, attempts };
}

/** The workers of a model but for one: those that would be taken next come first. */
export function alternatives(
  model: string,
  chosen: string | undefined,
  fleet: Pick<Fleet, "ranked" | "size">,
  worker: (id: string) => WorkerRow | undefined,
  among: readonly Candidate[] = [],
): Pick<AttemptRow, "alternatives" | "moreAlternatives"> {
  const listed: Alternative[] = [];
  const ids = new Set([...among.map((candidate) => candidate.worker), ...fleet.ranked(model, ALTERNATIVES_MAX + 1)]);
  for (const id of ids) {
    const row = id === chosen ? undefined : worker(id);
    if (row === undefined || listed.length === ALTERNATIVES_MAX) continue;
    listed.push({ ...alternativeOf(row), ...seenOf(id, among) });
  }
  const others = fleet.size(model) - (chosen === undefined ? 0 : 1);
  return { alternatives: listed, moreAlternatives: others - listed.length };
}

const alternativeOf = ({ id, hive, state, jobs, slots, tokensPerS, isDoubted }: WorkerRow): Alternative => ({
  worker: id,
  hive,
  state,
  busySlots: jobs.length,
  slots,
  ...paceTold(tokensPerS),
  ...(isDoubted && { isDoubted }),
});

export const paceTold = (tokensPerS: number): Pick<Alternative, "tokensPerS"> => (tokensPerS > 0 ? { tokensPerS } : {});

/** What the choice saw of it. */
export function seenOf(worker: string, among: readonly Candidate[]): Pick<Alternative, "hiveJobs" | "cachedChars"> {
  const { hiveJobs = 0, cachedChars = 0 } = among.find((candidate) => candidate.worker === worker) ?? {};
  return { ...(hiveJobs > 0 && { hiveJobs }), ...(cachedChars > 0 && { cachedChars }) };
}

/** What a job that waited since then waited of this load; nothing of one that was over: HI3. */
export function waitFor(load: LoadRow | undefined, sinceAt: number): LoadWait | undefined {
  if (load?.readyAt === undefined || load.readyAt <= sinceAt) return undefined;
  const { worker, askedAt, readyAt, why, instead, choice } = load;
  const lost = load.lost?.filter(({ at }) => at > sinceAt) ?? [];
  const reservedAt = load.reservedAt ?? askedAt;
  const loadingAt = load.loadingAt ?? reservedAt;
  return {
    worker,
    waitedMs: readyAt - Math.max(askedAt, sinceAt),
    decidedMs: reservedAt - askedAt,
    startedMs: loadingAt - reservedAt,
    loadedMs: readyAt - loadingAt,
    why,
    instead,
    ...(lost.length === 0 ? {} : { lost }),
    ...(choice === undefined ? {} : { choice }),
  };
}

/** Of all that a job waited, what went by while its model was loaded. */
export const loadWaitedMs = ({ attempts }: JobHistory): number =>
  attempts.reduce((sum, { load }) => sum + (load?.waitedMs ?? 0), 0);
