/**
 * How a download goes, to its end, however often the connection breaks.
 *
 *  DS1 It ends with `done` or `error`, or throws: a connection that broke is never an end.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { downloadEvent, type DownloadEvent } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { abortReason, type Door, open } from "./door.ts";
import { type EventReading, readEvents } from "./event-stream.ts";

/** Longer than a node needs to start its hive again; a node that is gone does not come back for us. */
const AWAY_MS = 10_000;
const PAUSE_MS = 250;

export async function* downloadEvents(door: Door, path: string, signal: AbortSignal): AsyncGenerator<DownloadEvent> {
  let lastHeardMs = performance.now();
  for (;;) {
    try {
      const response = await open(door, { method: "GET", path, signal });
      for await (const event of readEvents(door, response, READING)) {
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

const READING: EventReading<DownloadEvent> = {
  bytesMax: 2 ** 20,
  parse(name, data) {
    const found = downloadEvent.safeParse({ ...data, type: name });
    // Other events of a later version are passed over; without its end a download cannot be followed.
    if (!found.success && (name === "done" || name === "error")) {
      throw new RbeeError("defect", `the node is of another version: ${name}`);
    }
    return found.data;
  },
};
