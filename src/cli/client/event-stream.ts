/**
 * The events of one answer in server-sent events, until its connection ends or breaks.
 *
 * Owns: reading them. Does not own: what an event means, or coming back after a break (task-stream.ts,
 * download-stream.ts).
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { createParser } from "eventsource-parser";
import { RbeeError } from "../../protocol/errors.ts";
import { type Door, unreachable } from "./door.ts";

export interface EventReading<Event> {
  readonly bytesMax: number;
  /** Undefined passes the event over. What it throws ends the reading. */
  parse(name: string | undefined, data: object): Event | undefined;
}

/** Throws `queen.unreachable` when the connection breaks. */
export async function* readEvents<Event>(
  door: Door,
  response: IncomingMessage,
  { bytesMax, parse }: EventReading<Event>,
): AsyncGenerator<Event> {
  const parsed: Event[] = [];
  const parser = createParser({
    maxBufferSize: bytesMax,
    onEvent({ event, data }) {
      const found = parse(event, asObject(data));
      if (found !== undefined) parsed.push(found);
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
