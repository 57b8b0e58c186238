/**
 * Rows of the queen's tables for tests: whole, with only what a test is about said by it.
 *
 * @module
 */
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import type { HiveRow } from "../../src/actors/queen/tables.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import { address, hostOf } from "../../machines/words.ts";

export const jobRow = (given: Partial<JobRow> & { readonly id: string; readonly seq: number }): JobRow => ({
  requestBytes: 10,
  model: "m",
  capability: "text",
  priority: 5,
  label: "private",
  state: "queued",
  attempt: 0,
  worker: undefined,
  why: "",
  admittedAt: 0,
  startedAt: undefined,
  endedAt: undefined,
  idempotencyKey: undefined,
  usage: undefined,
  failure: undefined,
  ...given,
});

export const workerRow = (given: Partial<WorkerRow> & { readonly id: string }): WorkerRow => ({
  address: address(given.id, "worker", "main"),
  hive: "hive/hive/main",
  model: "m",
  state: "ready",
  slots: 2,
  isPinned: false,
  isDoubted: false,
  tokensPerS: 0,
  jobs: [],
  backend: "cpu",
  pid: 7,
  port: 8001,
  device: "cpu",
  reservedBytes: 100,
  usedAt: 0,
  instead: [],
  refusals: [],
  ...given,
});

/** A hive that is there. */
export const hiveRow = (given: Partial<HiveRow> & Pick<HiveRow, "address">): HiveRow => ({
  name: hostOf(given.address),
  isLocal: false,
  isPresent: true,
  isDoubted: false,
  isDraining: false,
  isLeaving: false,
  known: true,
  stopped: false,
  ...given,
});
