/**
 * What was typed before, kept between runs.
 *
 * Owns: one file, an entry a line, its owner's alone. Does not own: showing it (prompt-line.ts).
 *
 *  H1 An entry is on disk before its answer begins; it survives any end of the program.
 *  H2 The file is bounded: {@link ENTRIES_MAX} entries after each start, and no entry of endless length.
 *
 * @module
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

export const ENTRIES_MAX = 1_000;
const ENTRY_LETTERS_MAX = 10_000;

export interface History {
  /** The newest first, as readline wants it. */
  readonly entries: readonly string[];
  add(entry: string): void;
}

export function openHistory(folder: string): History {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "history");
  const entries = readLines(file).slice(-ENTRIES_MAX);
  // Rewritten whole, beside and renamed: it is then never seen half, and never wider than 0600.
  writeFileSync(`${file}.new`, entries.map((entry) => `${entry}\n`).join(""), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  let last = entries.at(-1);
  return {
    entries: entries.toReversed(),
    add(entry) {
      if (entry === last || entry.length > ENTRY_LETTERS_MAX) return;
      last = entry;
      appendFileSync(file, `${entry}\n`, { mode: 0o600 });
    },
  };
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // None yet, or one that cannot be read: then there is no history, and that is all.
    return [];
  }
}
