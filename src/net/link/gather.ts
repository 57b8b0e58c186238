/**
 * Messages put together again from the pieces that frames bring.
 *
 *  GA1 A message comes out whole, once, in the order of its lane; pieces of other lanes between its own change nothing.
 *  GA2 What is unfinished never exceeds the bound: a message that grows beyond it is refused with link.invalid.
 *
 * @module
 */
import { invalid, type Piece } from "./frame.ts";
import type { MessageLane } from "./lanes.ts";

export class Gather {
  readonly #bytesMax: number;
  readonly #pieces: Record<MessageLane, Uint8Array[]> = { control: [], data: [] };
  readonly #bytes = { control: 0, data: 0 };

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @returns the message that this piece completes. @throws RbeeError link.invalid */
  push(lane: MessageLane, { bytes, more }: Piece): Uint8Array | undefined {
    const pieces = this.#pieces[lane];
    this.#bytes[lane] += bytes.length;
    if (this.#bytes[lane] > this.#bytesMax) throw invalid(`a message is larger than ${this.#bytesMax} bytes`);
    if (!more && pieces.length === 0) {
      this.#bytes[lane] = 0;
      return bytes;
    }
    pieces.push(bytes);
    if (more) return undefined;
    this.#pieces[lane] = [];
    this.#bytes[lane] = 0;
    return Buffer.concat(pieces);
  }
}
