/**
 * The journal on disk: a log that every commit is appended to, and the checkpoint that it is folded into.
 *
 * A commit is one write to the end of a file, and one sync stands for all who wait for theirs. LMDB alone would write
 * four to six pages and wait for the disk inside each commit: 300 us of the thread's time instead of 10.
 *
 * Owns: when a generation of the log ends and is folded, what is read at a start, telling a full disk from a broken
 * one.
 * Does not own: the bytes of the log (log.ts), the LMDB environment (checkpoint.ts).
 *
 *  D2 A thread with an open journal is never terminated: it closes it itself, between turns.
 *  D3 LMDB is not asked to write on a disk that has hardly any room: what it writes then may break its memory, and the
 *     process with it. The log has everything that long.
 *  D6 A file of the log is written over only when what it held is on disk in the checkpoint.
 *  D7 Reading changes nothing: what a crash left in the log is folded when the next commit needs its file.
 *
 * @module
 */
import { mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { RbeeError } from "../../../protocol/errors.ts";
import { type Journal, pack, type Writes } from "../../journal.ts";
import type { Disk } from "../../ports.ts";
import { Checkpoint, KEY_BYTES_MAX, unpackedRow } from "./checkpoint.ts";
import type { PackedRows } from "./frame.ts";
import { type Generation, Log } from "./log.ts";
import { SEGMENT_BYTES } from "./segment.ts";

/** Below this a write that fails is taken for a full disk. */
const FULL_BELOW_BYTES = 1024 * 1024;
/** What folding a generation may take: its rows, and the pages of the tree above them. */
const FOLD_BYTES = 4 * SEGMENT_BYTES;

export const realDisk = (folder: string): Disk => ({
  freeBytes: () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
});

/** @throws RbeeError journal.corrupt, disk.full */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const disk = realDisk(dirname(path));
  try {
    return new LoggedJournal(path, disk);
  } catch (thrown) {
    if (thrown instanceof RbeeError) throw thrown;
    if (disk.freeBytes() < FULL_BELOW_BYTES) throw refused(path, disk, thrown);
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new RbeeError("journal.corrupt", `${path} cannot be opened: ${why}`);
  }
}

class LoggedJournal implements Journal {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #checkpoint: Checkpoint;
  readonly #log: Log;
  /** Not known to be on disk in the checkpoint: its file is not free. */
  #behind: Generation | undefined;
  #current: Generation | undefined;
  /** A flush that failed. What waited for it never leaves, and the next commit crashes the host. */
  #failure: Error | undefined;

  constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#disk = disk;
    this.#checkpoint = new Checkpoint(path);
    try {
      this.#log = new Log(path, this.#checkpoint.place, (thrown) => (this.#failure ??= thrown));
      const found = this.#log.read();
      this.#behind = found.length > 1 ? found[0] : undefined;
      this.#current = found.at(-1);
    } catch (thrown) {
      this.#checkpoint.close();
      throw thrown;
    }
  }

  *rows(): Iterable<readonly [key: string, row: unknown]> {
    const rows = new Map(this.#checkpoint.rows());
    for (const generation of [this.#behind, this.#current]) overlay(rows, generation?.rows);
    for (const [key, bytes] of [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1)))
      yield [key, unpackedRow(this.#path, key, bytes)];
  }

  commit(writes: Writes): void {
    const rows = packedRows(writes);
    if (rows.size === 0) return;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const ended = this.#log.takes(rows) ? undefined : this.#turnOver();
      const end = this.#log.append(rows);
      this.#current = { end, rows: merged(this.#current?.rows, rows) };
      if (ended !== undefined) void this.#fold(ended);
    } catch (thrown) {
      throw thrown instanceof RbeeError ? thrown : refused(this.#path, this.#disk, thrown);
    }
  }

  flushed(then: () => void): void {
    this.#log.flushed(then);
  }

  close(): void {
    try {
      this.#foldNow(this.#behind);
      this.#foldNow(this.#current);
      this.#log.close();
    } catch {
      // The log has it all, and the next start reads it.
    }
    this.#checkpoint.close();
  }

  /** @returns the generation that ended, to be folded. What fails here has changed nothing but the checkpoint. */
  #turnOver(): Generation | undefined {
    this.#foldNow(this.#behind);
    this.#behind = undefined;
    this.#log.begin();
    this.#behind = this.#current;
    this.#current = undefined;
    return this.#behind;
  }

  #foldNow(generation: Generation | undefined): void {
    if (generation === undefined) return;
    this.#assertRoom();
    this.#checkpoint.foldNow(generation);
  }

  /** D3. */
  #assertRoom(): void {
    const freeBytes = this.#disk.freeBytes();
    if (freeBytes < FOLD_BYTES)
      throw new RbeeError("disk.full", `${this.#path}: ${freeBytes} bytes are left, too few to write in`, {
        freeBytes,
      });
  }

  /** What fails here is tried again, and waited for, when its file is needed. */
  async #fold(generation: Generation): Promise<void> {
    try {
      this.#assertRoom();
      await this.#checkpoint.fold(generation);
      if (this.#behind === generation) this.#behind = undefined;
    } catch {
      // It stays behind.
    }
  }
}

function overlay(rows: Map<string, Buffer>, newer: PackedRows | undefined): void {
  for (const [key, row] of newer ?? []) {
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
}

function merged(older: Generation["rows"] = new Map(), newer: PackedRows): Generation["rows"] {
  for (const [key, row] of newer) older.set(key, row);
  return older;
}

function packedRows(writes: Writes): PackedRows {
  const rows = new Map<string, Buffer | undefined>();
  for (const [key, row] of writes) {
    if (Buffer.byteLength(key) > KEY_BYTES_MAX)
      throw new RbeeError("journal.refused", `a key of ${Buffer.byteLength(key)} bytes; at most ${KEY_BYTES_MAX}`);
    rows.set(key, row === undefined ? undefined : packed(key, row));
  }
  return rows;
}

/** A row that no codec takes is no fault of the disk. */
function packed(key: string, row: unknown): Buffer {
  try {
    return pack(row);
  } catch (thrown) {
    throw new RbeeError("defect", `row ${key} cannot be kept: ${String(thrown)}`);
  }
}

function refused(path: string, disk: Disk, thrown: unknown): RbeeError {
  const freeBytes = disk.freeBytes();
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  if (freeBytes < FULL_BELOW_BYTES)
    return new RbeeError("disk.full", `${path}: no room is left (${why})`, { freeBytes });
  return new RbeeError("journal.refused", `${path}: ${why}`, { freeBytes });
}
