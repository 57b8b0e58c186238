/**
 * One commit as bytes in a log: what is put and deleted, and enough to tell a whole frame from anything else.
 *
 *     bytes 0-3   how long the frame is, these included       4-7  CRC-32 of all that follows
 *           8-11  the generation of its segment               12-19  its position in the log
 *           20-27 up to which position the log was on disk when this frame was made
 *           28-   for each row: u16 bytes of key, u32 bytes of value and one more (0: deleted), key, value
 *
 * Owns: that layout. Does not own: files (segment.ts), or what a frame that is not whole means (log.ts).
 *
 *  FR1 A frame that is not whole, or of another generation or position, is not read as one.
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** A row as it is kept. `undefined`: deleted. */
export type PackedRows = ReadonlyMap<string, Buffer | undefined>;

export interface Frame {
  readonly bytes: number;
  readonly flushedTo: number;
  readonly rows: PackedRows;
}

const HEAD_BYTES = 28;
const ROW_HEAD_BYTES = 6;
const CRC_FROM = 8;

export interface Place {
  readonly generation: number;
  /** Bytes that the log ever had before this frame. */
  readonly position: number;
}

export function frameBytes(rows: PackedRows): number {
  let length = HEAD_BYTES;
  for (const [key, row] of rows) length += ROW_HEAD_BYTES + Buffer.byteLength(key) + (row?.length ?? 0);
  return length;
}

/** @param into where the frame is made, if it has the room @returns the frame: good until the next is made there */
export function frameOf(rows: PackedRows, place: Place, flushedTo: number, into: Buffer): Buffer {
  const { generation, position } = place;
  const length = frameBytes(rows);
  const frame = length <= into.length ? into.subarray(0, length) : Buffer.allocUnsafe(length);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(generation, 8);
  frame.writeDoubleLE(position, 12);
  frame.writeDoubleLE(flushedTo, 20);
  let at = HEAD_BYTES;
  for (const [key, row] of rows) {
    const keyBytes = frame.write(key, at + ROW_HEAD_BYTES);
    frame.writeUInt16LE(keyBytes, at);
    frame.writeUInt32LE(row === undefined ? 0 : row.length + 1, at + 2);
    at += ROW_HEAD_BYTES + keyBytes;
    if (row !== undefined) at += row.copy(frame, at);
  }
  frame.writeUInt32LE(crc32(frame.subarray(CRC_FROM)), 4);
  return frame;
}

/** @returns undefined where no whole frame of that generation stands; without a position, one of any is taken */
export function frameAt(bytes: Buffer, at: number, generation: number, position?: number): Frame | undefined {
  if (at + HEAD_BYTES > bytes.length || bytes.readUInt32LE(at + 8) !== generation) return undefined;
  const length = bytes.readUInt32LE(at);
  if (length < HEAD_BYTES || at + length > bytes.length) return undefined;
  if (position !== undefined && bytes.readDoubleLE(at + 12) !== position) return undefined;
  const frame = bytes.subarray(at, at + length);
  if (crc32(frame.subarray(CRC_FROM)) !== frame.readUInt32LE(4)) return undefined;
  return { bytes: length, flushedTo: frame.readDoubleLE(20), rows: rowsIn(frame) };
}

function rowsIn(frame: Buffer): PackedRows {
  const rows = new Map<string, Buffer | undefined>();
  let at = HEAD_BYTES;
  while (at < frame.length) {
    const keyEnd = at + ROW_HEAD_BYTES + frame.readUInt16LE(at);
    const valueBytes = frame.readUInt32LE(at + 2);
    const key = frame.toString("utf8", at + ROW_HEAD_BYTES, keyEnd);
    at = keyEnd + Math.max(0, valueBytes - 1);
    rows.set(key, valueBytes === 0 ? undefined : frame.subarray(keyEnd, at));
  }
  return rows;
}
