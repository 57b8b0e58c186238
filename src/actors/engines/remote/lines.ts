/**
 * The lines of an answer that comes in pieces: NDJSON as it is, server-sent events by their data.
 *
 * Owns: cutting bytes into lines, within a bound. Does not own: what a line means.
 *
 *  LN1 A character or a line that is cut by the network is whole when it is told.
 *  LN2 A line without end is endpoint.foreign, and takes no memory beyond the bound.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";

export const LINE_CHARS_MAX = 4 * 2 ** 20;

/** @param heard is told of every piece that comes, whatever is in it */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = "";
  for await (const piece of pieces) {
    heard();
    const lines = (begun + decoder.decode(piece, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    if (begun.length > LINE_CHARS_MAX) throw new RbeeError("endpoint.foreign", "it answers with a line without end");
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (begun !== "") yield begun;
}

/** The data of each event: what an event is called and its comments say nothing here. */
export async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let data: string | undefined;
  for await (const line of lines) {
    if (line === "") {
      if (data !== undefined) yield data;
      data = undefined;
    } else if (line.startsWith("data:")) {
      const more = line.slice(line.startsWith("data: ") ? "data: ".length : "data:".length);
      data = data === undefined ? more : `${data}\n${more}`;
      if (data.length > LINE_CHARS_MAX) throw new RbeeError("endpoint.foreign", "it answers with an event without end");
    }
  }
  // An event that its blank line does not follow was cut off, and says nothing.
}
