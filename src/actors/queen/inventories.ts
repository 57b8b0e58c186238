/**
 * How she begins a term: what every hive has, and what that means to the jobs of the term before.
 *
 * Owns: inventories, and what they make of her rows. Does not own: hives that come and go (members.ts).
 *
 *  C1 What an inventory does not name is gone: its jobs are told, once.
 *  C2 A running attempt whose worker is in the inventory is adopted: nothing is asked twice, the stream goes on.
 *  C5 What no hive has decided on is asked for again, in the new term: no worker comes up that she has given up.
 *  C6 What a hive from elsewhere has and she does not know is stopped: she had given it up, and its jobs are others'.
 *     Those that nobody has begun anew go on there (adoption.ts).
 *  C7 What she knows already is not written again: most machines come back as they went.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { HiveEvent } from "../../../machines/hive.ts";
import type { MemberEvent } from "../../../machines/member.ts";
import type { InventoryEntry, QueenEvent } from "../../../machines/queen-events.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { address, type Address } from "../../../machines/words.ts";
import { ask, type Command, put, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { memberOf } from "../member/behaviour.ts";
import { forgetRuns, goOn } from "./adoption.ts";
import { workersOf } from "./crowding.ts";
import { askFor } from "./loading.ts";
import { disown, lose } from "./news.ts";
import type { QueenSettings } from "./settings.ts";
import { type HiveRow, hives, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toHive = event<HiveEvent>();
const toMember = event<MemberEvent>();
const toSelf = event<QueenEvent>();

/** Of whoever began again; at the beginning of a term, of all. */
export const requestInventories =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const one = scope.event.type === "hive.restored" ? read(scope, "hive.restored").hive : undefined;
    const rows = hiveRows(settings, scope).filter((row) => one === undefined || row.address === one);
    return [
      ...rows.flatMap((row) => [put(hives, row.address, row), ...(row.isPresent ? [askInventory(row, epoch)] : [])]),
      ...(one === undefined ? newTerm(rows, epoch, scope) : []),
      ...rows.flatMap((row) => (row.isPresent ? askForUndecided(row.address, epoch, scope) : [])),
    ];
  };

/** Those that are hers from the start, and those that have joined. */
function hiveRows({ hives: locals, name }: QueenSettings, scope: Scope): readonly HiveRow[] {
  const fresh = { known: false, stopped: false };
  const before = scope.rows(hives);
  const joined = [...before.entries()].flatMap(([, row]) => (row.isLocal ? [] : [{ ...row, ...fresh }]));
  const here = locals.map((hive) => {
    const isDraining = before.get(hive)?.isDraining === true;
    return {
      address: hive,
      name,
      isLocal: true,
      isPresent: true,
      isDoubted: false,
      isDraining,
      isLeaving: false,
      ...fresh,
    };
  });
  return [...here, ...joined];
}

const newTerm = (rows: readonly HiveRow[], epoch: number, scope: Scope): readonly Command[] =>
  rows.flatMap((row) =>
    row.isLocal ? [] : [tell(memberOf(scope.self, row.address), toMember({ type: "term", epoch }), "control")],
  );

/** Flushed first: no hive may have seen an epoch that a crash of this machine takes back. */
export const askInventory = ({ address: hive }: HiveRow, epoch: number): Command =>
  ask(hive, toHive({ type: "inventory", epoch }), {
    name: "inventory",
    key: hive,
    deadlineMs: 60_000,
    onRestart: "again",
    lane: "control",
    after: "flush",
  });

/** C5: it was asked for in a term that no hive will obey any more. */
export const askForUndecided = (hive: Address, epoch: number, scope: Scope): readonly Command[] =>
  workersOf(scope, hive)
    .filter((row) => row.reservedBytes === 0)
    .map((row) => askFor(row, epoch));

export function reconcile({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { hive, workers: found } = read(scope, "hive.inventory");
  const hiveRow = scope.rows(hives).get(hive);
  if (hiveRow === undefined) return [];
  const present = new Set(found.map((entry) => entry.worker));
  const commands: Command[] = [put(hives, hive, { ...hiveRow, stopped: false, known: true })];
  for (const row of workersOf(scope, hive)) {
    // What she asked for and the hive has not decided yet is asked for again: C5.
    if (present.has(row.id) || row.state === "asked") continue;
    const message = "it was gone when the node came back";
    commands.push(...lose(row.id, { code: "worker.lost", class: "transient", message }, scope));
  }
  for (const entry of found) {
    const isHers = hiveRow.isLocal || scope.rows(workers).has(entry.worker);
    const row = adopted(entry, hive, scope);
    commands.push(...(isHers ? putNew(row, scope) : (goOn(row, scope) ?? disown(epoch, row.id, hive))));
  }
  commands.push(...forgetRuns(hive, scope));
  // DR2 of draining.ts: what came up while she was away goes again.
  if (hiveRow.isLeaving) commands.push(raise(toSelf({ type: "hive.leaving", hive })));
  return hiveRow.isDraining ? [...commands, raise(toSelf({ type: "drain.hive", name: hiveRow.name }))] : commands;
}

/** C7. */
const putNew = (row: WorkerRow, scope: Scope): readonly Command[] =>
  isDeepStrictEqual(row, scope.rows(workers).get(row.id)) ? [] : [put(workers, row.id, row)];

function adopted(entry: InventoryEntry, hive: Address, scope: Scope): WorkerRow {
  const before = scope.rows(workers).get(entry.worker);
  return {
    id: entry.worker,
    address: address(entry.worker, "worker", "main"),
    hive,
    model: entry.model,
    // What she has told to stop stops, though its hive had not heard of it yet.
    state: before?.state === "stopping" ? "stopping" : entry.state,
    slots: entry.facts?.slots ?? 0,
    isPinned: before?.isPinned ?? false,
    isDoubted: before?.isDoubted ?? false,
    tokensPerS: before?.tokensPerS ?? 0,
    jobs: before?.jobs ?? [],
    backend: entry.facts?.backend ?? "",
    pid: entry.pid,
    port: entry.port,
    device: entry.device,
    reservedBytes: entry.reservedBytes,
    usedAt: before?.usedAt ?? scope.at,
    instead: [],
    refusals: [],
  };
}

export function checkReconciled(_params: unknown, scope: Scope): readonly Command[] {
  for (const [, hive] of scope.rows(hives).entries()) if (hive.isLocal && !hive.known) return [];
  return [raise(toSelf({ type: "reconciled" }))];
}
