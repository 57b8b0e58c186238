/**
 * How a download goes, to its end, however often the connection breaks.
 *
 *  DS1 It ends with `done` or `error`, or throws: a connection that broke is never an end.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import { downloadEvent, type DownloadEvent } from "../protocol/api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { abortReason, type Door, open, unreachable } from "./door.ts";

/** Longer than a node needs to start its hive again; a node that is gone does not come back for us. */
const AWAY_MS = 10_000;
const PAUSE_MS = 250;
const EVENT_BYTES_MAX = 2 ** 20;

export async function* downloadEvents(door: Door, path: string, signal: AbortSignal): AsyncGenerator<DownloadEvent> {
  let lastHeardMs = performance.now();
  for (;;) {
    try {
      for await (const event of eventsOnce(door, path, signal)) {
        lastHeardMs = performance.now();
        yield event;
        if (event.type !== "progress") return;
      }
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      const broke = error instanceof RbeeError && error.code === "queen.unreachable";
      if (!broke || performance.now() - lastHeardMs > AWAY_MS) throw error;
    }
    await pause(PAUSE_MS, undefined, { signal }).catch(() => {
      throw abortReason(signal);
    });
  }
}

async function* eventsOnce(door: Door, path: string, signal: AbortSignal): AsyncGenerator<DownloadEvent> {
  const response = await open(door, { method: "GET", path, signal });
  const heard: DownloadEvent[] = [];
  const parser = createParser({
    maxBufferSize: EVENT_BYTES_MAX,
    onEvent({ event, data }) {
      const found = downloadEvent.safeParse({ ...asObject(data), type: event });
      if (found.success) heard.push(found.data);
      // Other events of a later version are passed over; without its end a download cannot be followed.
      else if (event === "done" || event === "error")
        throw new RbeeError("defect", `the node is of another version: ${event}`);
    },
  });
  response.setEncoding("utf8");
  try {
    for await (const piece of response) {
      parser.feed(String(piece));
      yield* heard.splice(0);
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
