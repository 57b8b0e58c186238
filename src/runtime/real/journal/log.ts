/**
 * The log of a journal: what was committed and is not in the checkpoint yet, in two files that take turns.
 *
 * A generation is what one file holds from its beginning on. Generation n is in file n mod 2, so a file is free again
 * when the checkpoint has everything up to the generation before last.
 *
 * Owns: appending, one sync for all who wait, reading after a crash. Does not own: the checkpoint (checkpoint.ts), or
 * when a generation ends (journal.ts).
 *
 *  LG1 Who waits for a flush is called when everything appended before it is on disk, in order.
 *  LG2 What is read after a crash is a beginning of what was appended: nothing after a gap.
 *  LG3 A gap before what is known to have been on disk is damage, and refused: journal.corrupt. A gap after it is what
 *      a loss of power leaves, and what it took nobody relied on.
 *  LG4 What nobody waits for is on disk a second later too.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";
import { frameAt, frameBytes, frameOf, type PackedRows, type Place } from "./frame.ts";
import { Segment } from "./segment.ts";

const FRAME_BYTES = 64 * 1024;
const SOON_MS = 1000;

/** What one file held, the last value of each key. */
export interface Generation {
  /** Where it ends: the place of what follows it. */
  readonly end: Place;
  readonly rows: Map<string, Buffer | undefined>;
}

export class Log {
  readonly #path: string;
  readonly #segments: readonly [Segment, Segment];
  readonly #failed: (error: Error) => void;
  #generation: number;
  #position: number;
  #flushedTo: number;
  /** Written and forgotten at once: most frames are made in here. */
  readonly #frame = Buffer.allocUnsafe(FRAME_BYTES);
  #begun = false;
  #syncing = false;
  #soon: NodeJS.Timeout | undefined;
  #waiting: { readonly position: number; readonly call: () => void }[] = [];

  /** @param folded the place up to which the checkpoint has everything @param failed a sync that failed, once */
  constructor(path: string, folded: Place, failed: (error: Error) => void) {
    this.#path = path;
    this.#segments = [new Segment(`${path}-log-0`), new Segment(`${path}-log-1`)];
    this.#failed = failed;
    this.#generation = folded.generation;
    this.#position = folded.position;
    this.#flushedTo = folded.position;
  }

  /** Before anything is appended. @returns up to two generations @throws RbeeError journal.corrupt */
  read(): readonly Generation[] {
    const found: Generation[] = [];
    const first = this.#generation + 1;
    const files = [first, first + 1].map((generation) => ({ generation, bytes: this.#of(generation).read() }));
    for (const { generation, bytes } of files) {
      const rows = new Map<string, Buffer | undefined>();
      const from = this.#position;
      for (let frame, at = 0; (frame = frameAt(bytes, at, generation, this.#position)) !== undefined;) {
        for (const [key, row] of frame.rows) rows.set(key, row);
        at += frame.bytes;
        this.#position += frame.bytes;
      }
      if (this.#position === from) break;
      this.#generation = generation;
      found.push({ end: { generation, position: this.#position }, rows });
    }
    for (const { generation, bytes } of files) this.#expectNothingLost(bytes, generation);
    this.#flushedTo = this.#position;
    return found;
  }

  /** Does the generation that is being written have room for these? */
  takes(rows: PackedRows): boolean {
    return this.#begun && this.#of(this.#generation).takes(frameBytes(rows));
  }

  /** A new generation, in the file of the one before the last, whose rows nobody needs here any more. */
  begin(): void {
    this.#of(this.#generation + 1).begin();
    this.#generation += 1;
    this.#begun = true;
  }

  /** @returns the place of what follows */
  append(rows: PackedRows): Place {
    const place = { generation: this.#generation, position: this.#position };
    const frame = frameOf(rows, place, this.#flushedTo, this.#frame);
    this.#of(this.#generation).append(frame);
    this.#position += frame.length;
    this.#soon ??= setTimeout(() => this.#flushUnasked(), SOON_MS).unref();
    return { generation: this.#generation, position: this.#position };
  }

  flushed(then: () => void): void {
    this.#waiting.push({ position: this.#position, call: then });
    if (!this.#syncing) void this.#sync();
  }

  /** By the checkpoint, on its own: whoever waited need not wait any more. */
  close(): void {
    clearTimeout(this.#soon);
    this.#callUpTo(this.#position);
    for (const segment of this.#segments) segment.close();
  }

  #of(generation: number): Segment {
    return generation % 2 === 0 ? this.#segments[0] : this.#segments[1];
  }

  async #sync(): Promise<void> {
    this.#syncing = true;
    try {
      while (this.#waiting.length > 0) {
        const target = this.#position;
        const generation = this.#generation;
        await this.#of(generation - 1).sync();
        await this.#of(generation).sync();
        this.#callUpTo(target);
      }
    } catch (thrown) {
      // Nobody is called any more: what failed once may be gone from the page cache as if it had been written.
      this.#failed(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    this.#syncing = false;
  }

  #flushUnasked(): void {
    this.#soon = undefined;
    if (this.#flushedTo < this.#position) this.flushed(() => {});
  }

  #callUpTo(position: number): void {
    this.#flushedTo = Math.max(this.#flushedTo, position);
    const due = this.#waiting.findIndex((waiting) => waiting.position > position);
    for (const { call } of this.#waiting.splice(0, due === -1 ? this.#waiting.length : due)) call();
  }

  /** Any frame behind the gap tells how much had been on disk when it was made. */
  #expectNothingLost(bytes: Buffer, generation: number): void {
    for (let at = 0; at < bytes.length; at += 1) {
      const flushedTo = frameAt(bytes, at, generation)?.flushedTo ?? 0;
      if (flushedTo > this.#position)
        throw new RbeeError(
          "journal.corrupt",
          `${this.#path}: its log is damaged ${flushedTo - this.#position} bytes before what was on disk`,
        );
    }
  }
}
