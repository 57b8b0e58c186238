/**
 * The hive's tables: its workers with what is booked for them, whom it still owes a decision, and its downloads.
 *
 * @module
 */
import type { DownloadFailure, ModelPlan } from "../../../machines/download.ts";
import type { ProcessEnd, ProcessExit } from "../../../machines/process.ts";
import type { InventoryEntry } from "../../../machines/queen-events.ts";
import type { Quarantine } from "../../../machines/rules/quarantine.ts";
import type { AskRef } from "../../runtime/envelope.ts";
import { table } from "../../runtime/tables.ts";

/** A worker of this hive from the decision to start it until it is reaped: exactly as long its memory is booked. */
export interface MemberRow extends InventoryEntry {
  readonly path: string;
  readonly threads: number;
  /** Of its file and settings: what it takes is remembered by this. */
  readonly profile: string;
}

export const members = table<MemberRow>({ name: "members", owner: "hive", version: 2 });

/** Asked for and not decided, by worker. */
export interface PendingRow {
  readonly re: AskRef;
  readonly model: string;
  readonly epoch: number;
  /** memory: measured again when a worker is gone. download: measured again when its model is here. */
  readonly waits: "nothing" | "memory" | "download";
  /** Its model was fetched for it: what is absent then will not come by fetching. */
  readonly fetched: boolean;
  /** Who asked first has the smaller one. */
  readonly seq: number;
  /** While it waits for memory: the room that it waits for. */
  readonly claim: { readonly device: string; readonly bytes: number } | undefined;
}

export const pending = table<PendingRow>({ name: "pending", owner: "hive", version: 2 });

/** The most that a worker of this profile was ever measured to take, for the last so many. */
export interface PeakRow {
  readonly peakBytes: number;
  readonly atMs: number;
}

export const peaks = table<PeakRow>({ name: "peaks", owner: "hive" });
export const PEAKS_KEPT = 256;

/** Of a worker on its way out of a device that may keep its memory: what there was before. */
export interface DepartureRow {
  readonly device: string;
  readonly heldBytes: number;
  readonly freeBeforeBytes: number;
  /** By others. */
  readonly bookedBytes: number;
}

export const departures = table<DepartureRow>({ name: "departures", owner: "hive" });

/** Devices that are given nothing, by id. */
export const quarantines = table<Quarantine>({ name: "quarantines", owner: "hive" });

/** Who waits for other programs to leave memory, by the id of the ask. */
export interface LookoutRow {
  readonly re: AskRef;
  readonly model: string;
  /** Of the queen that asked. */
  readonly epoch: number;
}

export const lookouts = table<LookoutRow>({ name: "lookouts", owner: "hive" });

/** How a worker of this hive ended. */
export interface GoneRow {
  readonly model: string;
  readonly pid: number;
  readonly end: ProcessEnd;
  /** As the kernel has it: its exit code or signal. */
  readonly how: string;
  /** Not known of what ended under version 2. */
  readonly exit: ProcessExit | undefined;
  /** What it wrote last, cut to a bound. */
  readonly lastLines: readonly string[];
  /** Wall time of the reap. */
  readonly atMs: number;
}

/** Workers that are gone, the last so many: an address lives once, and why it ended can be asked. */
export const gone = table<GoneRow>({ name: "gone", owner: "hive", version: 3 });
export const GONE_KEPT = 256;

/** Models that are being fetched, and how the last ones ended; by the name that was asked for. */
export interface DownloadRow {
  readonly state: "running" | "done" | "failed";
  /** The id of its cell. */
  readonly cell: string;
  readonly failure: DownloadFailure | undefined;
  /** Whom to tell of the end. */
  readonly waiting: readonly AskRef[];
}

export const downloads = table<DownloadRow>({ name: "downloads", owner: "hive" });
/** Ends that are remembered, and who may wait for one download. */
export const ENDED_KEPT = 64;
export const WAITING_MAX = 256;

/** Removals that the port works on. */
export const removals = table<AskRef>({ name: "removals", owner: "hive" });

/** What each running download is to fetch, for the sum of what the disk has to take. */
export interface PlanRow {
  readonly plan: ModelPlan | undefined;
  /** When it last got further. */
  readonly progressAt: number;
}

export const plans = table<PlanRow>({ name: "plans", owner: "download" });

const memory = [peaks, departures, quarantines, lookouts];

export const hiveTables = [members, pending, ...memory, gone, downloads, removals, plans];
