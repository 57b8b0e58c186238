/**
 * What a machine tells its queen of itself from time to time: what its devices have free, and which models it has.
 *
 * Owns: gathering it. Does not own: when it is told (cluster/member-side.ts), what follows of it
 * (machines/rules/advice.ts).
 *
 *  TL1 What it keeps back for itself it does not offer.
 *  TL2 However many models there are, no more is told than fits into one small message.
 *
 * @module
 */
import type { ModelTold } from "../../../machines/rules/advice.ts";
import type { Device } from "../../../machines/rules/reserve.ts";
import { HUB_PREFIX, hubName } from "../../protocol/model-name.ts";
import type { Catalog, CatalogEntry } from "../models/catalog.ts";

export interface Told {
  readonly devices: readonly Device[];
  readonly models: readonly ModelTold[];
}

/** Of all names together. */
const NAMES_CHARS_MAX = 32_768;

export interface TellingOptions {
  readonly room: () => readonly Device[];
  readonly catalog: Catalog;
  readonly headroomBytes: number;
}

export async function tellingOf({ room, catalog, headroomBytes }: TellingOptions): Promise<Told> {
  // A folder that cannot be read has nothing to offer.
  const entries = await catalog.list().catch(() => []);
  return { devices: room().map((device) => offered(device, headroomBytes)), models: fitting(entries.flatMap(namesOf)) };
}

/** TL1. */
function offered(device: Device, headroomBytes: number): Device {
  if (device.kind !== "cpu") return device;
  const less = (bytes: number): number => Math.max(0, bytes - headroomBytes);
  return { ...device, totalBytes: less(device.totalBytes), freeBytes: less(device.freeBytes) };
}

/** As a request may name it: by its file, or by its quantization. */
function namesOf({ name, quant, bytes }: CatalogEntry): readonly ModelTold[] {
  const hub = hubName(name);
  const alias = hub === undefined || quant === "" ? [] : [`${HUB_PREFIX}${hub.owner}/${hub.repo}:${quant}`];
  return [name, ...alias].map((each) => ({ name: each, bytes }));
}

/** TL2. */
function fitting(models: readonly ModelTold[]): readonly ModelTold[] {
  let chars = 0;
  return models.filter(({ name }) => (chars += name.length) <= NAMES_CHARS_MAX);
}
