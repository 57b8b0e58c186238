/**
 * Hives on other machines, as they come and go.
 *
 * Owns: their rows, and what it means to jobs and workers that one is there or is not. Does not own: when one is given
 * up (machines/member.ts).
 *
 *  ME1 A hive that comes, also back, is asked what it has before it is asked for anything else.
 *  ME3 A hive that is doubted is given nothing; what it has it keeps, until it is given up or there again. Then whoever
 *      waits is looked at.
 *  ME2 The workers of one that was given up are lost, each once, and their jobs go on elsewhere; nobody waits for its
 *      answers any more (RS2).
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { MemberEvent } from "../../../machines/member.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { QueenContext } from "../../../machines/queen.ts";
import { type Address, hostOf } from "../../../machines/words.ts";
import { type Command, del, drop, put, type Scope, spawn, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { memberOf } from "../member/behaviour.ts";
import { rememberRuns } from "./adoption.ts";
import { allStopped } from "./cascade.ts";
import { askForUndecided, askInventory } from "./inventories.ts";
import { askAnew, workersOf } from "./crowding.ts";
import { lose } from "./news.ts";
import { placeAll } from "./placement.ts";
import { advice, hives, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toMember = event<MemberEvent>();
const toHive = event<HiveEvent>();

/** How every hive begins. */
export const NEWCOMER = {
  isPresent: false,
  isDoubted: false,
  isDraining: false,
  isLeaving: false,
  known: false,
  stopped: false,
} as const;

export function noteLinked({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { hive, name, link } = read(scope, "hive.linked");
  const known = scope.rows(hives).get(hive);
  if (known?.isLocal === true) return [];
  const fresh = { address: hive, name, isLocal: false, ...NEWCOMER };
  return [
    put(hives, hive, { ...fresh, ...known, name, isLeaving: false }),
    ...(known === undefined ? [spawn("member", hostOf(hive), { epoch })] : []),
    tell(memberOf(scope.self, hive), toMember({ type: "linked", link }), "control"),
  ];
}

export function noteUnlinked(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, ...told } = read(scope, "hive.unlinked");
  if (scope.rows(hives).get(hive)?.isLocal !== false) return [];
  return [tell(memberOf(scope.self, hive), toMember({ ...told, type: "unlinked" }), "control")];
}

/** ME3. */
export function noteDoubted(_params: unknown, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.doubted");
  const row = scope.rows(hives).get(hive);
  return row === undefined ? [] : [put(hives, hive, { ...row, isDoubted: true }), ...doubt(hive, true, scope)];
}

const doubt = (hive: Address, isDoubted: boolean, scope: Scope): readonly Command[] =>
  workersOf(scope, hive).flatMap((row) =>
    row.isDoubted === isDoubted ? [] : [put(workers, row.id, { ...row, isDoubted })],
  );

export function notePresent({ epoch, phase }: QueenContext, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.present");
  const row = scope.rows(hives).get(hive);
  if (row === undefined) return [];
  const present = { ...row, isPresent: true, isDoubted: false, known: false, stopped: false };
  const isStopping = phase === "draining" || phase === "stopped";
  return [
    put(hives, hive, present),
    ...doubt(hive, false, scope),
    drop("inventory", hive),
    askInventory(present, epoch),
    ...(isStopping ? [tell(hive, toHive({ type: "drain", epoch }), "control")] : askForUndecided(hive, epoch, scope)),
    ...askAnew(scope),
    ...placeAll(undefined, scope),
  ];
}

/** ME2. */
export function noteAway(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, message } = read(scope, "hive.away");
  return [...workersOf(scope, hive).flatMap((worker) => rememberRuns(worker, scope)), ...givenUp(hive, message, scope)];
}

export function givenUp(hive: Address, message: string, scope: Scope): readonly Command[] {
  const row = scope.rows(hives).get(hive);
  if (row === undefined) return [];
  const gone = { ...row, isPresent: false, isDoubted: false, known: false };
  const why = { code: "hive.lost", class: "transient", message: `${row.name}: ${message}` } as const;
  return [
    put(hives, hive, gone),
    del(advice, hive),
    drop("inventory", hive),
    ...workersOf(scope, hive).flatMap(({ id }) => [drop("load", id), ...lose(id, why, scope)]),
    ...allStopped(hive, scope),
  ];
}
