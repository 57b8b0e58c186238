/**
 * The sweep at start-up: ends what an earlier node of this home left behind, and says what it found.
 *
 * Owns: deciding what is left over. Does not own: how it is recognised (M1 of process-marks.ts). For the holder of the
 * home alone, before it forks: whatever carries the mark of the home then is nobody's.
 *
 *  S1 Nothing is signalled whose start time and token do not match; a record that points at such is cleared.
 *  S2 A record stays until its process is gone, so that the next start tries again.
 *  S3 Where the kernel has no /proc nothing can be recognised, so nothing is signalled: there the lifeline is all.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { bootId, processFacts } from "./kernel.ts";
import { homeMark, isStill, killUntilGone, markedProcesses, readRecords } from "./process-marks.ts";
import type { MarkedProcess } from "./process-marks.ts";

const SWEEP_DEADLINE_MS = 2_000;

export interface Swept {
  /** Alive when the sweep looked, including what those it found forked meanwhile. */
  readonly found: readonly MarkedProcess[];
  /** How many of them are gone now. */
  readonly killed: number;
  /** Records removed, of processes gone before or now. */
  readonly cleared: number;
}

export async function sweep(runDir: string, home: string): Promise<Swept> {
  const mark = homeMark(home);
  const { found, gone } = await killUntilGone(() => leftBehind(runDir, mark), SWEEP_DEADLINE_MS);
  const alive = new Set(leftBehind(runDir, mark).map(({ token }) => token));
  const stale = readRecords(runDir).filter(({ record }) => record === undefined || !alive.has(record.token));
  for (const { path } of stale) rmSync(path, { force: true });
  return { found, killed: gone.length, cleared: stale.length };
}

/** One line for the log of the node, or undefined when the last one left nothing. */
export function sweepLine({ found, killed, cleared }: Swept): string | undefined {
  if (found.length === 0 && cleared === 0) return undefined;
  const were = cleared === 1 ? "its one process was" : `its ${cleared} processes were`;
  if (found.length === 0) return `the last node ended abruptly; ${were} already gone`;
  const pids = found.map(({ pid }) => pid).join(", ");
  const stuck = killed < found.length ? "; some do not end, which is for the kernel to settle" : "";
  return `the last node ended abruptly; ended ${killed} of the ${found.length} processes it left (pid ${pids})${stuck}`;
}

/** By mark, and by record where the home has another path than when it was marked. Never what this process forked. */
function leftBehind(runDir: string, mark: string): readonly MarkedProcess[] {
  const thisBoot = bootId();
  const recorded = readRecords(runDir).flatMap(({ record }) =>
    record !== undefined && record.bootId === thisBoot && isStill(record) ? [record] : [],
  );
  const byPid = new Map([...markedProcesses(mark), ...recorded].map((marked) => [marked.pid, marked]));
  return [...byPid.values()].filter(({ pid }) => pid !== process.pid && processFacts(pid)?.parentPid !== process.pid);
}
