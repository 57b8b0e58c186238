/**
 * Whether a model fits into the memory of a machine, and what is booked for it.
 *
 * Owns: the sum that decides. Does not own: measuring memory (a port answers that).
 *
 *  V1 The sum of all reservations never exceeds what the machine has, less the headroom (RJ3).
 *  V2 What is booked stays booked until the process is reaped.
 *
 * @module
 */

export interface Booked {
  readonly reservedBytes: number;
}

export interface MemoryFacts {
  readonly totalBytes: number;
  /** What the machine could give right now. */
  readonly freeBytes: number;
  readonly headroomBytes: number;
}

export type Reservation =
  | { readonly fits: true; readonly bytes: number; readonly why: string }
  | { readonly fits: false; readonly why: string };

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/**
 * Two bounds, since either may be the tighter one: what is free now, which knows of other programs, and what is booked,
 * which knows of workers that have not taken their memory yet.
 */
export function reserve(needBytes: number, booked: Iterable<Booked>, memory: MemoryFacts): Reservation {
  const sum = [...booked].reduce((total, row) => total + row.reservedBytes, 0);
  const unbooked = memory.totalBytes - memory.headroomBytes - sum;
  const free = memory.freeBytes - memory.headroomBytes;
  const available = Math.max(0, Math.min(unbooked, free));
  const facts = `free ${gib(memory.freeBytes)}, booked ${gib(sum)}, kept back ${gib(memory.headroomBytes)}`;
  const why = `needs ${gib(needBytes)}, ${gib(available)} can be given (${facts})`;
  return needBytes <= available ? { fits: true, bytes: needBytes, why } : { fits: false, why };
}
