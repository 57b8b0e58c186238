/**
 * What a job asks of a worker, and the pieces of output that come of it.
 *
 * @module
 */
import type { Said } from "../../machines/job.ts";
import type { JobRequest } from "../../machines/request.ts";
import type { Attempt } from "../../machines/words.ts";

/** -> `executed {attempt, finish, usage, chunks}`; its text goes as chunks before that. */
export interface ExecuteAsk {
  readonly type: "execute";
  readonly job: string;
  readonly attempt: Attempt;
  readonly request: JobRequest;
  /** Visible already: the worker goes on behind it, with the next index. */
  readonly said: Said;
  /** It was begun there before: it is gone on with, or else refused. */
  readonly isUnderWay?: true;
}

/** A call begins with the name of what is called; its arguments are the JSON behind it, up to the next call. */
export const CHUNK_KINDS = ["text", "embedding", "call", "arguments"] as const;

/** A piece of output on its way to the reader. Never an event of a machine. */
export interface Chunk {
  readonly job: string;
  readonly attempt: Attempt;
  /** Strictly one more than the chunk before it (RJ2). */
  readonly index: number;
  readonly kind: (typeof CHUNK_KINDS)[number];
  /** Nothing of a vector, whose numbers are bytes: little-endian float32. */
  readonly text: string;
  /** How many tokens the text took. */
  readonly tokens: number;
  /** How many tokens the prompt took, with the first piece of an attempt whose engine counts them. */
  readonly promptTokens?: number;
  readonly bytes?: Uint8Array;
}

/** What a call that begins with this chunk is known by. */
export const callIdOf = ({ job, index }: Pick<Chunk, "job" | "index">): string => `call_${job}_${index}`;

/** How a worker is, by its own account, at the moment it was asked. */
export interface Condition {
  readonly state: "loading" | "idle" | "busy" | "stopping" | "stopped";
  /** What it is sick with; undefined when it is well. */
  readonly sickness: { readonly code: string; readonly message: string } | undefined;
  /** What its engine last proved itself by; undefined while the model loads. */
  readonly proof: Proof | undefined;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly uptimeMs: number;
}

export interface Proof {
  readonly by: "probe" | "work";
  readonly agoMs: number;
  /** What the probe took; undefined when its work was proof enough. */
  readonly probe: { readonly firstTokenMs: number; readonly totalMs: number } | undefined;
}

/** Chunks that may be on their way, unread, for one job. */
export const CREDIT_CHUNKS = 256;
