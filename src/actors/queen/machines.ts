/**
 * Machines that have joined: which there are, and which are let in no more.
 *
 * Owns: their rows, and taking one out of the cluster. Does not own: whether one is there (members.ts), certificates,
 * or what is said over a link that has to end.
 *
 *  MC1 A name is one machine's at a time, and a machine is its key. Another one that comes with the name is refused,
 *      and its token stays good; the same one may come again, also under another name.
 *  MC2 One that was removed stays out for as long as a certificate of its key may last, and its jobs go on elsewhere
 *      at once. With a new key, and a token, it is a machine like any other.
 *  MC3 It is said when the disk has it.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { Joiner } from "../../../machines/rules/join-token.ts";
import { type Address, address } from "../../../machines/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { type Command, del, put, refuse, reply, type Scope, stop } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { memberOf } from "../member/behaviour.ts";
import { forgetRuns } from "./adoption.ts";
import { givenUp } from "./members.ts";
import { hives, type MachineRow, machines } from "./tables.ts";

const read = reader<QueenEvent>();

/** Longer than a certificate of a hive lasts. */
export const REMOVED_KEPT_MS = 400 * 86_400_000;

export interface MachinesEvent {
  readonly type: "machines.told";
  readonly machines: readonly MachineRow[];
}

const rowsOf = (scope: Scope): readonly MachineRow[] => [...scope.rows(machines).entries()].map(([, row]) => row);

export function answerMachines(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const told: MachinesEvent = { type: "machines.told", machines: rowsOf(scope) };
  return [reply(scope.re, told)];
}

/** MC1. @param own what her own machine is called */
export function letIn({ name, key }: Joiner, own: string, scope: Scope): readonly Command[] | ErrorData {
  const known = scope.rows(machines).get(key);
  if (known?.removedAt !== undefined) return { code: "machine.removed", message: `${known.name} was removed` };
  const holder = rowsOf(scope).find((row) => row.name === name && row.removedAt === undefined);
  if (name === own) return { code: "machine.taken", message: `the queen's own machine is called ${name}` };
  if (holder !== undefined && holder.key !== key) {
    return { code: "machine.taken", message: `another machine of this cluster is called ${name}` };
  }
  const over = rowsOf(scope).filter(({ removedAt = scope.at }) => scope.at - removedAt > REMOVED_KEPT_MS);
  return [
    ...over.map((row) => del(machines, row.key)),
    ...(known === undefined || known.name === name ? [] : forget(known.name, "it has another name", scope)),
    put(machines, key, { key, name, joinedAt: known?.joinedAt ?? scope.at }),
  ];
}

/** MC2, MC3. */
export function removeMachine(_params: unknown, scope: Scope): readonly Command[] {
  const { name } = read(scope, "remove.machine");
  const { re } = scope;
  if (re === undefined) return [];
  const row = rowsOf(scope).find((each) => each.name === name && each.removedAt === undefined);
  if (row === undefined) return [refuse(re, { code: "hive.unknown", message: `no machine ${name} has joined` })];
  return [
    put(machines, row.key, { ...row, removedAt: scope.at }),
    ...forget(name, "it was removed from the cluster", scope),
    reply(re, { type: "machine.removed" }, "flush"),
  ];
}

function forget(name: string, message: string, scope: Scope): readonly Command[] {
  const hive: Address = address(`hive@${name}`, "hive", "main");
  if (scope.rows(hives).get(hive)?.isLocal !== false) return [];
  return [
    ...givenUp(hive, message, scope),
    ...forgetRuns(hive, scope),
    del(hives, hive),
    stop(memberOf(scope.self, hive)),
  ];
}
