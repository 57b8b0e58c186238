/**
 * What hostile input may cost: so much time, so much memory, and not a byte more than is said.
 *
 * Memory is the peak of this process as the kernel counted it, so that what was taken and given back shows as well.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { stopwatch } from "../../support/children.ts";
import { collectGarbage } from "../../support/collector.ts";

export interface Limits {
  readonly ms: number;
  readonly mebibytes: number;
}

const KIBIBYTES_PER_MEBIBYTE = 1024;
const GARBAGE_BYTES_MAX = 32 * 2 ** 20;

const peakMebibytes = (): number => process.resourceUsage().maxRSS / KIBIBYTES_PER_MEBIBYTE;

/** Runs it and holds it to its limits, all that it does together. */
export async function within({ ms, mebibytes }: Limits, act: () => unknown): Promise<void> {
  const [elapsedMs, before] = [stopwatch(), peakMebibytes()];
  await act();
  expect(peakMebibytes() - before, "MiB of memory more than before").toBeLessThan(mebibytes);
  expect(elapsedMs(), "ms").toBeLessThan(ms);
}

let livingBytes = 0;

/**
 * Said before each of many inputs: what those before it left to the collector counts for none. A heap that is much used
 * grows to several times what lives in it, and by how much is V8's own business.
 */
export function withoutGarbage(): void {
  if (process.memoryUsage().heapUsed - livingBytes < GARBAGE_BYTES_MAX) return;
  collectGarbage();
  livingBytes = process.memoryUsage().heapUsed;
}

/** The most that another process has ever held. */
export function peakMebibytesOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / KIBIBYTES_PER_MEBIBYTE;
}
