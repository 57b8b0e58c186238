/**
 * What a model needs is measured before anything is decided on it.
 *
 * @module
 */
import { MACHINE_PORT, type MachineAsk } from "../../protocol/ports.ts";
import { ask, type Command, put, type Scope } from "../../runtime/behaviour.ts";
import { members, pending, type PendingRow } from "./tables.ts";

export function askMeasure(worker: string, row: PendingRow, scope: Scope): readonly Command[] {
  const running = [...scope.rows(members).entries()].map(([id, { pid }]) => ({ worker: id, pid }));
  const made: MachineAsk = { type: "measure", worker, model: row.model, running };
  return [
    put(pending, worker, { ...row, waits: "nothing", claim: undefined }),
    ask(MACHINE_PORT, made, { name: "measure", key: worker, deadlineMs: 30_000, onRestart: "again" }),
  ];
}

/** Memory came free: whoever waits for it is measured again. */
export const measureWaiting = (scope: Scope): readonly Command[] =>
  [...scope.rows(pending).entries()].flatMap(([worker, row]) =>
    row.waits === "memory" ? askMeasure(worker, row, scope) : [],
  );
