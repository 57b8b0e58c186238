/**
 * The log of one discussion and the words between, to its end.
 *
 * Each event of the log comes once, however often the connection breaks (resumed-stream.ts); words that were said
 * meanwhile may be missing, and their place in what somebody says tells.
 *
 * @module
 */
import { errorBody } from "../../protocol/api.ts";
import { discussionEvent, type DiscussionEvent } from "../../protocol/discussion-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import type { Door } from "./door.ts";
import type { EventReading } from "./event-stream.ts";
import { resumedEvents } from "./resumed-stream.ts";

export const discussionEvents = (door: Door, path: string, signal: AbortSignal): AsyncGenerator<DiscussionEvent> =>
  resumedEvents<DiscussionEvent>(
    door,
    {
      what: "the discussion",
      path,
      reading: READING,
      place: (event) => ("seq" in event ? event.seq : undefined),
      isLast: ({ type }) => type === "final",
    },
    signal,
  );

const READING: EventReading<DiscussionEvent> = {
  bytesMax: 64 * 1_048_576,
  parse(name, data) {
    const found = discussionEvent.safeParse({ type: name, ...data });
    // Other events of a later version are passed over; without its end a discussion cannot be followed.
    if (!found.success && name === "final") {
      throw new RbeeError("defect", "the queen is of another version: her final event cannot be read");
    }
    const refused = name === "error" ? errorBody.safeParse(data) : undefined;
    // A stream that began well and failed ends with an error in place of a status.
    if (refused?.success === true) throw errorFrom(refused.data.error.code, refused.data.error.message);
    return found.data;
  },
};
