/**
 * Walks the bytes of a GGUF header: numbers, texts and typed values, one after the other.
 *
 * Owns the byte layout of version 2 and 3, little-endian. Reading past the bytes at hand throws {@link Unfinished}.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";

export type GgufScalar = string | number | boolean;

/** Only its length: its elements were passed over. */
export interface GgufArray {
  readonly length: number;
}

/** The bytes at hand end before the header does. */
export class Unfinished extends Error {}

const STRING = 8;
const ARRAY = 9;
/** Bytes of a value, at the number of its type; 0 for what has no fixed width. */
const WIDTHS = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

export class GgufCursor {
  /** The next byte. */
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** As a number: sizes beyond 2^53 are no real model's, and the caller compares them with the file's length. */
  u64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#take(8)));
  }

  text(): string {
    const length = this.u64();
    const start = this.#take(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  value(): GgufScalar | GgufArray {
    const type = this.u32();
    if (type === ARRAY) return this.#skipArray();
    return type === STRING ? this.text() : this.#number(type);
  }

  #number(type: number): number | boolean {
    const at = this.#take(widthOf(type));
    switch (type) {
      case 0:
        return this.#bytes.readUInt8(at);
      case 1:
        return this.#bytes.readInt8(at);
      case 2:
        return this.#bytes.readUInt16LE(at);
      case 3:
        return this.#bytes.readInt16LE(at);
      case 4:
        return this.#bytes.readUInt32LE(at);
      case 5:
        return this.#bytes.readInt32LE(at);
      case 6:
        return this.#bytes.readFloatLE(at);
      case 7:
        return this.#bytes.readUInt8(at) !== 0;
      case 10:
        return Number(this.#bytes.readBigUInt64LE(at));
      case 11:
        return Number(this.#bytes.readBigInt64LE(at));
      default:
        return this.#bytes.readDoubleLE(at);
    }
  }

  #skipArray(): GgufArray {
    const type = this.u32();
    const length = this.u64();
    if (type === STRING) {
      for (let i = 0; i < length; i++) this.#take(this.u64());
    } else {
      this.#take(widthOf(type) * length);
    }
    return { length };
  }

  /** @returns where the bytes begin */
  #take(length: number): number {
    const start = this.at;
    if (length > this.#bytes.length - start) throw new Unfinished();
    this.at = start + length;
    return start;
  }
}

function widthOf(type: number): number {
  const width = WIDTHS[type] ?? 0;
  if (width === 0) throw new RbeeError("model.corrupt", `The model file has a value of unknown type ${type}.`);
  return width;
}
