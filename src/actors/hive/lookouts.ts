/**
 * Memory that other programs hold: the queen is told when they leave enough of it for a model that was refused.
 *
 * Owns: who waits for it. Does not own: how much is enough (machines/rules/reserve.ts), looking (a port), which models
 * are crowded out (the queen, who asks for each, and drops what nobody waits for any longer).
 *
 *  LK1 Each question is answered once: when so much is free, or when it can be looked for no longer.
 *  LK2 A queen of a later term has forgotten what an earlier one asked: nothing is looked for on its behalf.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { isErrorCode } from "../../protocol/errors.ts";
import { MACHINE_PORT, type MachineAsk } from "../../protocol/ports.ts";
import { ask, type Command, del, drop, put, refuse, reply, type Scope } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { lookouts, members } from "./tables.ts";

const read = reader<HiveEvent>();
const toQueen = event<QueenEvent>();

const DAY_MS = 86_400_000;

export function lookOut(_params: unknown, scope: Scope): readonly Command[] {
  const { epoch, model, device, untilFreeBytes } = read(scope, "await.memory");
  const { re } = scope;
  if (re === undefined) return [];
  const here = [...scope.rows(members).entries()].filter(([, row]) => row.device === device);
  const booked = here.map(([worker, { pid, reservedBytes }]) => ({ worker, pid, reservedBytes }));
  const made: MachineAsk = { type: "lookout", key: re.id, device, untilFreeBytes, booked };
  return [
    put(lookouts, re.id, { re, model, epoch }),
    ask(MACHINE_PORT, made, { name: "lookout", key: re.id, deadlineMs: DAY_MS, onRestart: "again" }),
  ];
}

/** LK1 */
export function tellMemory(_params: unknown, scope: Scope): readonly Command[] {
  const found = read(scope, "memory.came", "lookout.failed");
  const row = scope.rows(lookouts).get(found.key);
  if (row === undefined) return [];
  const answer =
    found.type === "memory.came"
      ? reply(row.re, toQueen({ type: "memory.came", model: row.model }))
      : refuse(row.re, { code: isErrorCode(found.code) ? found.code : "defect", message: found.message });
  return [del(lookouts, found.key), answer];
}

export const forgetLookout = (id: string, scope: Scope): readonly Command[] =>
  scope.rows(lookouts).has(id) ? [del(lookouts, id), drop("lookout", id)] : [];

/** LK2 */
export const forgetEarlier = (epoch: number, scope: Scope): readonly Command[] =>
  [...scope.rows(lookouts).entries()].flatMap(([id, row]) => (row.epoch < epoch ? forgetLookout(id, scope) : []));
