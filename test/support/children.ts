/**
 * For tests with real processes: finding them by what the kernel says, and waiting for a fact with a deadline.
 *
 * A zombie counts as gone: it holds nothing but its number.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { processFacts, waitedMs } from "../../src/hosts/real/kernel.ts";

/**
 * The ms since now, but for those in which this process was ready to run and got no processor: whatever it waits for
 * got none either.
 */
export function stopwatch(): () => number {
  const begun = performance.now() - starvedMs();
  return () => performance.now() - starvedMs() - begun;
}

/** Waits until the condition holds and returns how many ms that took; throws when the deadline passes first. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<number> {
  const elapsed = stopwatch();
  for (;;) {
    const holds = await condition();
    const elapsedMs = elapsed();
    if (holds && elapsedMs <= deadlineMs) return elapsedMs;
    if (elapsedMs > deadlineMs) {
      throw new Error(
        `not within ${deadlineMs} ms (${holds ? `took ${elapsedMs}` : "still not"}): ${condition.toString()}`,
      );
    }
    await pause(nextLookMs(elapsedMs));
  }
}

/**
 * What is looked for costs the node that is asked, and whoever else is on this machine. So it is looked often at first,
 * and then as often as makes no difference to how long was waited.
 */
const nextLookMs = (elapsedMs: number): number => Math.min(25, Math.max(3, elapsedMs / 40));

/** By how much longer than its deadline an end may take where nobody has a processor to spare. */
const CROWDED_TIMES = 20;

/**
 * Waits until none of these lives and returns how many ms that took, but for those in which one of them was ready to
 * run and got no processor. Who is killed must run once more to end, and its children are killed only then; who is
 * orphaned in its first instant ends at its first statement. On a crowded machine each of these waits for its turn.
 */
export async function waitUntilGone(living: () => readonly number[], deadlineMs: number): Promise<number> {
  const elapsed = stopwatch();
  let [crowdedMs, seenMs, ran] = [0, 0, new Map<number, number>()];
  for (;;) {
    const now = new Map(living().map((pid) => [pid, ranNs(pid)]));
    const elapsedMs = elapsed();
    if ([...now].some(([pid, ns]) => ran.get(pid) === ns && processFacts(pid)?.state === "R"))
      crowdedMs += elapsedMs - seenMs;
    [seenMs, ran] = [elapsedMs, now];
    const tookMs = elapsedMs - crowdedMs;
    if (now.size === 0 && tookMs <= deadlineMs) return tookMs;
    if (tookMs > deadlineMs || elapsedMs > CROWDED_TIMES * deadlineMs)
      throw new Error(
        `not within ${deadlineMs} ms, and ${crowdedMs} for want of a processor: ${[...now.keys()].join(", ")}`,
      );
    await pause(3);
  }
}

/** How long its main thread has had a processor; -1 when it is gone. */
function ranNs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return -1;
  }
}

/** How long this process has waited for a processor in its life, where the kernel tells. */
const starvedMs = (): number => waitedMs(process.pid) ?? 0;

export function isAlive(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && facts.state !== "Z";
}

/** It may have gone by itself, or with another that was killed just before. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
}

/** Every living process, other than this one, whose environment holds `name=value`, whoever its parent is by now. */
export function processesWith(name: string, value: string): number[] {
  const wanted = `${name}=${value}`;
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => environmentOf(pid).includes(wanted) && isAlive(pid));
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
