/**
 * What a machine says of itself from time to time: which models it has, and what memory is free.
 *
 * Owns: what follows of that for a model. It is advice: it is minutes old at worst, and whoever acts on it asks the
 * machine, which decides.
 *
 *  AD1 What is booked and not yet taken is not free, and no more than the device has less all that is booked.
 *  AD2 What is not known speaks against nobody.
 *
 * @module
 */
import type { Device } from "./reserve.ts";

export interface ModelTold {
  readonly name: string;
  readonly bytes: number;
}

export interface Advice {
  /** Less what each machine keeps back. */
  readonly devices: readonly Device[];
  readonly models: readonly ModelTold[];
}

/** Of the workers of a machine on a device: booked by all, and by those that have not taken it yet. */
export interface DeviceBooking {
  readonly bookedBytes: number;
  readonly comingBytes: number;
}

/** AD1: the most that one device could give. AD2: nothing where it has not said. */
export function roomBytes(advice: Advice | undefined, booking: (device: string) => DeviceBooking): number | undefined {
  if (advice === undefined) return undefined;
  return advice.devices.reduce((most, { id, totalBytes, freeBytes }) => {
    const { bookedBytes, comingBytes } = booking(id);
    return Math.max(most, Math.min(totalBytes - bookedBytes, freeBytes - comingBytes));
  }, 0);
}

/** Of its file's size: what its engine takes beside it, for contexts, buffers, the process. */
const BESIDE = 0.1;

/** Models by name, over all machines. */
export class Stocks {
  readonly #holders = new Map<string, Map<string, number>>();

  has(hive: string, model: string): boolean {
    return this.#holders.get(model)?.has(hive) === true;
  }

  /** Machines that have it. */
  holders(model: string): Iterable<string> {
    return this.#holders.get(model)?.keys() ?? [];
  }

  /** About what it takes, where some machine has its file. */
  needBytes(model: string): number | undefined {
    const [bytes] = this.#holders.get(model)?.values() ?? [];
    return bytes === undefined ? undefined : Math.ceil(bytes + bytes * BESIDE);
  }

  put(hive: string, { models }: Advice, before: Advice | undefined): void {
    // Most of what it says it has said before.
    if (before?.models === models) return;
    if (before !== undefined) this.del(hive, before);
    for (const { name, bytes } of models) {
      const holders = this.#holders.get(name) ?? new Map<string, number>();
      this.#holders.set(name, holders.set(hive, bytes));
    }
  }

  del(hive: string, { models }: Advice): void {
    for (const { name } of models) {
      const holders = this.#holders.get(name);
      holders?.delete(hive);
      if (holders?.size === 0) this.#holders.delete(name);
    }
  }
}
