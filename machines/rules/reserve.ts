/**
 * Whether a model fits into the memory of a machine, on which of its devices, and what is booked for it.
 *
 * Owns: the sum that decides, and its words. Does not own: measuring memory (a port answers that), who has to make room
 * (evict.ts).
 *
 *  V1 No decision lets the sum of all reservations exceed what a device has, less what is kept back (RJ3).
 *  V2 What is booked and not yet taken is given to nobody else, however much of the device is free at the moment.
 *  V3 A model goes whole onto one device: a GPU where one has room, the one with the most room first; else onto the
 *     processor. With `gpu: none` always onto the processor.
 *  V4 What only has to wait is told apart from what cannot be given: `waits` for those that are stopping, `busy` where
 *     it would fit without those that run, with the bytes that are missing, `refused` where it would not.
 *  V5 Measured beats estimated: the peak of an earlier load of the same file in the same settings, and a margin.
 *  V6 Who is refused only for what other programs hold is told how much has to be free for it: then it fits beside all
 *     that is booked. Who would not fit beside that has nothing to hope for from others.
 *
 * @module
 */
import { sizeText } from "./sizes.ts";

export type DeviceKind = "cpu" | "cuda" | "metal" | "vulkan";

/** Where memory is. The processor's own is "cpu". */
export interface Device {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly totalBytes: number;
  /** What it could give right now. */
  readonly freeBytes: number;
}

/** What a model takes in given settings, part by part, as its header says. */
export interface ModelNeeds {
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  readonly bufferBytes: number;
  readonly processBytes: number;
  /** One more token of context, in all slots. */
  readonly perTokenBytes: number;
  /** Tokens of each slot: those asked for, or as many as it was trained for. */
  readonly contextTokens: number;
  readonly askedTokens: number;
  readonly trainedTokens: number | undefined;
}

export interface Booked {
  readonly device: string;
  readonly reservedBytes: number;
  /** How much of it is gone from what is free already. */
  readonly takenBytes: number;
  /** It is on its way out: soon all of this is free. */
  readonly leaving: boolean;
}

export interface Limits {
  /** Of the machine's own memory, for everything that is no worker. */
  readonly headroomBytes: number;
  readonly gpu: "auto" | "none";
}

export type Reservation =
  | { readonly kind: "fits"; readonly device: string; readonly bytes: number; readonly why: string }
  | { readonly kind: "waits"; readonly device: string; readonly bytes: number; readonly why: string }
  | {
      readonly kind: "busy";
      readonly device: string;
      readonly missingBytes: number;
      /** V6: so much has to be free there, less what is promised. Nothing where that would not help. */
      readonly untilFreeBytes: number | undefined;
      readonly why: string;
    }
  | { readonly kind: "refused"; readonly why: string };

const MARGIN = 0.05;
const MARGIN_BYTES_MIN = 16 * 2 ** 20;
/** A context is offered in steps of this. */
const TOKENS_STEP = 256;

/** What is booked for it. */
export function needBytes(needs: ModelNeeds, peakBytes: number | undefined): number {
  const { weightsBytes, cacheBytes, bufferBytes, processBytes } = needs;
  if (peakBytes === undefined) return weightsBytes + cacheBytes + bufferBytes + processBytes;
  return Math.ceil(peakBytes + Math.max(peakBytes * MARGIN, MARGIN_BYTES_MIN));
}

/** What a device can give: now, once those that leave are gone, once all are gone. */
interface Room {
  readonly device: Device;
  readonly nowBytes: number;
  readonly laterBytes: number;
  readonly emptyBytes: number;
  readonly bookedBytes: number;
  readonly keptBytes: number;
  /** What nobody has booked, as if all of that were free. */
  readonly unbookedBytes: number;
}

const sumOf = (rows: readonly Booked[]): number => rows.reduce((sum, row) => sum + row.reservedBytes, 0);

/**
 * Two bounds, since either may be the tighter one: what is free now, which knows of other programs, and what is booked,
 * which knows of workers that have not taken their memory yet.
 */
function roomOf(device: Device, booked: readonly Booked[], { headroomBytes }: Limits): Room {
  const here = booked.filter((row) => row.device === device.id);
  const bookedBytes = sumOf(here);
  const keptBytes = device.kind === "cpu" ? headroomBytes : 0;
  const unbookedBytes = device.totalBytes - keptBytes - bookedBytes;
  const free = device.freeBytes - keptBytes - promisedBytes(here);
  const nowBytes = Math.min(unbookedBytes, free);
  const laterBytes = nowBytes + sumOf(here.filter(({ leaving }) => leaving));
  return { device, nowBytes, laterBytes, emptyBytes: nowBytes + bookedBytes, bookedBytes, keptBytes, unbookedBytes };
}

/** What is booked and not yet gone from what is free. */
export const promisedBytes = (rows: readonly Pick<Booked, "reservedBytes" | "takenBytes">[]): number =>
  rows.reduce((sum, { reservedBytes, takenBytes }) => sum + Math.max(0, reservedBytes - takenBytes), 0);

/** V3: the order in which devices are asked. */
function inOrder(rooms: readonly Room[], { gpu }: Limits): readonly Room[] {
  const cpu = rooms.filter(({ device }) => device.kind === "cpu");
  if (gpu === "none") return cpu;
  const gpus = rooms.filter(({ device }) => device.kind !== "cpu");
  return [...gpus.toSorted((a, b) => b.nowBytes - a.nowBytes || (a.device.id < b.device.id ? -1 : 1)), ...cpu];
}

export function reserve(
  needs: ModelNeeds,
  peakBytes: number | undefined,
  booked: readonly Booked[],
  devices: readonly Device[],
  limits: Limits,
): Reservation {
  const bytes = needBytes(needs, peakBytes);
  const rooms = inOrder(
    devices.map((device) => roomOf(device, booked, limits)),
    limits,
  );
  const says = (room: Room | undefined, end: string): string =>
    [needText(needs, peakBytes), roomText(room, limits), end, trainedText(needs)]
      .filter((part) => part !== "")
      .join("; ");
  const fits = rooms.find(({ nowBytes }) => bytes <= nowBytes);
  if (fits !== undefined) {
    return { kind: "fits", device: fits.device.id, bytes, why: says(fits, whereText(fits, rooms)) };
  }
  const later = rooms.find(({ laterBytes }) => bytes <= laterBytes);
  if (later !== undefined) {
    return { kind: "waits", device: later.device.id, bytes, why: says(later, "it waits for those that are stopping") };
  }
  const busy = rooms.find(({ emptyBytes }) => bytes <= emptyBytes);
  if (busy !== undefined) {
    const missingBytes = bytes - busy.laterBytes;
    const untilFreeBytes = bytes <= busy.unbookedBytes ? bytes + busy.keptBytes : undefined;
    const why = says(busy, `${sizeText(missingBytes)} more would be there without the workers that run`);
    return { kind: "busy", device: busy.device.id, missingBytes, untilFreeBytes, why };
  }
  return { kind: "refused", why: says(rooms[0], refusedText(needs, bytes, rooms)) };
}

function needText(needs: ModelNeeds, peakBytes: number | undefined): string {
  const { weightsBytes, cacheBytes, bufferBytes, processBytes } = needs;
  const parts =
    `weights ${sizeText(weightsBytes)} + KV cache ${sizeText(cacheBytes)} + buffers ${sizeText(bufferBytes)}` +
    ` + process ${sizeText(processBytes)}`;
  const need = sizeText(needBytes(needs, peakBytes));
  if (peakBytes === undefined) return `needs ${need}: ${parts}`;
  return `needs ${need}, measured: an earlier load took ${sizeText(peakBytes)} (estimated ${parts})`;
}

function roomText(room: Room | undefined, { headroomBytes }: Limits): string {
  if (room === undefined) return "there is no device for it";
  const { device, nowBytes, bookedBytes } = room;
  const kept = device.kind === "cpu" ? `, kept back ${sizeText(headroomBytes)}` : "";
  const facts = `free ${sizeText(device.freeBytes)}, booked ${sizeText(bookedBytes)}${kept}`;
  return `${sizeText(Math.max(0, nowBytes))} can be given (${facts})`;
}

function whereText({ device }: Room, rooms: readonly Room[]): string {
  if (rooms.length < 2) return "";
  const full = rooms.filter((room) => room.device.kind !== "cpu").map((room) => room.device.id);
  return device.kind === "cpu" ? `on the processor, since there is no room on ${full.join(", ")}` : `on ${device.id}`;
}

/** The part that a person can change: V4. */
function refusedText({ contextTokens, perTokenBytes }: ModelNeeds, bytes: number, rooms: readonly Room[]): string {
  const most = rooms.toSorted((a, b) => b.emptyBytes - a.emptyBytes)[0];
  if (most === undefined) return "refused";
  const alone = most.bookedBytes > 0 ? `, ${sizeText(Math.max(0, most.emptyBytes))} without any other worker` : "";
  const spare = bytes - most.emptyBytes;
  const tokens = perTokenBytes === 0 ? 0 : contextTokens - Math.ceil(spare / perTokenBytes);
  const offered = Math.floor(tokens / TOKENS_STEP) * TOKENS_STEP;
  return `refused${alone}${offered > 0 ? `; a context of ${offered} would fit: set worker.contextTokens` : ""}`;
}

/** A context that is smaller than asked for is said, never given in silence. */
const trainedText = ({ askedTokens, contextTokens }: ModelNeeds): string =>
  contextTokens < askedTokens
    ? `it was trained for ${contextTokens} tokens, fewer than worker.contextTokens ${askedTokens}`
    : "";
