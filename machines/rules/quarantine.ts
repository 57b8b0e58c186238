/**
 * Whether the memory of a worker that is gone came back, and what follows if it did not.
 *
 * A pure rule. On the processor the reap is the proof: the kernel gives memory back. A driver of a GPU may not.
 *
 *  Q1 A device whose memory stays away after a reap is given no model, with the reason, until the memory is back.
 *  Q2 What others have booked there in the meantime explains memory that is missing.
 *  Q3 Plain memory is never quarantined.
 *
 * @module
 */
import type { Device } from "./reserve.ts";
import { sizeText } from "./sizes.ts";

/** The most of what it held, so that rounding and small allocations of others accuse nobody. */
const MOST = 0.75;

/** A device that is given nothing at the moment. */
export interface Quarantine {
  readonly device: string;
  /** So much must be free again. */
  readonly untilFreeBytes: number;
  readonly why: string;
}

export interface Departure {
  readonly worker: string;
  readonly heldBytes: number;
  /** Before it was reaped. */
  readonly freeBeforeBytes: number;
  /** Booked by others on this device since then. */
  readonly bookedSinceBytes: number;
}

/** Looked at after the reap, for as long as memory may take to come back. */
export function quarantined(device: Device, departure: Departure): Quarantine | undefined {
  const { worker, heldBytes, freeBeforeBytes, bookedSinceBytes } = departure;
  const untilFreeBytes = freeBeforeBytes + heldBytes * MOST - bookedSinceBytes;
  if (device.kind === "cpu" || device.freeBytes >= untilFreeBytes) return undefined;
  const missing = sizeText(freeBeforeBytes + heldBytes - bookedSinceBytes - device.freeBytes);
  return {
    device: device.id,
    untilFreeBytes,
    why: `${worker} is gone, and ${missing} of its memory did not come back`,
  };
}

/** The devices that may be given a model. */
export const usable = (devices: readonly Device[], kept: readonly Quarantine[]): readonly Device[] =>
  devices.filter((device) => !kept.some((row) => row.device === device.id && device.freeBytes < row.untilFreeBytes));
