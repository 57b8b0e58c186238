/**
 * What the kernel says of a process and of those it began.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { allPids, processFacts } from "../../src/hosts/real/kernel.ts";

/** Children, their children, and so on. */
export function descendants(root: number): number[] {
  const pids = allPids();
  const parents = new Map(pids.map((pid) => [pid, processFacts(pid)?.parentPid]));
  const found = [root];
  for (const one of found) found.push(...pids.filter((pid) => parents.get(pid) === one));
  return found.slice(1);
}

export const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** What all threads of it have had of processors since it began. The kernel counts in hundredths of a second. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name, which may hold spaces and brackets; the rest starts after the last one.
  const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(rest[11]) + Number(rest[12])) * 10;
}
