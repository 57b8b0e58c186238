/**
 * A stream of events on one response: order, backpressure, and an end for clients that do not read.
 *
 * Owns what every such stream has in common. Does not own: how an event is written, which is framing.ts: server-sent
 * events, or lines of JSON.
 *
 *  E1 Nothing is buffered without bound: a client behind by more than {@link BUFFERED_BYTES_MAX}, or for longer than
 *     the stall time, is cut with stream.slow.
 *  E2 Events that are at hand together leave in one write, before the event loop goes on.
 *  E3 The head leaves with the first event. From that on a failure is an event, however close behind it.
 *  E4 A stream with nothing to say still shows that it lives, every {@link BEAT_MS}, where its framing has a word for
 *     that.
 *  E5 Of a stream whose client has gone nothing runs on, also when it had gone before the stream began.
 *
 * @module
 */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { RbeeError } from "../protocol/errors.ts";
import type { EventSink, ServerEvent } from "../protocol/route.ts";
import type { Framing } from "./framing.ts";
import { onceHalfClosed } from "./half-closed.ts";

export const BUFFERED_BYTES_MAX = 1 << 20;
/** Half of what clients wait before they take silence for the end. */
export const BEAT_MS = 15_000;
/** More than this is not gathered. */
const WRITE_CHARS = 16_384;

/** However it is framed, no proxy may keep it or hold it back. */
const headOf = ({ contentType }: Framing): OutgoingHttpHeaders => ({
  "content-type": contentType,
  "cache-control": "no-store",
  "x-accel-buffering": "no",
});

export class EventStream implements EventSink {
  readonly #response: ServerResponse;
  readonly #framing: Framing;
  readonly #stallTimeoutMs: number;
  #pending = "";
  #behind: PromiseWithResolvers<void> | undefined;
  #stall: NodeJS.Timeout | undefined;
  #cut: RbeeError | undefined;
  readonly #beat: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, framing: Framing, stallTimeoutMs: number) {
    this.#response = response;
    this.#framing = framing;
    this.#stallTimeoutMs = stallTimeoutMs;
    const show = (): void => {
      const isQuiet = response.headersSent && this.#behind === undefined && this.#cut === undefined;
      if (isQuiet && framing.beat !== undefined) response.write(framing.beat);
    };
    this.#beat = framing.beat === undefined ? undefined : setInterval(show, BEAT_MS);
    onceHalfClosed(response, show);
    response.on("drain", () => this.#caughtUp());
    response.on("close", () => this.#end(new RbeeError("interrupted", "The client has gone.")));
    response.on("error", () => this.#end(new RbeeError("interrupted", "The client has gone.")));
    // E5. That it closed is not said again.
    if (response.destroyed) this.#end(new RbeeError("interrupted", "The client has gone."));
  }

  get started(): boolean {
    return this.#response.headersSent || this.#pending !== "";
  }

  send(event: ServerEvent): Promise<void> | undefined {
    if (this.#response.destroyed) this.#end(new RbeeError("interrupted", "The client has gone."));
    if (this.#cut !== undefined) return refused(this.#cut);
    // After the microtasks: whoever waits between two events that are at hand already costs no second write.
    if (this.#pending === "") process.nextTick(() => this.#flush());
    this.#pending += this.#framing.frameOf(event);
    if (this.#pending.length >= WRITE_CHARS) this.#flush();
    if (this.#pending.length + this.#response.writableLength > BUFFERED_BYTES_MAX) {
      return refused(this.#cutSlow("more is waiting for the client than may be buffered"));
    }
    return this.#behind?.promise;
  }

  /** Sends what is left and ends the response. */
  finish(): void {
    this.#flush();
    clearTimeout(this.#stall);
    clearInterval(this.#beat);
    if (this.#cut !== undefined) return;
    if (!this.started) this.#response.writeHead(200, headOf(this.#framing));
    // What the kernel does not take in time is dropped, so that a client that stopped reading frees its place.
    const stall = setTimeout(() => this.#response.destroy(), this.#stallTimeoutMs);
    this.#response.end(() => clearTimeout(stall));
    this.#response.on("close", () => clearTimeout(stall));
  }

  #flush(): void {
    if (this.#pending === "" || this.#cut !== undefined) return;
    const text = this.#pending;
    this.#pending = "";
    if (!this.#response.headersSent) this.#response.writeHead(200, headOf(this.#framing));
    if (this.#response.write(text) || this.#behind !== undefined) return;
    this.#behind = Promise.withResolvers();
    this.#behind.promise.catch(ignored);
    this.#stall = setTimeout(() => this.#cutSlow("nothing was read for too long"), this.#stallTimeoutMs);
  }

  #caughtUp(): void {
    clearTimeout(this.#stall);
    this.#behind?.resolve();
    this.#behind = undefined;
  }

  #cutSlow(why: string): RbeeError {
    const error = new RbeeError("stream.slow", `The stream was cut: ${why}.`);
    this.#end(error);
    this.#response.destroy();
    return error;
  }

  #end(error: RbeeError): void {
    clearInterval(this.#beat);
    clearTimeout(this.#stall);
    this.#cut ??= error;
    this.#behind?.reject(this.#cut);
    this.#behind = undefined;
  }
}

/** A sender that does not wait may ignore that its client has gone; the process must not end of it. */
const ignored = (): void => {};

function refused(why: RbeeError): Promise<never> {
  const refusal = Promise.reject(why);
  refusal.catch(ignored);
  return refusal;
}
