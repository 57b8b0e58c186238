/**
 * One of the two files of a log. It is made as long as it will be and then written over and over: a sync then has no
 * length to write, and a disk that fills up does not stop it.
 *
 * Owns: the file, where the next frame goes, and what is not synced. Does not own: which generation it holds (log.ts).
 *
 * @module
 */
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";

/** Small enough to be read and folded in a few milliseconds, large enough that one fold stands for many commits. */
export const SEGMENT_BYTES = 1024 * 1024;

export class Segment {
  readonly #path: string;
  #file: number | undefined;
  #end = 0;
  /** Written since the last sync began. */
  #isDirty = false;

  constructor(path: string) {
    this.#path = path;
  }

  get end(): number {
    return this.#end;
  }

  /** All that it ever held and nobody has written over yet. */
  read(): Buffer {
    try {
      return readFileSync(this.#path);
    } catch (thrown) {
      if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return Buffer.alloc(0);
      throw thrown;
    }
  }

  /** From its beginning again: what it held belongs to another generation. */
  begin(): void {
    this.#file ??= this.#emptied();
    this.#end = 0;
    if (fstatSync(this.#file).size > SEGMENT_BYTES) ftruncateSync(this.#file, SEGMENT_BYTES);
  }

  takes(bytes: number): boolean {
    return this.#end === 0 || this.#end + bytes <= SEGMENT_BYTES;
  }

  /** Written where nothing is kept, so a write that fails half-way has added nothing. */
  append(frame: Buffer): void {
    if (this.#file === undefined) throw new Error("a segment that was not begun");
    this.#isDirty = true;
    writeAll(this.#file, frame, this.#end);
    this.#end += frame.length;
  }

  /** @returns when what was written before this call is on disk */
  sync(): Promise<void> {
    const file = this.#file;
    if (file === undefined || !this.#isDirty) return Promise.resolve();
    this.#isDirty = false;
    return new Promise((resolve, reject) => {
      fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** What an earlier life left behind a torn end must not be taken for what follows. */
  #emptied(): number {
    const file = openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      writeAll(file, Buffer.alloc(SEGMENT_BYTES), 0);
      fdatasyncSync(file);
      return file;
    } catch (thrown) {
      closeSync(file);
      throw thrown;
    }
  }
}

function writeAll(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
