/**
 * The folder of the workers' logs: one file a worker, and no more than a bound of them.
 *
 * @module
 */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

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
