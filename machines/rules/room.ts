/**
 * Whether a disk has room for a model that is to be fetched.
 *
 * Owns: the sum that decides. Does not own: measuring the disk (a port answers that).
 *
 *  M1 What is still to come fits beside what other downloads are about to write, and beside what is kept back.
 *
 * @module
 */

export interface DiskFacts {
  readonly toComeBytes: number;
  readonly othersBytes: number;
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

export type Room = { readonly enough: true } | { readonly enough: false; readonly why: string };

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

/** As disks and hubs count: thousands, not 1024s. */
export function diskSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${UNITS[power]}`;
}

export function roomFor({ toComeBytes, othersBytes, freeBytes, reserveBytes }: DiskFacts): Room {
  const missing = toComeBytes + othersBytes + reserveBytes - freeBytes;
  // Whoever has nothing more to write needs no room.
  if (toComeBytes === 0 || missing <= 0) return { enough: true };
  const others = othersBytes === 0 ? "" : `, other downloads still need ${diskSize(othersBytes)}`;
  const why =
    `${diskSize(missing)} are missing: ${diskSize(toComeBytes)} are still to come, ` +
    `${diskSize(freeBytes)} are free${others}, ${diskSize(reserveBytes)} are kept back`;
  return { enough: false, why };
}
