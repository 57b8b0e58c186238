/**
 * Frames: how a stream of bytes becomes messages. Four bytes of length, big-endian, then that many bytes.
 *
 * Owns: the shape of a frame and its bound. Does not own: what the bytes mean, or the stream they came from.
 *
 *  F1 However the stream is cut into chunks, the same frames come out, in order.
 *  F2 A length above {@link FRAME_BYTES_MAX} is refused before anything is allocated for it; so is all that follows.
 *  F3 At most one frame is held unfinished: never more than the bound is allocated for a peer that sends too little.
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";

export const FRAME_BYTES_MAX = 1024 * 1024;
export const FRAME_HEADER_BYTES = 4;

/** A frame above the bound is a bug of its sender, and throws `frame.invalid`. */
export function assertFrameLength(length: number): void {
  if (length > FRAME_BYTES_MAX) {
    throw new RbeeError("frame.invalid", `a frame of ${length} bytes is longer than ${FRAME_BYTES_MAX}`, { length });
  }
}

export class FrameDecoder {
  readonly #onFrame: (bytes: Buffer) => void;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;
  #refused = false;

  /** `onFrame` may keep what it gets, which may be a view into a chunk, and must not push into this decoder. */
  constructor(onFrame: (bytes: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws `frame.invalid` on a length that no frame has, and again on every later push: there is no way back. */
  push(chunk: Buffer): void {
    if (this.#refused) throw new RbeeError("frame.invalid", "nothing is read after a frame that was refused");
    let at = 0;
    while (at < chunk.length) at = this.#body === undefined ? this.#readHeader(chunk, at) : this.#readBody(chunk, at);
  }

  #readHeader(chunk: Buffer, start: number): number {
    const taken = chunk.copy(this.#header, this.#headerFilled, start);
    this.#headerFilled += taken;
    const at = start + taken;
    if (this.#headerFilled < FRAME_HEADER_BYTES) return at;

    const length = this.#header.readUInt32BE(0);
    this.#refused = length > FRAME_BYTES_MAX;
    assertFrameLength(length);
    if (chunk.length - at >= length) {
      this.#deliver(chunk.subarray(at, at + length));
      return at + length;
    }
    this.#body = Buffer.allocUnsafe(length);
    this.#bodyFilled = 0;
    return at;
  }

  #readBody(chunk: Buffer, start: number): number {
    const body = this.#body;
    if (body === undefined) return start;
    const taken = chunk.copy(body, this.#bodyFilled, start);
    this.#bodyFilled += taken;
    if (this.#bodyFilled === body.length) this.#deliver(body);
    return start + taken;
  }

  #deliver(frame: Buffer): void {
    this.#headerFilled = 0;
    this.#body = undefined;
    this.#onFrame(frame);
  }
}
