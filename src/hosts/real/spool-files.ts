/**
 * What jobs say, in files: appended ten times a second, so that the next life of the node can go on from there.
 *
 * A segment begins with a line that names its version; then frames: length, checksum, records as msgpack. One whose
 * version is another is left as it is.
 *
 * Owns: the segments of one folder. Does not own: what a record means (net/streams.ts).
 *
 *  SF1 What was written is read back whole and in order, up to the first frame that is torn or damaged.
 *  SF2 Writing holds nobody up and fails nobody: what cannot be written is dropped and told once, and a gap is marked
 *      where it would stand. Nothing is written behind a torn frame.
 *  SF3 A segment goes when nobody asks for any job in it any more. What waits to be written is bounded.
 *
 * A process that dies loses a tenth of a second of what runs, a machine that does what its kernel still held; what a
 * job is done with was flushed before that.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { SpoolLog, SpoolRecord } from "../../net/spool.ts";
import { pack, unpack } from "../../runtime/journal.ts";

const WRITE_EVERY_MS = 100;
const SEGMENT_BYTES = 8 * 2 ** 20;
/** Records that may wait while the disk stands still: more are dropped. */
const WAITING_MAX = 100_000;
const FIRST_LINE = Buffer.from("rbee spool 1\n");
const HEADER_BYTES = 8;
const NAME = /^(\d{8})\.spool$/;

export interface SpoolFilesOptions {
  readonly folder: string;
  readonly log: (line: string) => void;
}

interface Segment {
  readonly path: string;
  readonly jobs: Set<string>;
  bytes: number;
}

export class SpoolFiles implements SpoolLog {
  readonly #options: SpoolFilesOptions;
  readonly #older: Segment[] = [];
  #number = 0;
  #current: Segment | undefined;
  #file: FileHandle | undefined;
  #waiting: SpoolRecord[] = [];
  #mustFlush = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The write after that, when somebody wants one. */
  #next: Promise<void> | undefined;
  /** Something was lost since the last frame. */
  #gap = false;

  constructor(options: SpoolFilesOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** What earlier lives have written, oldest first. Once, before the first `add`. */
  *earlier(): Generator<SpoolRecord> {
    const { folder } = this.#options;
    for (const name of readdirSync(folder).toSorted()) {
      const number = NAME.exec(name)?.[1];
      if (number === undefined) continue;
      this.#number = Number(number);
      const path = join(folder, name);
      const bytes = readFileSync(path);
      if (!bytes.subarray(0, FIRST_LINE.length).equals(FIRST_LINE)) continue;
      const read = [...recordsIn(bytes)];
      const segment = { path, jobs: jobsIn(read.map(({ record }) => record)), bytes: read.at(-1)?.endByte ?? 0 };
      this.#older.push(segment);
      for (const { record } of read) yield record;
    }
    const last = this.#older.at(-1);
    if (last === undefined || last.bytes === 0 || last.bytes >= SEGMENT_BYTES) return;
    truncateSync(last.path, last.bytes);
    this.#current = this.#older.pop();
  }

  add(record: SpoolRecord): void {
    if (this.#waiting.length >= WAITING_MAX) return this.#failed("the disk stands still");
    this.#waiting.push(record);
    this.#timer ??= setTimeout(() => void this.#drain(), WRITE_EVERY_MS);
  }

  forget(job: string): void {
    this.#current?.jobs.delete(job);
    for (const segment of this.#older) segment.jobs.delete(job);
    this.#dropEmpty();
  }

  flushed(): Promise<void> {
    this.#mustFlush = true;
    return this.#drain();
  }

  async close(): Promise<void> {
    await this.flushed();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** What waits by the time the write before it is over is one write. */
  #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next ??= this.#writing.then(() => {
      const [records, mustFlush] = [this.#waiting, this.#mustFlush];
      this.#next = undefined;
      this.#waiting = [];
      this.#mustFlush = false;
      this.#writing = this.#write(records, mustFlush);
      return this.#writing;
    });
    return this.#next;
  }

  async #write(records: readonly SpoolRecord[], mustFlush: boolean): Promise<void> {
    try {
      if (records.length > 0) await this.#append(records);
      const isFull = (this.#current?.bytes ?? 0) >= SEGMENT_BYTES;
      if (mustFlush || isFull) await this.#file?.datasync();
      if (isFull) await this.#finish();
    } catch (thrown) {
      this.#failed(thrown instanceof Error ? thrown.message : String(thrown));
      // Nothing is written behind what may be half a frame.
      await this.#finish();
    }
  }

  async #append(records: readonly SpoolRecord[]): Promise<void> {
    const frame = frameOf(this.#gap ? [{ kind: "gap" }, ...records] : records);
    const segment = this.#current ?? this.#begin();
    this.#file ??= await open(segment.path, "a", 0o600);
    if (segment.bytes === 0) {
      await this.#file.appendFile(FIRST_LINE);
      segment.bytes = FIRST_LINE.length;
    }
    await this.#file.appendFile(frame);
    segment.bytes += frame.length;
    for (const job of jobsIn(records)) segment.jobs.add(job);
    this.#gap = false;
  }

  #begin(): Segment {
    this.#number += 1;
    const path = join(this.#options.folder, `${String(this.#number).padStart(8, "0")}.spool`);
    this.#current = { path, jobs: new Set(), bytes: 0 };
    return this.#current;
  }

  async #finish(): Promise<void> {
    const [file, segment] = [this.#file, this.#current];
    this.#file = undefined;
    this.#current = undefined;
    if (segment !== undefined) this.#older.push(segment);
    await file?.close().catch(() => {});
    this.#dropEmpty();
  }

  #dropEmpty(): void {
    for (let at = this.#older.length - 1; at >= 0; at -= 1) {
      const segment = this.#older[at];
      if (segment === undefined || segment.jobs.size > 0) continue;
      this.#older.splice(at, 1);
      rmSync(segment.path, { force: true });
    }
  }

  #failed(why: string): void {
    if (this.#gap) return;
    this.#gap = true;
    this.#options.log(`what jobs say cannot be written (${why}): a node that died now would ask for it again`);
  }
}

function jobsIn(records: readonly SpoolRecord[]): Set<string> {
  const jobs = new Set<string>();
  for (const record of records) {
    if (record.kind === "chunk") jobs.add(record.chunk.job);
    else if (record.kind !== "gap") jobs.add(record.job);
  }
  return jobs;
}

function frameOf(records: readonly SpoolRecord[]): Buffer {
  const body = pack(records);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

interface Read {
  readonly record: SpoolRecord;
  /** Where its frame ends. */
  readonly endByte: number;
}

function* recordsIn(bytes: Buffer): Generator<Read> {
  for (let at = FIRST_LINE.length; at + HEADER_BYTES <= bytes.length;) {
    const from = at + HEADER_BYTES;
    const endByte = from + bytes.readUInt32LE(at);
    const body = bytes.subarray(from, endByte);
    if (endByte > bytes.length || crc32(body) !== bytes.readUInt32LE(at + 4)) return;
    // The checksum holds, so this program wrote it.
    for (const record of unpack(body) as SpoolRecord[]) yield { record, endByte };
    at = endByte;
  }
}
