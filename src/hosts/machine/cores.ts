/**
 * How many cores of this machine workers may use.
 *
 *  CO1 Threads that share a core count once, where the kernel says which do. Elsewhere every processor counts.
 *  CO2 Never more than this process may use: processors that it may not run on do not count, and no more than its share
 *      of the machine's time.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { kernelText } from "../real/kernel.ts";

export interface Kernel {
  /** What the kernel says of each processor. */
  readonly folder: string;
  /** What it says of this process. */
  readonly status: string;
  readonly parallelism: number;
}

const here = (): Kernel => ({
  folder: "/sys/devices/system/cpu",
  status: read("/proc/self/status"),
  parallelism: availableParallelism(),
});

export function usableCores({ folder, status, parallelism }: Kernel = here()): number {
  const siblings = new Set(
    processors(folder, status).map((cpu) => read(`${folder}/${cpu}/topology/thread_siblings_list`)),
  );
  siblings.delete("");
  return siblings.size === 0 ? parallelism : Math.max(1, Math.min(parallelism, siblings.size));
}

/** Those that this process may run on; all of them where that is not said. */
function processors(folder: string, status: string): readonly string[] {
  const ranges = /^Cpus_allowed_list:\s+(\S+)$/m
    .exec(status)?.[1]
    ?.split(",")
    .map((range) => range.split("-").map(Number));
  const isAllowed = (cpu: number): boolean =>
    ranges === undefined || ranges.some(([from = 0, to = from]) => cpu >= from && cpu <= to);
  return names(folder).filter((name) => /^cpu\d+$/.test(name) && isAllowed(Number(name.slice("cpu".length))));
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** "" where there is nothing to read. */
const read = (path: string): string => kernelText(path) ?? "";
