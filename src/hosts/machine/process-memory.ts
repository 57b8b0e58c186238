/**
 * What a process has taken of this machine's memory, where the kernel says so. Elsewhere it is unknown.
 *
 *  PM1 Only a child of this process is weighed: a pid that was given away again is nobody's we know.
 *  PM2 What a child has started is weighed with it: there the model may be.
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
  const own = memoryIn(status);
  if (own === undefined) return undefined;
  // PM2. One that has just ended holds nothing.
  const started = childrenOf(pid).flatMap((child) => memoryIn(kernelText(`/proc/${child}/status`) ?? "") ?? []);
  return {
    takenBytes: sum([own, ...started].map(({ takenBytes }) => takenBytes)),
    peakBytes: sum([own, ...started].map(({ peakBytes }) => peakBytes)),
  };
}

function memoryIn(status: string): ProcessMemory | undefined {
  const peakKib = field(status, "VmHWM");
  if (peakKib === undefined) return undefined;
  const takenKib = (field(status, "RssAnon") ?? 0) + (field(status, "RssShmem") ?? 0);
  return { takenBytes: takenKib * 1024, peakBytes: peakKib * 1024 };
}

/** Of its main thread, which alone starts any. */
const childrenOf = (pid: number): readonly string[] =>
  (kernelText(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter((child) => child !== "");

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function field(status: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}
