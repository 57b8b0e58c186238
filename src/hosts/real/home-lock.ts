/**
 * Who holds RBEE_HOME: one process at a time, by a lock of the operating system that ends with that process.
 *
 * Owns: the lock, and the note in which its holder says who it is and where it serves. Does not own: the socket.
 *
 *  H1 Of all that try at once exactly one holds; it holds until it releases or dies, by whatever signal.
 *  H2 The note is advice. The lock alone decides: a note whose process is gone is no holder.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { RbeeError } from "../../protocol/errors.ts";
import { lockFile } from "./file-lock.ts";
import type { FileLock } from "./file-lock.ts";
import { prepareHome, runDirOf } from "./home-folder.ts";
import { processFacts } from "./kernel.ts";

const ATTACH_POLL_MS = 25;

const noteSchema = z.object({
  pid: z.int().positive(),
  startTicks: z.string(),
  /** Of this start of a node, and of no other anywhere: what its links say of it. */
  instance: z.string(),
  /** Absent until it serves. */
  serving: z.object({ socketPath: z.string(), url: z.string() }).optional(),
});
type Note = z.infer<typeof noteSchema>;

export interface Holder {
  readonly pid: number;
  readonly instance: string;
  readonly socketPath: string;
  readonly url: string;
}

export interface HomeLock {
  /** A line to say, if the folder had been open to others. */
  readonly notice: string | undefined;
  readonly instance: string;
  /** From now on others find the way to the holder's socket. */
  announce(serving: { readonly socketPath: string; readonly url: string }): void;
  /** Harmless when repeated. Stop serving first: the next one may hold the home at once. */
  release(): void;
}

/** Throws `home.held`, with the pid where it is known, or `home.unusable`. */
export function holdHome(home: string): HomeLock {
  const notice = prepareHome(home);
  const lock = lockHome(home);
  const instance = randomBytes(8).toString("hex");
  const self = { pid: process.pid, startTicks: processFacts(process.pid)?.startTicks ?? "", instance };
  try {
    writeNote(home, self);
  } catch (error) {
    lock.release();
    throw unholdable(home, error);
  }
  return {
    notice,
    instance,
    announce: (serving) => writeNote(home, { ...self, serving }),
    release() {
      if (!lock.isHeld) return;
      rmSync(notePath(home), { force: true });
      lock.release();
    },
  };
}

/** The one that holds the home and serves, if there is one. */
export function readHolder(home: string): Holder | undefined {
  const note = readNote(home);
  return note?.serving === undefined ? undefined : { pid: note.pid, instance: note.instance, ...note.serving };
}

/**
 * Holds the home, or finds the holder that serves it. Waits for one that is just starting, or just ending.
 * Throws `home.held` when it does neither in time.
 */
export async function holdOrFind(
  home: string,
  deadlineMs: number,
): Promise<{ readonly lock: HomeLock } | { readonly holder: Holder }> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const holder = readHolder(home);
    if (holder !== undefined) return { holder };
    try {
      return { lock: holdHome(home) };
    } catch (error) {
      const held = error instanceof RbeeError && error.code === "home.held";
      if (!held || performance.now() > giveUpAt) throw error;
    }
    await pause(ATTACH_POLL_MS);
  }
}

function lockHome(home: string): FileLock {
  let lock: FileLock | undefined;
  try {
    lock = lockFile(join(runDirOf(home), "home.lock"));
  } catch (error) {
    throw unholdable(home, error);
  }
  if (lock === undefined) throw heldError(home);
  return lock;
}

function unholdable(home: string, cause: unknown): RbeeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RbeeError("home.unusable", `${home} cannot be held: ${why}`, { path: home });
}

function heldError(home: string): RbeeError {
  const pid = readNote(home)?.pid;
  const who = pid === undefined ? "another process, which is just starting" : `process ${pid}`;
  return new RbeeError("home.held", `${home} is held by ${who}`, pid === undefined ? {} : { pid });
}

function readNote(home: string): Note | undefined {
  try {
    const note = noteSchema.parse(JSON.parse(readFileSync(notePath(home), "utf8")));
    return isRunning(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function writeNote(home: string, note: Note): void {
  const path = notePath(home);
  writeFileSync(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** By start time where the kernel tells it; elsewhere by the pid alone, which is good enough for advice (H2). */
export function isRunning({ pid, startTicks }: Pick<Note, "pid" | "startTicks">): boolean {
  if (startTicks !== "") return processFacts(pid)?.startTicks === startTicks && processFacts(pid)?.state !== "Z";
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const notePath = (home: string): string => join(runDirOf(home), "holder.json");
