/**
 * Asking a hive for a worker.
 *
 *  LO1 A worker that was asked for and not decided on is asked for again in each term, with those it is to replace.
 *  LO3 A hive that says no is not the end of it: the next one is asked, and only when none is left the load has failed.
 *  LO2 The hive bounds each step of a load itself, a download among them: the ask outlives them all.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import { chooseHive } from "../../../machines/rules/choose-hive.ts";
import type { LoadRefusal, WorkerRow } from "../../../machines/rules/fleet.ts";
import { address, type Address } from "../../../machines/words.ts";
import { ask, type Command, put, type Scope } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { loadAsked } from "./history.ts";
import { hives, workers } from "./tables.ts";

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

/** A new worker for a model, on the hive that was chosen, or on the best. */
export function load(
  epoch: number,
  model: string,
  scope: Scope,
  room?: { readonly hive: Address; readonly instead: readonly string[] },
): { readonly id: string; readonly commands: readonly Command[] } {
  const id = `w${scope.serial}`;
  const row: WorkerRow = {
    id,
    address: address(id, "worker", "main"),
    hive: room?.hive ?? nextHive([], scope) ?? address("hive", "hive", "main"),
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
    instead: room?.instead ?? [],
    refusals: [],
  };
  return {
    id,
    commands: [put(workers, id, row), ...loadAsked(row, scope), askFor(row, epoch)],
  };
}

function nextHive(refusals: readonly LoadRefusal[], scope: Scope): Address | undefined {
  const fleet = scope.rows(workers).index;
  const views = [...scope.rows(hives).entries()].map(([, hive]) => ({ ...hive, workers: fleet.on(hive.address) }));
  return chooseHive(
    views,
    refusals.map(({ hive }) => hive),
  )?.address;
}

/** LO3. Nothing where nobody is left to be asked. */
export function loadElsewhere(row: WorkerRow, epoch: number, scope: Scope): readonly Command[] | undefined {
  const hive = nextHive(row.refusals, scope);
  if (hive === undefined) return undefined;
  const moved = { ...row, hive, instead: [] };
  return [put(workers, row.id, moved), askFor(moved, epoch)];
}
