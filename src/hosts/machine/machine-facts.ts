/**
 * Processor and memory of this machine, and what its control group leaves of them.
 *
 * @module
 */
import { availableParallelism, cpus, totalmem } from "node:os";
import { memory } from "./machine.ts";
import { usableCores } from "./cores.ts";

export interface MachineFacts {
  readonly processor: string;
  readonly threads: number;
  /** Physical cores that may be used. */
  readonly cores: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  /** Of its control group, below what the machine has; undefined where there is none. */
  readonly memoryLimitBytes: number | undefined;
}

export function machineFacts(): MachineFacts {
  const limit = process.constrainedMemory();
  return {
    processor: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    cores: usableCores(),
    memory: memory(),
    memoryLimitBytes: limit > 0 && limit < totalmem() ? limit : undefined,
  };
}
