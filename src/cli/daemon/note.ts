/**
 * What the guardian of a home has noted about its node (G8 of bin/guardian.mjs), as the keeper reads it.
 *
 * Owns: where the note lies, its shape, whether it is still true. Does not own: writing it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runDirOf } from "../../hosts/real/home-folder.ts";
import { isRunning } from "../../hosts/real/home-lock.ts";

const aProcess = { pid: z.int().positive(), startTicks: z.string() };

const noteSchema = z.object({
  /** The guardian itself. */
  ...aProcess,
  startedAtMs: z.number(),
  logPath: z.string(),
  /** How long its node may take to stop before the guardian kills it. */
  stopWithinMs: z.number(),
  /** `waiting`: another process holds the home. `ended`: it gave up, for the last reason. */
  state: z.enum(["serving", "restarting", "waiting", "stopping", "ended"]),
  node: z.object({ ...aProcess, sinceMs: z.number() }).optional(),
  restarts: z.int().nonnegative(),
  /** Why there was no node the last time. */
  last: z.object({ reason: z.string(), atMs: z.number() }).optional(),
});
export type DaemonNote = z.infer<typeof noteSchema>;

export const notePathOf = (home: string): string => join(runDirOf(home), "daemon.json");

/** Undefined: no daemon was started here since the last that was stopped. */
export function readDaemonNote(home: string): DaemonNote | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(notePathOf(home), "utf8")));
  } catch {
    return undefined;
  }
}

/** The note of a guardian that lives. One that was killed leaves a note that says nothing any more. */
export function livingDaemon(home: string): DaemonNote | undefined {
  const note = readDaemonNote(home);
  return note !== undefined && isRunning(note) ? note : undefined;
}

/** A guardian that stands still does not notice that its node is gone. */
export const livingNode = ({ node }: DaemonNote): DaemonNote["node"] =>
  node !== undefined && isRunning(node) ? node : undefined;
