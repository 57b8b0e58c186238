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

/** What follows a write so soon waits and leaves together: a write costs more than a frame. The first never waits. */
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
  send(bytes: Uint8Array): SendResult;
  /** Writes what was taken, then ends. Resolves when that is done or the peer is gone. */
  end(): Promise<void>;
  /** Closes now; what waits is lost. */
  destroy(): void;
}

/** The child's side: opens the channel that its parent left on `fd`. Keeps the process alive until it closes. */
export const openChannel = (fd: number, events: ChannelEvents): Channel => channelOver(new Socket({ fd }), events);

export function channelOver(stream: Duplex, events: ChannelEvents): Channel {
  const batch = Buffer.allocUnsafe(BATCH_BYTES);
  let batched = 0;
  let flushedMs = Number.NEGATIVE_INFINITY;
  let owesDrain = false;
  let cause: ErrorData | undefined;

  const flush = (): void => {
    if (batched === 0) return;
    stream.write(Buffer.from(batch.subarray(0, batched)));
    batched = 0;
    flushedMs = performance.now();
  };
  const flushSoon = (): void => {
    const waitMs = flushedMs + GATHER_MS - performance.now();
    if (waitMs > 0) setTimeout(flush, waitMs);
    else process.nextTick(flush);
  };
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
    send(bytes) {
      assertFrameLength(bytes.length);
      if (!stream.writable) return "gone";
      const length = FRAME_HEADER_BYTES + bytes.length;
      if (stream.writableLength + batched + length > PENDING_BYTES_MAX) {
        owesDrain = true;
        return "full";
      }
      if (batched + length > BATCH_BYTES) flush();
      if (length > BATCH_BYTES) writeWhole(stream, bytes);
      else {
        if (batched === 0) flushSoon();
        batch.writeUInt32BE(bytes.length, batched);
        batch.set(bytes, batched + FRAME_HEADER_BYTES);
        batched += length;
      }
      return "sent";
    },
    end() {
      flush();
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

function writeWhole(stream: Duplex, bytes: Uint8Array): void {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(bytes.length, 0);
  stream.cork();
  stream.write(header);
  stream.write(bytes);
  stream.uncork();
}
