/**
 * One item of one cell, folded: the machine says when, the handlers say what, and if nothing threw it is so.
 *
 * Owns: the order inside a step and what becomes of a step that throws. Does not own: turns (host.ts).
 *
 *  F1 Handlers run in the order of the machine's actions; a row put by one is seen by the next.
 *  F2 A step that throws keeps nothing it emitted: rows are undone, commands forgotten, the envelope buried. Rule 9.
 *  F3 A timer steps the machine only if that arming still stands now. Rule 8.
 *  F4 The row of an ask is deleted in the step that folds its answer. Rule 2.
 *  F5 An event the state does not name is a dead letter, except what the kernel itself says.
 *
 * @module
 */
import type { Label } from "../../machines/words.ts";
import { type ErrorData, RbeeError, retryClassOf } from "../protocol/errors.ts";
import { openGates } from "./accept.ts";
import type { Command, Scope } from "./behaviour.ts";
import { type Cell, isGated } from "./cell.ts";
import { carryOut, vetted } from "./commands.ts";
import { type Core, erase, eraseMail, type Observation, write } from "./core.ts";
import { bury } from "./dead-letters.ts";
import { askSlot, refill } from "./emit.ts";
import type { AskRef, Envelope, Message } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { stopCell, superviseCell } from "./life.ts";
import type { Item } from "./mailbox.ts";
import { type Emitted, names, type Snapshot, start, step } from "./step.ts";
import type { Rows, Table } from "./tables.ts";
import { saveSnapshot } from "./unsaved.ts";

/** What an item means to the machine, once it is sure that it still stands. */
interface Due {
  readonly event: Message;
  readonly label: Label;
  readonly re?: AskRef;
}

const NO_COMMANDS: readonly Command[] = [];
const START: Message = { type: "start" };

/** @param at wall ms, by which handlers go */
export function fold(core: Core, cell: Cell, item: Item, at: number): void {
  core.serial += 1;
  core.counts.steps += 1;
  const due = consume(core, cell, item);
  if (due === undefined) observe(core, cell, eventOf(item), at, "late");
  else foldDue(core, cell, item, due, at);
  if (cell.gone) return;
  if (isGated(cell)) openGates(core, cell);
  if (cell.overflowed) refill(core, cell);
}

interface Stepped {
  readonly after: Snapshot;
  readonly emitted: readonly Emitted[];
  readonly commands: readonly Command[];
}

function foldDue(core: Core, cell: Cell, item: Item, due: Due, at: number): void {
  const before = cell.snapshot;
  let stepped: Stepped;
  try {
    stepped = stepPurely(core, cell, due, at);
  } catch (thrown) {
    core.tables.undo();
    bury(
      core,
      lettered(cell, item, due),
      "threw",
      thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    );
    observe(core, cell, due.event, at, "threw");
    return superviseCell(core, cell, thrown);
  }
  // From here on nothing of the machine runs: what throws now is the kernel's own fault, and crashes the host.
  const { after, emitted, commands } = stepped;
  settle(core, cell, after, emitted, at, due.label);
  for (const command of commands) carryOut(core, cell, command, due.label);
  const unhandled = after === before && emitted.length === 0 && !names(after, due.event.type);
  if (unhandled && item.kind !== "kernel") bury(core, lettered(cell, item, due), "unhandled");
  observe(core, cell, due.event, at, unhandled ? "unhandled" : "folded", commands.length);
  if (after.status === "done" && !cell.gone) stopCell(core, cell, "done");
}

/** The machine says when, its handlers say what. Only rows have changed by then, and they can be undone. */
function stepPurely(core: Core, cell: Cell, due: Due, at: number): Stepped {
  const { machine } = cell.behaviour;
  const [after, emitted] =
    cell.snapshot === undefined ? start(machine, cell.input) : step(machine, cell.snapshot, due.event);
  return { after, emitted, commands: emitted.length === 0 ? NO_COMMANDS : handle(core, cell, emitted, at, due) };
}

/** It has killed its host too often: gone unfolded, as if its step had thrown. Rule 9. */
export function discard(core: Core, cell: Cell, item: Item): void {
  const due = consume(core, cell, item);
  if (due === undefined) return;
  bury(core, lettered(cell, item, due), "killed its host");
  superviseCell(
    core,
    cell,
    new RbeeError("defect", `${due.event.type} killed host ${core.options.id} again and again`),
  );
}

/** Takes an item off the books: its row goes with this commit. @returns undefined when it no longer stands. */
function consume(core: Core, cell: Cell, item: Item): Due | undefined {
  switch (item.kind) {
    case "start":
      return { event: START, label: item.label };
    case "kernel":
      return item;
    case "mail": {
      item.taken = true;
      if (item.row !== undefined) eraseMail(core, item.row);
      return item.withdrawn ? undefined : item.envelope;
    }
    case "timer": {
      const armed = cell.timers.get(item.id);
      if (armed?.arming !== item.arming) return undefined;
      cell.timers.delete(item.id);
      erase(core, KEY.timer(cell.address, item.id));
      return armed;
    }
    case "answer": {
      const open = core.asks.get(item.id);
      if (open === undefined) {
        core.counts.late += 1;
        return undefined;
      }
      const { name, key, label } = open.row;
      core.asks.delete(item.id);
      cell.asks.delete(askSlot(name, key));
      erase(core, KEY.ask(item.id));
      return {
        event: item.result.ok ? item.result.event : failedEvent(name, key, item.result.error),
        label,
      };
    }
  }
}

/** A failed ask as the machine that asked hears it: `NAME.failed` with the code, class (whether to retry) and facts. */
const failedEvent = (name: string, key: string, error: ErrorData): Message => {
  const { code, message, details } = error;
  const event = { type: `${name}.failed`, key, code, class: retryClassOf(code), message };
  return details === undefined ? event : ({ ...event, details } as Message);
};

function handle(core: Core, cell: Cell, emitted: readonly Emitted[], at: number, due: Due): Command[] {
  const scope: Scope = {
    self: cell.address,
    at,
    serial: core.serial,
    label: due.label,
    event: due.event,
    re: due.re,
    refusing: core.refusing,
    rows: <Row, Index>(of: Table<Row, Index>): Rows<Row, Index> => core.tables.rows(of),
  };
  const commands: Command[] = [];
  for (const action of emitted) {
    if (action.kind !== "action") continue;
    const handler = cell.behaviour.handlers[action.type];
    if (handler === undefined)
      throw new RbeeError("defect", `${cell.behaviour.kind} has no handler for ${action.type}`);
    // The types of behaviour() paired this handler with the parameters of this action.
    for (const command of handler((action.params ?? {}) as never, scope)) {
      if (command.do === "put" || command.do === "del") change(core, cell, command);
      else commands.push(vetted(core, command, commands));
    }
  }
  return commands;
}

/** Rows change at once, so that the next handler sees them; a throw later in the step undoes them. */
function change(core: Core, cell: Cell, command: Extract<Command, { do: "put" | "del" }>): void {
  const { owner } = core.tables.definition(command.table);
  if (owner !== cell.behaviour.kind)
    throw new RbeeError("defect", `${command.table} belongs to ${owner}, not to ${cell.behaviour.kind}`);
  if (command.do === "put") core.tables.put(command.table, command.key, command.row);
  else core.tables.del(command.table, command.key);
}

/** The new snapshot and its timers. Same snapshot and no command = no write. Kernel rule 3. */
function settle(core: Core, cell: Cell, after: Snapshot, emitted: readonly Emitted[], at: number, label: Label): void {
  for (const { table, key, row } of core.tables.takeChanges()) {
    const { volatile, version } = core.tables.definition(table);
    if (volatile) continue;
    if (row === undefined) erase(core, KEY.row(table, key));
    else write(core, KEY.row(table, key), { table, key, version, row });
  }
  for (const timer of emitted) {
    if (timer.kind === "disarm") disarm(core, cell, timer.id);
    else if (timer.kind === "arm") arm(core, cell, timer, at, label);
  }
  if (after === cell.snapshot) return;
  cell.snapshot = after;
  saveSnapshot(core, cell);
}

function arm(core: Core, cell: Cell, timer: Extract<Emitted, { kind: "arm" }>, at: number, label: Label): void {
  const { id, delayMs, event } = timer;
  core.serial += 1;
  const armed = { arming: core.serial, dueWallMs: at + delayMs, event, label };
  cell.timers.set(id, armed);
  write(core, KEY.timer(cell.address, id), { address: cell.address, id, ...armed });
  core.due.add(core.options.clock.monotonicMs() + delayMs, {
    kind: "timer",
    cell: cell.address,
    id,
    arming: armed.arming,
  });
}

function disarm(core: Core, cell: Cell, id: string): void {
  if (cell.timers.delete(id)) erase(core, KEY.timer(cell.address, id));
}

const eventOf = (item: Item): Message => {
  switch (item.kind) {
    case "mail":
      return item.envelope.event;
    case "kernel":
      return item.event;
    case "timer":
      return { type: item.id };
    case "start":
      return START;
    case "answer":
      return { type: "answer" };
  }
};

const lettered = (cell: Cell, item: Item, { event, label }: Due): Omit<Envelope, "lane" | "n"> =>
  item.kind === "mail" ? item.envelope : { to: cell.address, from: cell.address, event, label };

function observe(
  core: Core,
  cell: Cell,
  event: Message,
  at: number,
  outcome: Observation["outcome"],
  commands = 0,
): void {
  core.options.observe?.({ at, cell: cell.address, event, outcome, state: cell.snapshot?.value, commands });
}
