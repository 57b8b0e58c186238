/**
 * How she begins a term and how she takes everything down.
 *
 * Owns: inventories of hives and what they mean to jobs; the phases of draining. Does not own: what a hive does to
 * drain.
 *
 *  C1 What an inventory does not name is gone: its jobs are told, once.
 *  C2 A running attempt whose worker is in the inventory is adopted: nothing is asked twice, the stream goes on.
 *  C3 The answer to `drain` leaves when every hive has stopped, or the deadline of the phase has passed.
 *  C4 A step that broke while she stopped does not undo it: whoever still waits makes her stop again.
 *  C5 What no hive has decided on is asked for again, in the new term: no worker comes up that she has given up.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent } from "../../../machines/job.ts";
import type { InventoryEntry, QueenEvent } from "../../../machines/queen.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { ask, type Command, del, put, raise, reply, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { lose } from "./news.ts";
import { askFor } from "./loading.ts";
import type { QueenSettings } from "./settings.ts";
import { drains, hives, jobs, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toHive = event<HiveEvent>();
const toJob = event<JobEvent>();
const toSelf = event<QueenEvent>();

export const requestInventories =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => [
    ...settings.hives.flatMap((hive) => [
      put(hives, hive, { address: hive, stopped: false, known: false }),
      // Flushed first: no hive may have seen an epoch that a crash of this machine takes back.
      ask(hive, toHive({ type: "inventory", epoch }), {
        name: "inventory",
        key: hive,
        deadlineMs: 60_000,
        onRestart: "again",
        lane: "control",
        after: "flush",
      }),
    ]),
    // C5: it was asked for in a term that no hive will obey any more.
    ...[...scope.rows(workers).entries()]
      .filter(([, row]) => row.reservedBytes === 0)
      .map(([, row]) => askFor(row, epoch)),
  ];

export function reconcile(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, workers: found } = read(scope, "hive.inventory");
  const present = new Set(found.map((entry) => entry.worker));
  const commands: Command[] = [put(hives, hive, { address: hive, stopped: false, known: true })];
  for (const [id, row] of scope.rows(workers).entries()) {
    // What she asked for and the hive has not decided yet is asked for again: C5.
    if (row.hive !== hive || present.has(id) || row.state === "asked") continue;
    const message = "it was gone when the node came back";
    commands.push(...lose(id, { code: "worker.lost", class: "transient", message }, scope));
  }
  for (const entry of found) commands.push(put(workers, entry.worker, adopted(entry, hive, scope)));
  return commands;
}

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
    jobs: before?.jobs ?? [],
    backend: entry.facts?.backend ?? "",
    pid: entry.pid,
    port: entry.port,
    device: entry.device,
    reservedBytes: entry.reservedBytes,
    usedAt: before?.usedAt ?? scope.at,
    instead: [],
  };
}

export function checkReconciled(_params: unknown, scope: Scope): readonly Command[] {
  for (const [, hive] of scope.rows(hives).entries()) if (!hive.known) return [];
  return [raise(toSelf({ type: "reconciled" }))];
}

export function rememberDrain(_params: unknown, scope: Scope): readonly Command[] {
  return scope.re === undefined ? [] : [put(drains, scope.re.id, scope.re)];
}

export function resumeDrain(_params: unknown, scope: Scope): readonly Command[] {
  return scope.rows(drains).size === 0 ? [] : [raise(toSelf({ type: "drain" }))];
}

export function checkIdle(_params: unknown, scope: Scope): readonly Command[] {
  return scope.rows(jobs).index.running === 0 ? [raise(toSelf({ type: "jobs.idle" }))] : [];
}

/** What still runs gives its slot back and waits, in the journal, for the node's next start. */
export function suspendJobs(_params: unknown, scope: Scope): readonly Command[] {
  const commands: Command[] = [];
  for (const [id, row] of scope.rows(jobs).entries()) {
    if (row.state !== "running") continue;
    commands.push(tell(address(hostOf(scope.self), "job", id), toJob({ type: "suspend" }), "control"));
  }
  return commands;
}

const toHives = (scope: Scope, made: Parameters<typeof toHive>[0]): readonly Command[] =>
  [...scope.rows(hives).entries()].map(([, { address: hive }]) => tell(hive, toHive(made), "control"));

export const drainHives = ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] =>
  toHives(scope, { type: "drain", epoch });

export const hurryHives = ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] =>
  toHives(scope, { type: "hurry", epoch });

export function noteHiveStopped(_params: unknown, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.stopped");
  const others = [...scope.rows(hives).entries()].every(([id, row]) => id === hive || row.stopped);
  return [
    put(hives, hive, { address: hive, stopped: true, known: true }),
    ...(others ? [raise(toSelf({ type: "hives.stopped" }))] : []),
  ];
}

export function answerDrain(_params: unknown, scope: Scope): readonly Command[] {
  return [...scope.rows(drains).entries()].flatMap(([id, re]) => [
    del(drains, id),
    reply(re, { type: "drained" }, "flush"),
  ]);
}
