/**
 * What the queen is told by configuration. Durations in ms.
 *
 * @module
 */
import type { ProcessEnd } from "../../../machines/process.ts";
import type { Address, Label } from "../../../machines/words.ts";

export interface QueenSettings {
  readonly queueLengthMax: number;
  /** Of a job that names none. */
  readonly jobDeadlineMs: number;
  readonly attemptsMax: number;
  readonly defaultModel: string;
  /** Those that live and end with her. */
  readonly hives: readonly Address[];
  /** What the owner calls her machine. */
  readonly name: string;
  /** How long running jobs may go on when the node stops, and how long workers have to end. */
  readonly finishMs: number;
  readonly stopMs: number;
  /** How long a model is crowded out before it goes before jobs that came later. */
  readonly crowdedMs: number;
  /** The most private work that each server of somebody else's may be given, by its name. */
  readonly endpoints: Readonly<Record<string, Label>>;
}

/** Ended jobs that a lookup still finds. */
export const ENDED_JOBS_KEPT = 1000;

/** Workers for one model that may end in a row while loading before the jobs that wait for it fail. */
export const LOADS_MAX = 3;

export const STOPPED_ON_REQUEST: ProcessEnd = {
  code: "interrupted",
  class: "cancelled",
  message: "it was stopped on request",
};

export const NOT_WANTED: ProcessEnd = {
  code: "interrupted",
  class: "cancelled",
  message: "nobody asked for it any more",
};
