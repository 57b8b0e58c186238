/**
 * The folder of the workers' logs: one file a worker, and no more than a bound of them.
 *
 *  WL1 Of a log its last lines are told, so many bytes of them at most; nothing outside the folder is.
 *  WL2 Whoever knows so much of it is told the whole lines behind that, and where to go on from: each line once.
 *
 * @module
 */
import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RbeeError } from "../../protocol/errors.ts";

/** Enough to look into what has just gone wrong. */
export const LOGS_KEPT = 64;

/** Removes all but the newest. A disk that refuses costs files too many, and nothing else. */
export async function pruneLogs(folder: string, kept = LOGS_KEPT): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length <= kept) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const changedMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { path, changedMs };
    }),
  );
  const oldest = files.toSorted((a, b) => b.changedMs - a.changedMs).slice(kept);
  await Promise.allSettled(oldest.map(({ path }) => rm(path, { force: true })));
}

const TOLD_BYTES_MAX = 512 * 1024;
const NEWLINE = 0x0a;
const WORKER_ID = /^[A-Za-z0-9-]{1,64}$/;

export interface LogAsked {
  readonly worker: string;
  readonly lines: number;
  /** Bytes that are known already. */
  readonly from?: number | undefined;
}

export interface LogTold {
  readonly lines: readonly string[];
  /** Where to go on from. */
  readonly next: number;
}

/** WL1, WL2. @throws RbeeError request.not.found */
export async function logTold(folder: string, { worker, lines, from }: LogAsked): Promise<LogTold> {
  const path = join(folder, `${worker}.log`);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = WORKER_ID.test(worker) ? await open(path, flags).catch(() => undefined) : undefined;
  if (file === undefined) throw new RbeeError("request.not.found", `there is no log of a worker ${worker} there`);
  try {
    const { size } = await file.stat();
    return from === undefined ? await lastOf(file, size, lines) : await since(file, size, Math.min(from, size));
  } finally {
    await file.close();
  }
}

async function lastOf(file: FileHandle, size: number, lines: number): Promise<LogTold> {
  const from = Math.max(0, size - TOLD_BYTES_MAX);
  const bytes = await bytesOf(file, from, size);
  const found = bytes.toString("utf8").split("\n");
  if (found.at(-1) === "") found.pop();
  // The first may have been cut.
  const whole = found.slice(from > 0 ? 1 : 0);
  return { lines: lines === 0 ? [] : whole.slice(-lines), next: from + bytes.length };
}

/** WL2. A line that is longer than what is told at once comes in pieces. */
async function since(file: FileHandle, size: number, from: number): Promise<LogTold> {
  const bytes = await bytesOf(file, from, Math.min(size, from + TOLD_BYTES_MAX));
  const isOneLine = bytes.length === TOLD_BYTES_MAX && !bytes.includes(NEWLINE);
  const whole = isOneLine ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
  const found = whole.toString("utf8").split("\n");
  if (found.at(-1) === "") found.pop();
  return { lines: found, next: from + whole.length };
}

async function bytesOf(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(to - from), position: from });
  return buffer.subarray(0, bytesRead);
}
