/**
 * How the events of a stream are written: as server-sent events, or as lines of JSON.
 *
 *  FR1 What is written of one event is one frame, whatever its data holds: no text of a model ends it early.
 *  FR2 A line of JSON is the data of an event alone: it has no place for a name or an id, and no word but JSON.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @see https://github.com/ndjson/ndjson-spec
 * @module
 */
import type { ServerEvent, StreamFraming } from "../protocol/route.ts";

export interface Framing {
  readonly contentType: string;
  readonly frameOf: (event: ServerEvent) => string;
  /** Says that the stream lives, to nobody who reads its events; nothing where every line is one. */
  readonly beat: string | undefined;
}

export const FRAMINGS: Readonly<Record<StreamFraming, Framing>> = {
  sse: { contentType: "text/event-stream; charset=utf-8", frameOf: eventFrame, beat: ": \n\n" },
  ndjson: { contentType: "application/x-ndjson; charset=utf-8", frameOf: lineFrame, beat: undefined },
};

function eventFrame({ event, id, data, isWord }: ServerEvent): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  const mark = id === undefined ? "" : `id: ${id}\n`;
  return `${name}${mark}data: ${isWord === true ? String(data) : JSON.stringify(data)}\n\n`;
}

function lineFrame({ data }: ServerEvent): string {
  return `${JSON.stringify(data)}\n`;
}
