/**
 * Asking a hive for a worker.
 *
 *  LO1 A worker that was asked for and not decided on is asked for again in each term, with those it is to replace.
 *  LO2 The hive bounds each step of a load itself, a download among them: the ask outlives them all.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { address, type Address } from "../../../machines/words.ts";
import { ask, type Command, put, type Scope } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { loadAsked } from "./history.ts";
import type { QueenSettings } from "./settings.ts";
import { workers } from "./tables.ts";

const toHive = event<HiveEvent>();

const DAY_MS = 86_400_000;

/** Asked again, in a later term, it replaces what was asked before. */
export const askFor = ({ id, hive, model, instead }: WorkerRow, epoch: number): Command =>
  ask(hive, toHive({ type: "start.worker", epoch, worker: id, model, instead }), {
    name: "load",
    key: id,
    deadlineMs: DAY_MS,
    onRestart: "again",
  });

/** A new worker for a model, on the hive there is. */
export function load(
  settings: QueenSettings,
  epoch: number,
  model: string,
  scope: Scope,
  instead: readonly string[] = [],
): { readonly id: string; readonly commands: readonly Command[] } {
  const id = `w${scope.serial}`;
  const hive = settings.hives[0] as Address;
  const row: WorkerRow = {
    id,
    address: address(id, "worker", "main"),
    hive,
    model,
    state: "asked",
    slots: 0,
    jobs: [],
    backend: "",
    pid: 0,
    port: 0,
    device: "",
    reservedBytes: 0,
    usedAt: scope.at,
    instead,
  };
  return {
    id,
    commands: [put(workers, id, row), ...loadAsked(row, scope), askFor(row, epoch)],
  };
}
