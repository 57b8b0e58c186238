/**
 * One request to a model, from its submission to its end.
 *
 * Owns: following a task, and cancelling it when nobody wants it any more. Does not own: where its words go.
 *
 *  AN1 When the signal aborts, the task is cancelled at once, and what was said before stays said.
 *  AN2 It returns only what the model finished; anything else is thrown.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { TaskBody, TaskEvent } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import type { Client } from "../client/client.ts";
import { abortReason } from "../client/door.ts";

export type DoneEvent = Extract<TaskEvent, { type: "done" }>;

/** How long leaving may wait for the queen to take the cancel. */
const CANCEL_MS = 1_000;

/** @param on is awaited: a slow reader slows the stream, and not this process's memory. */
export async function answer(
  client: Client,
  task: TaskBody,
  signal: AbortSignal,
  on: (event: TaskEvent) => Promise<void>,
): Promise<DoneEvent> {
  signal.throwIfAborted();
  const left = new AbortController();
  const submitted = client.submit(task, left.signal);
  try {
    const accepted = await unlessAborted(submitted, signal);
    for await (const event of client.events(accepted, signal)) {
      await on(event);
      if (event.type === "error") throw errorFrom(event.code, event.message);
      if (event.type === "done") return event;
    }
  } catch (error) {
    if (signal.aborted) {
      const cancelled = submitted.then(({ job_id }) => client.cancel(job_id, left.signal));
      // Whatever becomes of it, we leave: a queen that is gone has nothing left to cancel.
      await Promise.race([cancelled.catch(() => {}), pause(CANCEL_MS, undefined, { ref: false })]);
    }
    left.abort();
    throw error;
  }
  throw new RbeeError("defect", "the events of a task ended without an end");
}

/** @throws the reason of the signal, without waiting for what it was to give */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(abortReason(signal)), { once: true });
  });
  return Promise.race([promise, aborted]);
}
