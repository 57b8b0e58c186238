/**
 * How every node begins in its home: it holds the lock, has its folders, and has swept what a node before it left.
 *
 * Owns: that order, and that the lock is let go where the node does not come up. Does not own: what the node is.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "../runtime/config/paths.ts";
import type { NodeOptions } from "./node-contract.ts";
import { runDirOf } from "./real/home-folder.ts";
import { holdHome, type HomeLock } from "./real/home-lock.ts";
import { sweep, sweepLine, type Swept } from "./real/sweep.ts";

/** Throws `home.held` when another node holds the home. */
export async function beginInHome<Begun>(
  { paths, log }: NodeOptions,
  begin: (lock: HomeLock, swept: Swept) => Promise<Begun>,
): Promise<Begun> {
  const lock = holdHome(paths.home);
  if (lock.notice !== undefined) log(lock.notice);
  try {
    makeFolders(paths);
    mkdirSync(join(paths.logs, "workers"), { recursive: true, mode: 0o700 });
    const swept = await sweep(runDirOf(paths.home), paths.home);
    const line = sweepLine(swept);
    if (line !== undefined) log(line);
    return await begin(lock, swept);
  } catch (error) {
    lock.release();
    throw error;
  }
}
