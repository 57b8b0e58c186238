/**
 * The events of something that has an end, as one unbroken stream however often the connection breaks.
 *
 * Owns: resuming behind the last event that has a place. Does not own: reading SSE (event-stream.ts), or which events
 * there are (task-stream.ts, discussion-stream.ts).
 *
 *  S1 Each event that has a place comes exactly once and in order, across any number of resumptions.
 *  S2 The stream ends with its last event, or throws: a connection that broke is never an end.
 *  S3 A queen that stays away longer than {@link AWAY_MS} is `queen.unreachable`.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { RbeeError } from "../../protocol/errors.ts";
import { abortReason, open, type Door } from "./door.ts";
import { type EventReading, readEvents } from "./event-stream.ts";

/** Longer than a queen needs to restart and take up again what she had. */
const AWAY_MS = 30_000;
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 2_000;

export interface Resuming<Event> {
  /** As a person would call it. */
  readonly what: string;
  readonly path: string;
  readonly reading: EventReading<Event>;
  /** Nothing for what is not told again. */
  place(event: Event): number | undefined;
  isLast(event: Event): boolean;
}

export async function* resumedEvents<Event>(
  door: Door,
  resuming: Resuming<Event>,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const { path, reading, place, isLast } = resuming;
  let lastPlace = -1;
  let lastHeardMs = performance.now();
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    const startedMs = performance.now();
    try {
      const headers: Record<string, string> = lastPlace < 0 ? {} : { "last-event-id": String(lastPlace) };
      const response = await open(door, { method: "GET", path, headers, signal });
      for await (const event of readEvents(door, response, reading)) {
        [lastHeardMs, pauseMs] = [performance.now(), PAUSE_FIRST_MS];
        const at = place(event);
        if (at !== undefined && at <= lastPlace) continue;
        lastPlace = at ?? lastPlace;
        yield event;
        if (isLast(event)) return;
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
        `the queen has been silent for ${AWAY_MS / 1_000} s; ${resuming.what} may still be running`,
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
