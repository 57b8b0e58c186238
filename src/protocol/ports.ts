/**
 * What cells ask of the node's own ports, all of which answer in the porter, and what they are answered.
 *
 * Owns: the asks and answers of the ports `processes`, `machine` and `streams`. Does not own: who implements them.
 *
 * @module
 */
import type { JobFailure, JobUsage, Said } from "../../machines/job.ts";
import type { Address, Attempt } from "../../machines/words.ts";
import type { Chunk } from "./worker.ts";

/** Where the porter's ports live. */
export const PORTER = "porter";
export const PROCESSES_PORT: Address = `${PORTER}/port/processes`;
export const MACHINE_PORT: Address = `${PORTER}/port/machine`;
export const STREAMS_PORT: Address = `${PORTER}/port/streams`;

export type ProcessesAsk =
  /** -> `forked {pid}`. Once: what a restart cuts short is looked for by its token. */
  | { readonly type: "fork"; readonly token: string; readonly model: string; readonly path: string }
  /** -> `reaped {known, how, lastLines}` when it is over, also when it was never there. */
  | { readonly type: "reap"; readonly token: string }
  /** -> `silent {silentMs}` when nothing was heard from it for that long. */
  | { readonly type: "listen"; readonly token: string; readonly silentMs: number }
  /** -> `signalled`. */
  | { readonly type: "signal"; readonly token: string; readonly signal: "SIGTERM" | "SIGKILL" };

/** -> `measured`, or failed with model.not.found, model.foreign, ... */
export interface MachineAsk {
  readonly type: "measure";
  readonly worker: string;
  readonly model: string;
}

/** News of a job as its readers see it, beside the tokens. */
export type StreamNote =
  | { readonly type: "queued"; readonly position: number }
  | { readonly type: "assigned"; readonly worker: string; readonly attempt: Attempt; readonly why: string };

/** How a job's stream ends. */
export type StreamEnd =
  | {
      readonly type: "done";
      readonly finish: "stop" | "length";
      readonly usage: JobUsage;
      readonly model: string;
      readonly worker: string;
      readonly attempts: number;
      readonly queuedMs: number;
    }
  | { readonly type: "error"; readonly failure: JobFailure };

/** What a reader of a job is given, in this order: news as it comes, chunks by index, then the end. */
export type StreamItem =
  | { readonly type: "note"; readonly note: StreamNote }
  | { readonly type: "loading"; readonly model: string; readonly fraction: number }
  | { readonly type: "chunk"; readonly chunk: Chunk }
  | { readonly type: "end"; readonly end: StreamEnd };

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
    }
  /** -> `sealed` when all of the job's chunks are there, and on disk; failed with stream.lost when some are not. */
  | { readonly type: "seal"; readonly job: string; readonly attempt: Attempt; readonly chunks: number }
  /** No chunk counts until the next `begin`. -> `said {said}`: what readers have been given. */
  | { readonly type: "recall"; readonly job: string }
  /** The last word; readers get it after every token before it. -> `stream.closed`. */
  | { readonly type: "close"; readonly job: string; readonly end: StreamEnd };
