/**
 * Hives on other machines, as they come and go.
 *
 * Owns: their rows, and what it means to jobs and workers that one is there or is not. Does not own: when one is given
 * up (machines/member.ts).
 *
 *  ME1 A hive that comes, also back, is asked what it has before it is asked for anything else.
 *  ME2 The workers of one that was given up are lost, each once, and their jobs go on elsewhere; nobody waits for its
 *      answers any more (RS2).
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { MemberEvent } from "../../../machines/member.ts";
import type { QueenContext, QueenEvent } from "../../../machines/queen.ts";
import { type Address, hostOf } from "../../../machines/words.ts";
import { type Command, drop, put, type Scope, spawn, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { memberOf } from "../member/behaviour.ts";
import { allStopped } from "./cascade.ts";
import { askForUndecided, askInventory } from "./inventories.ts";
import { askAnew } from "./crowding.ts";
import { lose } from "./news.ts";
import { hives, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toMember = event<MemberEvent>();
const toHive = event<HiveEvent>();

export function noteLinked({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { hive, name, link } = read(scope, "hive.linked");
  const known = scope.rows(hives).get(hive);
  if (known?.isLocal === true) return [];
  const fresh = { address: hive, name, isLocal: false, isPresent: false, known: false, stopped: false };
  return [
    put(hives, hive, { ...fresh, ...known, name }),
    ...(known === undefined ? [spawn("member", hostOf(hive), { epoch })] : []),
    tell(memberOf(scope.self, hive), toMember({ type: "linked", link }), "control"),
  ];
}

export function noteUnlinked(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, link, message } = read(scope, "hive.unlinked");
  if (scope.rows(hives).get(hive)?.isLocal !== false) return [];
  return [tell(memberOf(scope.self, hive), toMember({ type: "unlinked", link, message }), "control")];
}

export function notePresent({ epoch, phase }: QueenContext, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.present");
  const row = scope.rows(hives).get(hive);
  if (row === undefined) return [];
  const present = { ...row, isPresent: true, known: false, stopped: false };
  const isStopping = phase === "draining" || phase === "stopped";
  return [
    put(hives, hive, present),
    drop("inventory", hive),
    askInventory(present, epoch),
    ...(isStopping ? [tell(hive, toHive({ type: "drain", epoch }), "control")] : askForUndecided(hive, epoch, scope)),
    ...askAnew(scope),
  ];
}

/** ME2. */
export function noteAway(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, message } = read(scope, "hive.away");
  return givenUp(hive, message, scope);
}

export function givenUp(hive: Address, message: string, scope: Scope): readonly Command[] {
  const row = scope.rows(hives).get(hive);
  if (row === undefined) return [];
  const commands: Command[] = [put(hives, hive, { ...row, isPresent: false, known: false }), drop("inventory", hive)];
  for (const [id, worker] of scope.rows(workers).entries()) {
    if (worker.hive !== hive) continue;
    const why = { code: "hive.lost", class: "transient", message: `${row.name}: ${message}` } as const;
    commands.push(drop("load", id), ...lose(id, why, scope));
  }
  return [...commands, ...allStopped(hive, scope)];
}
