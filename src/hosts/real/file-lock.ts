/**
 * A lock on a file, held by one process at a time and freed by the kernel when that process ends, however it ends.
 *
 * It is an exclusive transaction of an empty SQLite file, which is what Node offers without native code. Underneath it
 * is a POSIX lock, which a process loses when it closes *any* descriptor of the file: so nothing else may open it.
 *
 *  FL1 Of any number that try at the same instant one holds it: no two, and never none.
 *  FL2 It is held until it is released or its process ends, whether or not anybody keeps a reference to it.
 *
 * @module
 */
import type * as sqlite from "node:sqlite";

/** Two that begin at the same instant make way for each other and try again within this time. */
const CONTENTION_MS = 100;
const SQLITE_BUSY = 5;

/** FL2: the garbage collector closes a database that nobody refers to, and that would release the lock. */
const held = new Set<sqlite.DatabaseSync>();

export interface FileLock {
  readonly isHeld: boolean;
  /** Harmless when repeated. */
  release(): void;
}

/** Makes the file if need be. Undefined: another holds it, in this process or another. Throws what the disk says. */
export function lockFile(path: string): FileLock | undefined {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path, { timeout: CONTENTION_MS });
  try {
    // Not with `locking_mode=EXCLUSIVE`: there whoever yields keeps a shared lock, and nobody gets through (FL1).
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  held.add(database);
  return {
    get isHeld() {
      return database.isOpen;
    },
    release() {
      if (held.delete(database)) database.close();
    },
  };
}

/** Node 22 warns that SQLite is experimental there. What is used of it here is not; other warnings pass. */
function loadSqlite(): typeof sqlite {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!/sqlite/i.test(String(warning))) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
