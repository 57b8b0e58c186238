/**
 * The events of one task, as one unbroken stream however often the connection breaks.
 *
 * Owns: reading SSE, and resuming after the last token seen. Does not own: what the events mean to a person.
 *
 *  S1 Each token comes exactly once and in order, across any number of resumptions.
 *  S2 The stream ends with `done` or `error`, or throws: a connection that broke is never an end.
 *  S3 A queen that stays away longer than {@link AWAY_MS} is `queen.unreachable`.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import { taskEvent, type TaskEvent } from "../protocol/api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { abortReason, open, unreachable, type Door } from "./door.ts";

/** Longer than a queen needs to restart and take her jobs up again. */
const AWAY_MS = 30_000;
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 2_000;
const EVENT_BYTES_MAX = 64 * 1_048_576;

export async function* taskEvents(door: Door, eventsPath: string, signal: AbortSignal): AsyncGenerator<TaskEvent> {
  let lastIndex = -1;
  let lastHeardMs = performance.now();
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    const startedMs = performance.now();
    try {
      const headers: Record<string, string> = lastIndex < 0 ? {} : { "last-event-id": String(lastIndex) };
      const response = await open(door, { method: "GET", path: eventsPath, headers, signal });
      for await (const event of parseEvents(door, response)) {
        [lastHeardMs, pauseMs] = [performance.now(), PAUSE_FIRST_MS];
        if (event.type === "token") {
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

async function* parseEvents(door: Door, response: IncomingMessage): AsyncGenerator<TaskEvent> {
  const parsed: TaskEvent[] = [];
  const parser = createParser({
    maxBufferSize: EVENT_BYTES_MAX,
    onEvent({ event, data }) {
      const found = taskEvent.safeParse({ type: event, ...asObject(data) });
      if (found.success) parsed.push(found.data);
      // Other events of a later version are passed over; without its end a task cannot be followed.
      else if (event === "done" || event === "error") {
        throw new RbeeError("defect", `the queen is of another version: her ${event} event cannot be read`);
      }
    },
  });
  response.setEncoding("utf8");
  try {
    for await (const piece of response) {
      parser.feed(String(piece));
      yield* parsed.splice(0);
    }
  } catch (error) {
    throw error instanceof RbeeError ? error : unreachable(door, error);
  } finally {
    response.destroy();
  }
}

function asObject(data: string): object {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
