/**
 * A file of the user's alone, replaced whole.
 *
 *  PF1 Whoever reads it finds what was there before or all that is written now, also after a crash.
 *  PF2 It is its owner's alone (0600), whatever it was before, and so is a folder that is made for it.
 *
 * @module
 */
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A link to a file stays a link: people keep their configuration elsewhere and link to it. */
export function writePrivately(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const target = linkedFrom(file);
  const fresh = `${target}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flush: true });
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function linkedFrom(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // It does not exist yet.
    return file;
  }
}
