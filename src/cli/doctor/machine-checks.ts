/**
 * What the doctor examines of the machine: Node, memory, disk, the clock.
 *
 * @module
 */
import { existsSync, statfsSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { memory as memoryNow } from "../../hosts/machine/machine.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { DISK_HEADROOM_BYTES } from "../../hosts/real/home-folder.ts";
import { type Check, fail, ok, warn, type Finding } from "./check.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** A worker with the starter, and a little. */
const MEMORY_NEEDED_BYTES = 256 * MIB;
const MEMORY_USEFUL_BYTES = 2 * GIB;
/** Below this no larger model fits. */
const DISK_USEFUL_BYTES = 8 * GIB;

/** node_modules/ stands beside src/ in a checkout, and beside dist/src/ in a package. */
const ROOT = import.meta.filename.endsWith(".ts") ? "../../../" : "../../../../";
const PACKAGES = fileURLToPath(new URL(`${ROOT}node_modules`, import.meta.url));

export const nodejs: Check = {
  name: "nodejs",
  examine() {
    const { execPath, versions, platform, arch } = process;
    const from = execPath.startsWith(PACKAGES + path.sep) ? "of rbee's own packages" : "of this machine";
    return ok(`Node ${versions.node} ${from} (${execPath}) on ${platform} ${arch}`);
  },
};

export const memory: Check = {
  name: "memory",
  examine: ({ config }) => memoryFinding({ ...memoryNow(), headroomBytes: config?.memory.headroomBytes ?? 0 }),
};

/** What is free beyond the headroom is what workers may have. */
export function memoryFinding(bytes: { totalBytes: number; freeBytes: number; headroomBytes: number }): Finding {
  const { totalBytes, freeBytes, headroomBytes } = bytes;
  const forModels = Math.max(0, freeBytes - headroomBytes);
  const has = `${sizeText(freeBytes)} free of ${sizeText(totalBytes)}`;
  const text = `${has}: models of up to ${sizeText(forModels)} with their context fit now`;
  if (forModels < MEMORY_NEEDED_BYTES)
    return fail(
      `${has}, of which ${sizeText(headroomBytes)} are kept free`,
      "End other programs, or lower memory.headroom.",
    );
  return forModels < MEMORY_USEFUL_BYTES ? warn(text, "End other programs before you load a larger model.") : ok(text);
}

export const disk: Check = {
  name: "disk",
  examine({ paths }) {
    const [home, models] = [existingAbove(paths.home), existingAbove(paths.models)];
    const places = statSync(home).dev === statSync(models).dev ? [models] : [home, models];
    const found = places.map((place) => diskFinding(place, roomAt(place)));
    return found.find(({ level }) => level === "fail") ?? found.find(({ level }) => level === "warn") ?? found.at(-1);
  },
};

export function diskFinding(place: string, bytes: number): Finding {
  const text = `${sizeText(bytes)} free at ${place}`;
  if (bytes < DISK_HEADROOM_BYTES) {
    const below = `while less than ${sizeText(DISK_HEADROOM_BYTES)} are free`;
    return fail(text, `Free some space: a queen takes no requests and a hive fetches no model ${below}.`);
  }
  return bytes < DISK_USEFUL_BYTES
    ? warn(text, "Free some space before you download a model of several GiB.")
    : ok(text);
}

function roomAt(place: string): number {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

/** The folder, or the nearest above it that exists. */
function existingAbove(place: string): string {
  return existsSync(place) || path.dirname(place) === place ? place : existingAbove(path.dirname(place));
}

const CLOCK_LOOK_MS = 200;
const CLOCK_JUMP_MS = 100;
/** Before this version of rbee was written, and long after it will be of any use. */
const YEARS = { from: 2025, to: 2100 };

export const clock: Check = {
  name: "clock",
  async examine() {
    const [wallMs, monotonicMs] = [Date.now(), performance.now()];
    await pause(CLOCK_LOOK_MS);
    return clockFinding(new Date(), Date.now() - wallMs - (performance.now() - monotonicMs));
  },
};

/** @param jumpedMs how much further the wall clock went than the monotonic one. */
export function clockFinding(now: Date, jumpedMs: number): Finding {
  const remedy = "Set the clock, and let it be kept by NTP: certificates and deadlines go by it.";
  const year = now.getUTCFullYear();
  if (year < YEARS.from || year > YEARS.to) return fail(`it is ${now.toISOString()} here, which cannot be`, remedy);
  if (Math.abs(jumpedMs) > CLOCK_JUMP_MS)
    return warn(`the wall clock jumped by ${Math.round(jumpedMs)} ms within ${CLOCK_LOOK_MS} ms`, remedy);
  return ok(`${now.toISOString()}, and it runs evenly`);
}
