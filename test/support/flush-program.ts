/**
 * Commits to a real journal and says on standard output when each commit begins and when it is flushed.
 *
 * Argument: the journal's path.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { openLmdbJournal } from "../../src/runtime/real/lmdb-journal.ts";

export const COMMITS = 5;

const path = process.argv[2];
if (path !== undefined) {
  const journal = openLmdbJournal(path);
  const commit = (i: number): void => {
    if (i === COMMITS) return journal.close();
    writeSync(1, `begin ${i}\n`);
    journal.commit(new Map([[`key ${i}`, { i }]]));
    journal.flushed(() => {
      writeSync(1, `flushed ${i}\n`);
      setImmediate(() => commit(i + 1));
    });
  };
  commit(0);
}
