/**
 * What the kernel says about processes, where it says so in /proc. Elsewhere every answer is "unknown".
 *
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export interface ProcessFacts {
  /** One letter: R, S, D, T (stopped), Z (zombie: dead, not yet reaped), ... */
  readonly state: string;
  readonly parentPid: number;
  readonly group: number;
  /** Ticks from boot to its start. With pid and boot it names one process for good. */
  readonly startTicks: string;
}

/** Undefined: no such process, or no way to know. */
export function processFacts(pid: number): ProcessFacts | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name, which may hold spaces and brackets; the rest starts after the last one.
  const [state, parentPid, group, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = rest[16];
  if (state === undefined || startTicks === undefined) return undefined;
  return { state, parentPid: Number(parentPid), group: Number(group), startTicks };
}

/** What the kernel calls the thread that asks: a number of the same kind as a pid. Undefined where nobody knows. */
export function ownTask(): number | undefined {
  try {
    return Number(basename(readlinkSync("/proc/thread-self")));
  } catch {
    return undefined;
  }
}

/** How long a thread, or the main thread of a process, has waited for a processor since its start. */
export function waitedMs(pid: number): number | undefined {
  const waitedNs = readProc(`${pid}/schedstat`)?.split(" ")[1];
  return waitedNs === undefined ? undefined : Number(waitedNs) / 1e6;
}

/** How many files and sockets this process may have open. Node has raised that to the hard limit at its start. */
export function descriptorsMax(): number | undefined {
  const soft = Number(/^Max open files\s+(\d+)/m.exec(readProc("self/limits") ?? "")?.[1]);
  return Number.isSafeInteger(soft) ? soft : undefined;
}

/** The environment that a process of this user was started with. Undefined: gone, a zombie, or somebody else's. */
export function startEnvironment(pid: number): ReadonlyMap<string, string> | undefined {
  const text = readProc(`${pid}/environ`);
  if (text === undefined || text === "") return undefined;
  return new Map(
    text.split("\0").map((entry) => {
      const equals = entry.indexOf("=");
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

export function allPids(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Differs after every start of the machine, so that old pids and ticks mean nothing. "" where unknown. */
export const bootId = (): string => readProc("sys/kernel/random/boot_id")?.trim() ?? "";

const readProc = (name: string): string | undefined => kernelText(`/proc/${name}`);

/** What the kernel tells in a file of its own; undefined where it does not, or not any more. */
export function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
