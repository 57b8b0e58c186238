/**
 * What cells ask of the node's own ports, all of which answer in the porter, and what they are answered.
 *
 * Owns: the asks and answers of the ports `processes`, `machine`, `models` and `streams`. Does not own: who implements
 * them.
 *
 * @module
 */
import type { ModelPlan } from "../../machines/download.ts";
import type { Finish, JobFailure, JobUsage, Said } from "../../machines/job.ts";
import type { Address, Attempt } from "../../machines/words.ts";
import type { DownloadStanding } from "./download-api.ts";
import type { Chunk } from "./worker.ts";

/** Where the porter's ports live. */
export const PORTER = "porter";
export const PROCESSES_PORT: Address = `${PORTER}/port/processes`;
export const MACHINE_PORT: Address = `${PORTER}/port/machine`;
export const MODELS_PORT: Address = `${PORTER}/port/models`;
export const STREAMS_PORT: Address = `${PORTER}/port/streams`;
/** Of the team: models, readers, and the folder of what is over. */
export const CALLS_PORT: Address = `${PORTER}/port/calls`;
export const AUDIENCE_PORT: Address = `${PORTER}/port/audience`;
export const ARCHIVE_PORT: Address = `${PORTER}/port/archive`;

export type ProcessesAsk =
  /** -> `forked {pid}`. Once: what a restart cuts short is looked for by its token. */
  | {
      readonly type: "fork";
      readonly token: string;
      readonly model: string;
      readonly path: string;
      readonly threads: number;
      /** Where it was given room. */
      readonly device: string;
    }
  /** -> `reaped {known, how, exit, lastLines, starved}` when it is over, also when it was never there. */
  | { readonly type: "reap"; readonly token: string }
  /** -> `silent {silentMs}` when nothing was heard from it for that long. */
  | { readonly type: "listen"; readonly token: string; readonly silentMs: number }
  /** -> `signalled`. */
  | { readonly type: "signal"; readonly token: string; readonly signal: "SIGTERM" | "SIGKILL" };

export type MachineAsk =
  /** -> `measured`, or failed with model.not.found, model.foreign, ... */
  | {
      readonly type: "measure";
      readonly worker: string;
      readonly model: string;
      readonly running: readonly { readonly worker: string; readonly pid: number }[];
    }
  /** -> `weighed {peakBytes, devices}`: the most that this process has taken, and what is free. */
  | { readonly type: "weigh"; readonly worker: string; readonly pid: number; readonly profile: string }
  /** -> `looked {devices}` when so much is free on this device, or a few seconds later. */
  | { readonly type: "look"; readonly worker: string; readonly device: string; readonly freeBytes: number }
  /** -> `memory.came {key}` once so much is free there, less what these have yet to take. Dropped when nobody waits. */
  | {
      readonly type: "lookout";
      readonly key: string;
      readonly device: string;
      readonly untilFreeBytes: number;
      readonly booked: readonly { readonly worker: string; readonly pid: number; readonly reservedBytes: number }[];
    };

/** Failures are failures of the ask; whether to try again is their class. */
export type ModelsAsk =
  /** -> `resolved {plan}`: which files of the hub the name means. */
  | { readonly type: "resolve"; readonly model: string }
  /** -> `room.measured`: what these still have to write, and what the disk has. */
  | { readonly type: "room"; readonly plan: ModelPlan; readonly others: readonly ModelPlan[] }
  /** -> `fetched` when every byte is on the disk, or `cut` with what is; begun where an earlier fetch ended. */
  | { readonly type: "fetch"; readonly model: string; readonly plan: ModelPlan }
  /** -> `checked` when the files are what the hub says, and lie in the catalog. What is not is deleted. */
  | { readonly type: "check"; readonly model: string; readonly plan: ModelPlan }
  /** -> `removed {key, bytes}`; refused with model.in.use when it is one of those files. */
  | { readonly type: "remove"; readonly key: string; readonly model: string; readonly inUse: readonly string[] };

/** News of a job as its readers see it, beside the tokens. */
export type StreamNote =
  | { readonly type: "queued"; readonly position: number }
  | { readonly type: "assigned"; readonly worker: string; readonly attempt: Attempt; readonly why: string };

/** How a job's stream ends. */
export type StreamEnd =
  | {
      readonly type: "done";
      readonly finish: Finish;
      /** The stop string that ended it. */
      readonly stop?: string;
      readonly usage: JobUsage;
      readonly model: string;
      readonly worker: string;
      readonly attempts: number;
      readonly queuedMs: number;
      /** Of that, what went by while its model was loaded. */
      readonly loadMs: number;
    }
  | { readonly type: "error"; readonly failure: JobFailure };

/** What a reader of a job is given, in this order: news as it comes, chunks by index, then the end. */
export type StreamItem =
  | { readonly type: "note"; readonly note: StreamNote }
  /** Of a model's way here and into memory. */
  | {
      readonly type: "loading";
      readonly model: string;
      readonly fraction: number;
      readonly step: "download" | "load";
      /** On its way here. */
      readonly download?: DownloadStanding;
    }
  | { readonly type: "chunk"; readonly chunk: Chunk }
  | { readonly type: "end"; readonly end: StreamEnd };

/** Of a job with `isAwaited` nothing has to be on disk before the answer. */
export type StreamsAsk =
  /** From now on only chunks of this attempt count, behind what was said. -> `stream.begun`. */
  | {
      readonly type: "begin";
      readonly job: string;
      readonly attempt: Attempt;
      readonly said: Said;
      /** The host of the worker that its credit goes to. */
      readonly worker: string;
      readonly note: StreamNote;
      /** The attempt was begun before, and what it says counts again. */
      readonly isUnderWay?: true;
    }
  /** -> `sealed` when all of the job's chunks are there, and kept; failed with stream.lost when some are not. */
  | {
      readonly type: "seal";
      readonly job: string;
      readonly attempt: Attempt;
      readonly chunks: number;
      readonly isAwaited: boolean;
    }
  /** No chunk counts until the next `begin`. -> `said {said}`: what readers have been given. */
  | { readonly type: "recall"; readonly job: string }
  /** The last word; readers get it after every token before it. -> `stream.closed {saidTokens}`. */
  | { readonly type: "close"; readonly job: string; readonly end: StreamEnd; readonly isAwaited: boolean };
