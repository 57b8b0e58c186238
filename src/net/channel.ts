/**
 * A channel: frames both ways over one duplex stream, such as the pipe between a process and its parent.
 *
 * Owns: gathering small frames that come close together into one write, and the bound on what waits to be written.
 * Does not own: what frames mean, or asking for a lost one again: one that was taken may still be lost with the peer.
 *
 *  C1 Frames arrive whole, in order, each at most once.
 *  C2 No more than {@link PENDING_BYTES_MAX} wait: what does not fit is not taken, and `onDrain` says when to retry.
 *  C3 `onClosed` comes exactly once, after the last `onFrame`; with `frame.invalid` if the peer sent what is no frame.
 *
 *  C4 Only what its sender says may wait is held back to be gathered; what may not leaves at once, behind what waits.
 *
 * @module
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { RbeeError, errorData } from "../protocol/errors.ts";
import type { ErrorData } from "../protocol/errors.ts";
import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES, FrameDecoder, assertFrameLength } from "./frames.ts";

export const PENDING_BYTES_MAX = 4 * FRAME_BYTES_MAX;

/** The descriptor on which a process finds the channel to the parent that forked it. */
export const CHANNEL_FD = 3;

/** Frames that fit are copied into one batch; larger ones are written as they are. */
const BATCH_BYTES = 64 * 1024;

/** What may wait and follows a write so soon leaves with others: a write costs more than a frame. */
const GATHER_MS = 2;

export interface ChannelEvents {
  onFrame(bytes: Buffer): void;
  onClosed(cause?: ErrorData): void;
  /** What waited has been written: a sender that was told `full` may go on. */
  onDrain?(): void;
}

/** `full`: not taken, try again after `onDrain`. `gone`: not taken, and never will be. */
export type SendResult = "sent" | "full" | "gone";

export interface Channel {
  /** A frame above 64 KiB is not copied: leave its bytes alone until the next `onDrain`. */
  send(bytes: Uint8Array, mayWait?: boolean): SendResult;
  /** Writes what was taken, then ends. Resolves when that is done or the peer is gone. */
  end(): Promise<void>;
  /** Closes now; what waits is lost. */
  destroy(): void;
}

/** The child's side: opens the channel that its parent left on `fd`. Keeps the process alive until it closes. */
export const openChannel = (fd: number, events: ChannelEvents): Channel => channelOver(new Socket({ fd }), events);

export function channelOver(stream: Duplex, events: ChannelEvents): Channel {
  const batch = new Batch(stream);
  let owesDrain = false;
  let cause: ErrorData | undefined;

  const decoder = new FrameDecoder((bytes) => events.onFrame(bytes));

  stream.on("data", (chunk: Buffer) => {
    try {
      decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof RbeeError && error.code === "frame.invalid")) throw error;
      cause = errorData(error);
      stream.destroy();
    }
  });
  stream.on("drain", () => {
    if (!owesDrain) return;
    owesDrain = false;
    events.onDrain?.();
  });
  // A peer that is gone shows as an error here or there, depending on who noticed first; `close` follows either way.
  stream.on("error", () => {});
  stream.once("close", () => events.onClosed(cause));

  return {
    send(bytes, mayWait = false) {
      assertFrameLength(bytes.length);
      if (!stream.writable) return "gone";
      const length = FRAME_HEADER_BYTES + bytes.length;
      if (stream.writableLength + batch.bytes + length > PENDING_BYTES_MAX) {
        owesDrain = true;
        return "full";
      }
      if (batch.bytes + length > BATCH_BYTES) batch.flush();
      if (length > BATCH_BYTES) writeWhole(stream, bytes);
      else batch.add(bytes, mayWait);
      return "sent";
    },
    end() {
      batch.flush();
      return new Promise((resolve) => {
        if (stream.closed || stream.destroyed) return resolve();
        stream.once("close", resolve);
        stream.end(() => resolve());
      });
    },
    destroy() {
      stream.destroy();
    },
  };
}

/** Frames that leave in one write. C4. */
class Batch {
  readonly #stream: Duplex;
  readonly #buffer = Buffer.allocUnsafe(BATCH_BYTES);
  #flushedMs = Number.NEGATIVE_INFINITY;
  #gathering: NodeJS.Timeout | undefined;
  #isLeaving = false;
  bytes = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  add(bytes: Uint8Array, mayWait: boolean): void {
    this.#flushSoon(mayWait);
    this.#buffer.writeUInt32BE(bytes.length, this.bytes);
    this.#buffer.set(bytes, this.bytes + FRAME_HEADER_BYTES);
    this.bytes += FRAME_HEADER_BYTES + bytes.length;
  }

  readonly flush = (): void => {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#isLeaving = false;
    if (this.bytes === 0) return;
    this.#stream.write(Buffer.from(this.#buffer.subarray(0, this.bytes)));
    this.bytes = 0;
    this.#flushedMs = performance.now();
  };

  #flushSoon(mayWait: boolean): void {
    if (this.#isLeaving || (mayWait && this.#gathering !== undefined)) return;
    const waitMs = mayWait ? this.#flushedMs + GATHER_MS - performance.now() : 0;
    if (waitMs > 0) {
      this.#gathering = setTimeout(this.flush, waitMs);
      return;
    }
    this.#isLeaving = true;
    process.nextTick(this.flush);
  }
}

function writeWhole(stream: Duplex, bytes: Uint8Array): void {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(bytes.length, 0);
  stream.cork();
  stream.write(header);
  stream.write(bytes);
  stream.uncork();
}
