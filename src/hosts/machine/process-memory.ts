/**
 * What a process has taken of this machine's memory, where the kernel says so. Elsewhere it is unknown.
 *
 *  PM1 Only a child of this process is weighed: a pid that was given away again is nobody's we know.
 *
 * @module
 */
import { kernelText } from "../real/kernel.ts";

export interface ProcessMemory {
  /** Gone from what is free. Of files that are mapped, such as weights, the kernel takes pages back as it likes. */
  readonly takenBytes: number;
  /** The most that was ever resident, weights among it. */
  readonly peakBytes: number;
}

export function processMemory(pid: number): ProcessMemory | undefined {
  const status = kernelText(`/proc/${pid}/status`);
  if (status === undefined || field(status, "PPid") !== process.pid) return undefined;
  const peakKib = field(status, "VmHWM");
  if (peakKib === undefined) return undefined;
  const takenKib = (field(status, "RssAnon") ?? 0) + (field(status, "RssShmem") ?? 0);
  return { takenBytes: takenKib * 1024, peakBytes: peakKib * 1024 };
}

function field(status: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}
