/**
 * The Server port: what a remote engine asks of somebody else's program, over HTTP.
 *
 * Owns: the port's shape, and nothing else. The real one goes out through src/net/egress.ts.
 *
 *  SV1 A call ends: with an answer, with an RbeeError endpoint.unreachable, endpoint.lost, endpoint.stalled or
 *      endpoint.foreign, or with what its signal was aborted with. The same holds for reading what was answered, which
 *      is never endpoint.unreachable: that says that nothing was sent.
 *  SV2 A signal that is aborted cuts the request, so that the server stops as well.
 *  SV3 What is said goes only where its label may: privacy.refused.
 *
 * @module
 */
import type { Label } from "../../../../machines/words.ts";

export interface Say {
  /** Sent as JSON. */
  readonly body: unknown;
  readonly label: Label;
}

export interface Answer {
  readonly status: number;
  /** What the server asks for before the next call. */
  readonly retryAfterMs: number | undefined;
  /** @throws RbeeError endpoint.foreign for more than the bound */
  text(bytesMax: number): Promise<string>;
  /** As it comes, read no faster than it is taken. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Of the pieces nothing is missing any more, though the server has not said so: it may be asked again. */
  whole(): void;
}

export interface Server {
  /** As it stands in messages. */
  readonly name: string;
  /** Asks for what is at a path below the server's address; what is said goes there by POST. */
  call(path: string, say: Say | undefined, signal: AbortSignal): Promise<Answer>;
}

/** Time, for an engine that waits. */
export interface RemoteClock {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
}
