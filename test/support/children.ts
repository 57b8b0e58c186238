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
    await pause(3);
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
