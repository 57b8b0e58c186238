/**
 * The events of one task, to its end: each token once, however often the connection breaks (resumed-stream.ts).
 *
 * @module
 */
import { taskEvent, type TaskEvent } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { Door } from "./door.ts";
import type { EventReading } from "./event-stream.ts";
import { resumedEvents } from "./resumed-stream.ts";

export const taskEvents = (door: Door, path: string, signal: AbortSignal): AsyncGenerator<TaskEvent> =>
  resumedEvents(
    door,
    {
      what: "the job",
      path,
      reading: READING,
      place: (event) => ("index" in event ? event.index : undefined),
      isLast: ({ type }) => type === "done" || type === "error",
    },
    signal,
  );

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
