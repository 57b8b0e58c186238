/**
 * Commits to a real journal, each time two rows that do not fit into one file of its log, and says on standard output
 * when that begins and when it is flushed.
 *
 * Argument: the journal's path.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";

export const COMMITS = 5;

const path = process.argv[2];
if (path !== undefined) {
  const journal = openJournal(path);
  const commit = (i: number): void => {
    if (i === COMMITS) return unasked();
    writeSync(1, `begin ${i}\n`);
    for (const key of ["a", "b"]) journal.commit(new Map([[key, "x".repeat(600_000)]]));
    journal.flushed(() => {
      writeSync(1, `flushed ${i}\n`);
      setImmediate(() => commit(i + 1));
    });
  };
  /** Long enough for the journal to do it by itself. */
  const unasked = (): void => {
    writeSync(1, "begin unasked\n");
    journal.commit(new Map([["c", 1]]));
    setTimeout(() => {
      writeSync(1, "end unasked\n");
      journal.close();
    }, 4_000);
  };
  commit(0);
}
