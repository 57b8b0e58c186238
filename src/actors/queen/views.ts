/**
 * What she tells when asked: one job, or everything she knows.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { QueenContext } from "../../../machines/queen.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { type Command, refuse, reply, type Scope, type Shortage } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import type { QueenSettings } from "./settings.ts";
import { jobFor } from "./keys.ts";
import { type HiveRow, hives, jobs, workers } from "./tables.ts";

const read = reader<QueenEvent>();

export interface JobViewEvent {
  readonly type: "job.view";
  readonly job: JobRow;
}

export interface QueenStatus {
  readonly type: "queen.status";
  readonly epoch: number;
  readonly state: QueenContext["phase"];
  readonly refusing: Shortage | undefined;
  readonly queue: { readonly length: number; readonly max: number; readonly running: number };
  readonly workers: readonly WorkerRow[];
  readonly hives: readonly HiveRow[];
}

/** The same for one that never was and for somebody else's. */
export const noJob = (job: string): ErrorData => ({ code: "request.not.found", message: `there is no job ${job}` });

export function answerLookup(_params: unknown, scope: Scope): readonly Command[] {
  const asked = read(scope, "lookup");
  if (scope.re === undefined) return [];
  const row = jobFor(asked, scope);
  if (row === undefined) return [refuse(scope.re, noJob(asked.job))];
  const view: JobViewEvent = { type: "job.view", job: row };
  return [reply(scope.re, view)];
}

export const answerStatus =
  (settings: QueenSettings) =>
  ({ epoch, phase }: QueenContext, scope: Scope): readonly Command[] => {
    if (scope.re === undefined) return [];
    const { queued, running } = scope.rows(jobs).index;
    const status: QueenStatus = {
      type: "queen.status",
      epoch,
      state: phase,
      refusing: scope.refusing,
      queue: { length: queued, max: settings.queueLengthMax, running },
      workers: [...scope.rows(workers).entries()].map(([, row]) => row),
      hives: [...scope.rows(hives).entries()].map(([, row]) => row),
    };
    return [reply(scope.re, status)];
  };
