/**
 * A worker's own tables, in memory only: what runs, and the last answers for whoever asks again.
 *
 * @module
 */
import type { AskRef, AskResult } from "../../runtime/envelope.ts";
import { table } from "../../runtime/tables.ts";

/** Who waits for a run, by `job/attempt`. */
export const runs = table<AskRef>({ name: "runs", owner: "worker", volatile: true });

/** How runs ended, by `job/attempt`, also badly: an asker that restarted meanwhile asks again. */
export const answers = table<AskResult>({ name: "answers", owner: "worker", volatile: true });

/** Who waits for what of the worker itself. */
export const waiters = table<AskRef>({ name: "waiters", owner: "worker", volatile: true });

export const ANSWERS_KEPT = 256;

export const workerTables = [runs, answers, waiters];
