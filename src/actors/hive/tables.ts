/**
 * The hive's tables: its workers with what is booked for them, and whom it still owes a decision.
 *
 * @module
 */
import type { ModelFacts } from "../../../machines/worker.ts";
import type { AskRef } from "../../runtime/envelope.ts";
import { table } from "../../runtime/tables.ts";

/** A worker of this hive from the decision to start it until it is reaped: exactly as long its memory is booked. */
export interface MemberRow {
  readonly worker: string;
  readonly model: string;
  readonly path: string;
  readonly state: "loading" | "ready" | "stopping";
  readonly facts: ModelFacts | undefined;
  readonly pid: number;
  readonly port: number;
  readonly reservedBytes: number;
}

export const members = table<MemberRow>({ name: "members", owner: "hive" });

/** Asked for and not decided, by worker. */
export interface PendingRow {
  readonly re: AskRef;
  readonly model: string;
  readonly epoch: number;
  /** It would fit if those that are stopping were gone: it is measured again when one is. */
  readonly waits: boolean;
}

export const pending = table<PendingRow>({ name: "pending", owner: "hive" });

/** Workers that are gone, the last so many: an address lives once. */
export const gone = table<true>({ name: "gone", owner: "hive" });
export const GONE_KEPT = 256;

export const hiveTables = [members, pending, gone];
