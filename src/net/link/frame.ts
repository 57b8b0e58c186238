/**
 * The frame of a link: pieces of many messages, of several lanes, in at most 64 KB.
 *
 * Owns: the layout of a frame and its bounds. Does not own: what goes into the next one (lanes.ts), what pieces mean.
 *
 *     number u48 | acked u48 | piece*          piece: tag u8 | pipe u32, of bulk alone | length u16 | bytes
 *
 *  LF1 What was written is read: number, ack, and every piece with its lane, its pipe and its marks.
 *  LF2 Any bytes are read or refused with link.invalid; nothing is allocated for them.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";

export const FRAME_BYTES_MAX = 64 * 1024;
const HEADER_BYTES = 12;
export const PIECES_BYTES_MAX = FRAME_BYTES_MAX - HEADER_BYTES;
const NUMBER_BYTES = 6;

/** In the order in which they go. Bulk is pipes (pipes.ts): it has no messages, and one credit for each pipe. */
export const LANES = ["control", "data", "bulk"] as const;
export type LinkLane = (typeof LANES)[number];

export interface Piece {
  readonly lane: LinkLane;
  /** Which pipe; 0 of the other lanes. */
  readonly pipe: number;
  /** The message goes on in a later piece; of bulk: never. */
  readonly more: boolean;
  /** Nothing follows in this pipe. */
  readonly end: boolean;
  readonly bytes: Uint8Array;
}

export interface LinkFrame {
  /** Rises by one with each frame of a connection, from 1: what is replayed does not fit. */
  readonly number: number;
  /** The last frame that was received, and with it all before. */
  readonly acked: number;
  /** What its pieces take, with their heads. */
  readonly length: number;
  readonly pieces: readonly Piece[];
}

const LANE_BITS = 0b11;
const MORE = 0b100;
const END = 0b1000;
const KNOWN_BITS = LANE_BITS | MORE | END;

const headOf = (lane: LinkLane): number => (lane === "bulk" ? 7 : 3);

/** Of whichever frame is being filled: each is finished in the turn that began it, before another link's begins. */
const scratch = Buffer.allocUnsafe(FRAME_BYTES_MAX);

/** A frame being filled, one after another. */
export class FrameWriter {
  readonly #bytes = scratch;
  #length = HEADER_BYTES;

  /** What its pieces take, with their heads. */
  get length(): number {
    return this.#length - HEADER_BYTES;
  }

  /** How many bytes a piece of this lane may have in a frame whose pieces take so many at most. */
  room(lane: LinkLane, lengthMax: number): number {
    return Math.max(0, Math.min(lengthMax, PIECES_BYTES_MAX) - this.length - headOf(lane));
  }

  add({ lane, pipe, more, end, bytes }: Piece): void {
    const target = this.#bytes;
    target[this.#length] = LANES.indexOf(lane) | (more ? MORE : 0) | (end ? END : 0);
    let at = this.#length + 1;
    if (lane === "bulk") at = target.writeUInt32BE(pipe, at);
    at = target.writeUInt16BE(bytes.length, at);
    target.set(bytes, at);
    this.#length = at + bytes.length;
  }

  /** @returns a copy; the next frame begins. */
  finish(number: number, acked: number): Buffer {
    this.#bytes.writeUIntBE(number, 0, NUMBER_BYTES);
    this.#bytes.writeUIntBE(acked, NUMBER_BYTES, NUMBER_BYTES);
    const frame = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = HEADER_BYTES;
    return frame;
  }
}

/** LF2. Pieces are views. @throws RbeeError link.invalid */
export function readFrame(bytes: Buffer): LinkFrame {
  if (bytes.length < HEADER_BYTES || bytes.length > FRAME_BYTES_MAX) throw invalid(`it has ${bytes.length} bytes`);
  const pieces: Piece[] = [];
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const piece = readPiece(bytes, at);
    pieces.push(piece);
    at += headOf(piece.lane) + piece.bytes.length;
  }
  return {
    number: bytes.readUIntBE(0, NUMBER_BYTES),
    acked: bytes.readUIntBE(NUMBER_BYTES, NUMBER_BYTES),
    length: bytes.length - HEADER_BYTES,
    pieces,
  };
}

function readPiece(bytes: Buffer, at: number): Piece {
  const tag = bytes[at] ?? 0;
  const lane = LANES[tag & LANE_BITS];
  if (lane === undefined || (tag & ~KNOWN_BITS) !== 0) throw invalid(`a piece is marked ${tag}`);
  const start = at + headOf(lane);
  if (start > bytes.length) throw invalid("a piece breaks off");
  const end = start + bytes.readUInt16BE(start - 2);
  if (end > bytes.length) throw invalid("a piece is longer than its frame");
  return {
    lane,
    pipe: lane === "bulk" ? bytes.readUInt32BE(at + 1) : 0,
    more: (tag & MORE) !== 0,
    end: (tag & END) !== 0,
    bytes: bytes.subarray(start, end),
  };
}

export const invalid = (why: string): RbeeError =>
  new RbeeError("link.invalid", `what came over the link cannot be read: ${why}`);
