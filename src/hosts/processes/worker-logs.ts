/**
 * The folder of the workers' logs: one file a worker, and no more than a bound of them.
 *
 *  WL1 Of a log its last lines are told, so many bytes of them at most; nothing outside the folder is.
 *
 * @module
 */
import { constants } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
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
const WORKER_ID = /^[A-Za-z0-9-]{1,64}$/;

/** WL1. @throws RbeeError request.not.found */
export async function lastLines(folder: string, worker: string, lines: number): Promise<readonly string[]> {
  const path = join(folder, `${worker}.log`);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = WORKER_ID.test(worker) ? await open(path, flags).catch(() => undefined) : undefined;
  if (file === undefined) throw new RbeeError("request.not.found", `there is no log of a worker ${worker} there`);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TOLD_BYTES_MAX);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const found = buffer.toString("utf8", 0, bytesRead).split("\n");
    if (found.at(-1) === "") found.pop();
    // The first may have been cut.
    return lines === 0 ? [] : found.slice(from > 0 ? 1 : 0).slice(-lines);
  } finally {
    await file.close();
  }
}
