/**
 * Messages between the porter and a worker process, over the frames of their channel.
 *
 * Owns: packing, cutting what is larger than a frame into pieces, and what waits while the channel is full. Does not
 * own: the channel (src/net/channel.ts), what a message means.
 *
 *  L1 Messages arrive whole, in the order they were sent, whatever their size up to {@link MESSAGE_BYTES_MAX}.
 *  L2 What a full channel does not take waits here and goes when it drains. It is bounded by whoever sends: a worker by
 *     the credit of its slots, the porter by the slots of the worker and by its silence when it reads no more.
 *  L3 What is no message is refused with frame.invalid, which ends the channel.
 *
 * @module
 */
import type { SendResult } from "../../net/channel.ts";
import { FRAME_BYTES_MAX } from "../../net/frames.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { pack, unpack } from "../../runtime/journal.ts";

export const MESSAGE_BYTES_MAX = 64 * 2 ** 20;

/** The first byte of a frame: whether the message goes on in the next one. */
const LAST = 0;
const MORE = 1;
const PIECE_BYTES = FRAME_BYTES_MAX - 1;

export class MessageLine {
  readonly #write: (frame: Uint8Array, mayWait: boolean) => SendResult;
  #waiting: Uint8Array[] = [];
  #whenEmpty: (() => void) | undefined;

  constructor(write: (frame: Uint8Array, mayWait: boolean) => SendResult) {
    this.#write = write;
  }

  /**
   * @param mayWait for a moment, to leave with others
   * @throws RbeeError request.too.large
   */
  send(message: { readonly kind: string }, mayWait = false): void {
    const bytes = pack(message);
    if (bytes.length > MESSAGE_BYTES_MAX) {
      throw new RbeeError("request.too.large", `a message of ${bytes.length} bytes is too large for a worker`);
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const frame = new Uint8Array(piece.length + 1);
      frame[0] = at + PIECE_BYTES < bytes.length ? MORE : LAST;
      frame.set(piece, 1);
      if (this.#waiting.length > 0 || this.#write(frame, mayWait) === "full") this.#waiting.push(frame);
    }
  }

  /** The channel takes frames again. */
  drain(): void {
    const waiting = this.#waiting;
    const taken = waiting.findIndex((frame) => this.#write(frame, false) === "full");
    this.#waiting = taken === -1 ? [] : waiting.slice(taken);
    if (taken === -1) this.#whenEmpty?.();
  }

  /** Resolves when the channel has taken everything. */
  empty(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
    });
  }
}

export class MessageReader<Received extends { readonly kind: string }> {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** @returns the message that this frame completes. @throws RbeeError frame.invalid */
  push(frame: Buffer): Received | undefined {
    this.#bytes += frame.length;
    if (this.#bytes > MESSAGE_BYTES_MAX + FRAME_BYTES_MAX) throw invalid("it does not end");
    this.#pieces.push(frame.subarray(1));
    if (frame[0] === MORE) return undefined;
    if (frame[0] !== LAST) throw invalid("its first byte is unknown");
    const whole = this.#pieces.length === 1 ? frame.subarray(1) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    // The other end is this same program, which sends nothing else: only what is no message at all is looked for.
    return messageIn(whole) as Received;
  }
}

function messageIn(bytes: Buffer): { readonly kind: string } {
  let value: unknown;
  try {
    value = unpack(bytes);
  } catch (thrown) {
    throw invalid(String(thrown));
  }
  if (typeof value !== "object" || value === null || !("kind" in value) || typeof value.kind !== "string") {
    throw invalid("it has no kind");
  }
  return { ...value, kind: value.kind };
}

const invalid = (why: string): RbeeError => new RbeeError("frame.invalid", `a message could not be read: ${why}`);
