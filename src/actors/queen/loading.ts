/**
 * Asking a hive for a worker.
 *
 *  LO1 A worker that was asked for and not decided on is asked for again in each term, with those it is to replace.
 *  LO3 A hive that says no is not the end of it: the next one is asked, and only when none is left the load has failed.
 *      Who is pinned asks nobody else.
 *  LO2 The hive bounds each step of a load itself, a download among them: the ask outlives them all.
 *  LO4 Where no machine may be asked nothing is begun: who waits is seen to when one may.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import { chooseHive } from "../../../machines/rules/choose-hive.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { address, type Address } from "../../../machines/words.ts";
import { ask, type Command, put, type Scope } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { loadAsked } from "./history.ts";
import { allViews, choiceOf, needOf, viewsFor } from "./candidates.ts";
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

export interface Room {
  readonly hive: Address;
  readonly instead: readonly string[];
}

/** A new worker for a model: on the machine that it is pinned to or that was chosen, or else on the best. LO4. */
export function load(
  epoch: number,
  model: string,
  scope: Scope,
  { node, room }: { readonly node?: Address | undefined; readonly room?: Room } = {},
): { readonly id: string; readonly commands: readonly Command[] } | undefined {
  const id = `w${scope.serial}`;
  const needBytes = needOf(model, scope);
  const sought = { tried: [], needBytes, node };
  const views = room === undefined ? viewsFor(model, sought, scope) : allViews(model, scope);
  const hive = room?.hive ?? chooseHive(views, sought)?.address;
  if (hive === undefined) return undefined;
  const row: WorkerRow = {
    id,
    address: address(id, "worker", "main"),
    hive,
    model,
    state: "asked",
    slots: 0,
    isPinned: node !== undefined,
    isDoubted: false,
    tokensPerS: 0,
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
  const choice = choiceOf(row, views, needBytes, scope);
  return { id, commands: [put(workers, id, row), ...loadAsked(row, choice, scope), askFor(row, epoch)] };
}

/** LO3. Nothing where nobody is left to be asked. */
export function loadElsewhere(row: WorkerRow, epoch: number, scope: Scope): readonly Command[] | undefined {
  const tried = row.refusals.map(({ hive }) => hive);
  const sought = { tried, needBytes: needOf(row.model, scope) };
  const next = row.isPinned ? undefined : chooseHive(viewsFor(row.model, sought, scope), sought);
  if (next === undefined) return undefined;
  const moved = { ...row, hive: next.address, instead: [] };
  return [put(workers, row.id, moved), askFor(moved, epoch)];
}
