/**
 * The journal on disk: one LMDB environment that nobody else opens.
 *
 * Owns: opening, one synchronous transaction a commit, waiting for the flush, telling a full disk from a broken one.
 *
 *  D1 Only transactionSync: the asynchronous one does not roll back a throw.
 *  D2 A thread with an open journal is never terminated: it closes it itself, between turns.
 *  D3 LMDB reports a full disk as an input/output error, so the room left is asked of the file system.
 *  D4 A file that is no whole journal is refused before it is mapped, since reading it would kill the process.
 *
 * @module
 */
import { mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { RbeeError } from "../../protocol/errors.ts";
import { type Journal, pack, unpack } from "../journal.ts";
import type { Disk } from "../ports.ts";
import { damageOf } from "./lmdb-header.ts";

/** Below this a failed write is taken for a full disk. */
const FULL_BELOW_BYTES = 1024 * 1024;

export const realDisk = (folder: string): Disk => ({
  freeBytes: () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
});

export function openLmdbJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const disk = realDisk(dirname(path));
  const db = openEnvironment(path, disk);
  let unflushed: Error | undefined;
  return {
    *rows() {
      for (const { key, value } of db.getRange({ snapshot: true })) yield [key, read(path, key, value)];
    },
    commit(writes) {
      try {
        if (unflushed !== undefined) throw unflushed;
        db.transactionSync(() => {
          for (const [key, row] of writes) {
            if (row === undefined) db.removeSync(key);
            else db.putSync(key, packed(key, row));
          }
        });
      } catch (thrown) {
        throw thrown instanceof RbeeError ? thrown : refused(path, disk, thrown);
      }
    },
    flushed(then) {
      // What waits for a flush that fails never leaves, and the next commit crashes the host.
      db.flushed.then(then, (thrown: unknown) => {
        unflushed = thrown instanceof Error ? thrown : new Error(String(thrown));
      });
    },
    close() {
      // The environment is closed when its last transaction is on disk; a thread may end before that.
      void db.close();
    },
  };
}

/** A row that no codec takes is no fault of the disk. */
function packed(key: string, row: unknown): Buffer {
  try {
    return pack(row);
  } catch (thrown) {
    throw new RbeeError("defect", `row ${key} cannot be kept: ${String(thrown)}`);
  }
}

function read(path: string, key: string, bytes: Buffer): unknown {
  try {
    return unpack(bytes);
  } catch (thrown) {
    throw new RbeeError("journal.corrupt", `${path}: row ${key} cannot be read: ${String(thrown)}`);
  }
}

function openEnvironment(path: string, disk: Disk): RootDatabase<Buffer, string> {
  const damage = damageOf(path);
  if (damage !== undefined) throw new RbeeError("journal.corrupt", `${path}: ${damage}`);
  try {
    return open<Buffer, string>({ path, encoding: "binary", compression: false, maxDbs: 1, noSubdir: true });
  } catch (thrown) {
    if (disk.freeBytes() < FULL_BELOW_BYTES) throw refused(path, disk, thrown);
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new RbeeError("journal.corrupt", `${path} cannot be opened: ${why}`);
  }
}

function refused(path: string, disk: Disk, thrown: unknown): RbeeError {
  const freeBytes = disk.freeBytes();
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  if (freeBytes < FULL_BELOW_BYTES)
    return new RbeeError("disk.full", `${path}: no room is left (${why})`, { freeBytes });
  return new RbeeError("journal.refused", `${path}: ${why}`, { freeBytes });
}
