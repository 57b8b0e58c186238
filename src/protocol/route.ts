/**
 * A way in through a door: what it is called by, and what it answers. The seam between doors and the server.
 *
 * Owns the shapes only. Doors make routes out of what they know (src/doors), the server carries them (src/net/serve), a
 * host brings the two together; neither knows the other.
 *
 *  SH1 What a dialect answers, whole, in events or as a refusal, is what its official clients declare: no field of
 *      theirs is missing, and none is added.
 *
 * @module
 */
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Caller } from "../../machines/words.ts";
import type { Peer } from "./cluster-api.ts";
import { type ErrorData, ERRORS } from "./errors.ts";
import type { errorBody } from "./api.ts";

export interface Call {
  /** By name, from the path: `/v2/tasks/:id`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON, not yet checked; nothing when the request has no body. */
  readonly body: unknown;
  /** Came over the node's own socket file, which only its owner can open. */
  readonly local: boolean;
  /** The machine that asks, by its certificate; a server fills it in. */
  readonly peer?: Peer | undefined;
  /** Who asks; a server fills it in. */
  readonly caller?: Caller;
  /** Aborted when the client has gone before the answer's end. */
  readonly signal: AbortSignal;
}

export interface ServerEvent {
  readonly event?: string;
  readonly id?: string | number;
  /** Sent as JSON, unless it is a word of the dialect. */
  readonly data: unknown;
  readonly isWord?: true;
}

export interface EventSink {
  /**
   * Events leave in order; those that are sent without waiting in between leave together.
   *
   * @returns a promise while the client has not taken what it was sent. It rejects with stream.slow when the client
   *   does not catch up in time, and with interrupted when it has gone.
   */
  send(event: ServerEvent): Promise<void> | undefined;
}

/** How events are written: as server-sent events, or as a line of JSON each. */
export type StreamFraming = "sse" | "ndjson";

export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  /** As fast as the client takes them; cut where they break off. */
  | { readonly status: number; readonly bytes: Readable; readonly contentType: string }
  /** The head is sent with the first event: until then a thrown error still becomes an HTTP status. */
  | {
      readonly events: (sink: EventSink) => Promise<void>;
      /** How its dialect says in a stream that it breaks; an event `error` with the refusal where it is not given. */
      readonly broken?: (error: ErrorData) => readonly ServerEvent[];
      /** Server-sent events where it is not given. */
      readonly framing?: StreamFraming;
    };

/** What the document of the API says of a route. */
export interface RouteDoc {
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** What is read of the headers, by lower-case name, beside what every route reads. */
  readonly headers?: z.ZodObject;
  /** By which the body is parsed. */
  readonly body?: z.ZodType;
  /** Of success; 200 where it is not given. */
  readonly status?: number;
  /** Nothing where it answers with a stream, with text, or never as asked. */
  readonly answer?: z.ZodType;
  /** What each event of its stream holds, with its name, where it has one, as its `type`. */
  readonly events?: z.ZodType;
  /** How those are written; server-sent events where it is not given. */
  readonly framing?: StreamFraming;
  /** The media type of an answer that is text. */
  readonly text?: string;
  /** A refusal or failure in its dialect's form; rbee's own where it is not given. */
  readonly refused?: z.ZodType;
}

export interface Route {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  readonly path: string;
  /** Served without a key. */
  readonly open?: true;
  /** A smaller bound than the server's, for what strangers may send. */
  readonly bodyBytesMax?: number;
  /** May throw an RbeeError, which goes out with the status of its code. */
  readonly handle: (call: Call) => Answer | Promise<Answer>;
  /** How its dialect says an error; rbee's own where it is not given. */
  readonly refusal?: (error: ErrorData, requestId: string) => object;
  /** Where its dialect looks for the name of the request, beside `x-request-id`. */
  readonly requestIdHeader?: string;
  readonly doc?: RouteDoc;
}

/** An error in rbee's own dialect. */
export function errorBodyOf({ code, message, details }: ErrorData, requestId: string): z.infer<typeof errorBody> {
  const { advice } = ERRORS[code];
  return { error: { code, message, advice, ...(details && { details: { ...details } }), request_id: requestId } };
}
