/**
 * The events of one task, as one unbroken stream however often the connection breaks.
 *
 * Owns: resuming after the last token seen. Does not own: reading SSE (event-stream.ts), or what the events mean to a
 * person.
 *
 *  S1 Each token comes exactly once and in order, across any number of resumptions.
 *  S2 The stream ends with `done` or `error`, or throws: a connection that broke is never an end.
 *  S3 A queen that stays away longer than {@link AWAY_MS} is `queen.unreachable`.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { taskEvent, type TaskEvent } from "../protocol/api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { abortReason, open, type Door } from "./door.ts";
import { type EventReading, readEvents } from "./event-stream.ts";

/** Longer than a queen needs to restart and take her jobs up again. */
const AWAY_MS = 30_000;
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 2_000;

export async function* taskEvents(door: Door, eventsPath: string, signal: AbortSignal): AsyncGenerator<TaskEvent> {
  let lastIndex = -1;
  let lastHeardMs = performance.now();
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    const startedMs = performance.now();
    try {
      const headers: Record<string, string> = lastIndex < 0 ? {} : { "last-event-id": String(lastIndex) };
      const response = await open(door, { method: "GET", path: eventsPath, headers, signal });
      for await (const event of readEvents(door, response, READING)) {
        [lastHeardMs, pauseMs] = [performance.now(), PAUSE_FIRST_MS];
        if ("index" in event) {
          if (event.index <= lastIndex) continue;
          lastIndex = event.index;
        }
        yield event;
        if (event.type === "done" || event.type === "error") return;
      }
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (!isBreak(error)) throw error;
    }
    // A stream that was open for a while had a queen at its other end, even if she had nothing to tell.
    if (performance.now() - startedMs > PAUSE_MAX_MS) lastHeardMs = performance.now();
    if (performance.now() - lastHeardMs > AWAY_MS) {
      throw new RbeeError(
        "queen.unreachable",
        `the queen has been silent for ${AWAY_MS / 1_000} s; the job may still be running`,
      );
    }
    await pause(pauseMs, undefined, { signal }).catch(() => {
      throw abortReason(signal);
    });
    pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS);
  }
}

/** A broken connection, or a queen that is just starting: both pass. */
const isBreak = (error: unknown): boolean =>
  error instanceof RbeeError && (error.code === "queen.unreachable" || error.code === "admission.closed");

const READING: EventReading<TaskEvent> = {
  bytesMax: 64 * 1_048_576,
  parse(name, data) {
    const found = taskEvent.safeParse({ type: name, ...data });
    // Other events of a later version are passed over; without its end a task cannot be followed.
    if (!found.success && (name === "done" || name === "error")) {
      throw new RbeeError("defect", `the queen is of another version: her ${name} event cannot be read`);
    }
    return found.data;
  },
};
