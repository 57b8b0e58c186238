/**
 * How cells begin, are restarted, and end.
 *
 * Owns: spawn, stop with the whole subtree, death watch, restart intensity.
 * Does not own: which error led here (fold.ts).
 *
 *  L1 An address lives once: spawning at one that is taken is a defect of the spawner.
 *  L2 A stopped cell leaves nothing: no row, mark, timer, ask, watch or child (RL5). Its unread mail is dead letters.
 *  L3 Each watch is answered by exactly one `terminated`, also when the address is already gone (RL3).
 *  L4 Within the window at most `max` restarts; one more stops the cell with reason `defect`, once (RL2).
 *
 * @module
 */
import { type Address, address, idOf, kindOf, type Label } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import { dropGates } from "./accept.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Cell, createCell } from "./cell.ts";
import { type Core, deliver, erase, eraseMail, write } from "./core.ts";
import { bury } from "./dead-letters.ts";
import { abortAsk, buryWaiting, emitTell } from "./emit.ts";
import type { KernelEvent, TerminationReason } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { eraseMark } from "./unsaved.ts";

export const RESTORED: KernelEvent = { type: "restored" };

export interface Birth {
  readonly kind: string;
  readonly id: string;
  readonly input: unknown;
  readonly parent: Address | undefined;
  readonly label: Label;
}

export function behaviourOf(core: Core, kind: string): Behaviour {
  const found = core.kinds.get(kind);
  if (found === undefined) throw new RbeeError("defect", `no behaviour ${kind} in host ${core.options.id}`);
  return found;
}

/** A new cell. Its first state and what its entry emits come when its `start` is folded, later in the same turn. */
export function spawnCell(core: Core, { kind, id, input, parent, label }: Birth): Cell {
  const at = address(core.options.id, kind, id);
  if (core.cells.has(at)) throw new RbeeError("defect", `${at} lives already`);
  const cell = createCell({ address: at, behaviour: behaviourOf(core, kind), parent, input, label });
  core.cells.set(at, cell);
  if (parent !== undefined) core.cells.get(parent)?.children.add(at);
  saveCell(core, cell);
  deliver(core, cell, { kind: "start", label });
  return cell;
}

/** What does not change with a step. */
function saveCell(core: Core, cell: Cell): void {
  const { address: at, behaviour, parent, input, label, incarnation } = cell;
  write(core, KEY.cell(at), {
    address: at,
    kind: behaviour.kind,
    version: behaviour.version,
    parent: parent ?? null,
    input: input ?? null,
    label,
    incarnation,
  });
}

export function stopCell(core: Core, cell: Cell, reason: TerminationReason): void {
  for (const child of [...cell.children].reverse()) {
    const below = core.cells.get(child);
    if (below !== undefined) stopCell(core, below, "stopped");
  }
  cell.gone = true;
  core.cells.delete(cell.address);
  core.stalled.delete(cell);
  erase(core, KEY.cell(cell.address));
  erase(core, cell.snapshotKey);
  if (cell.parent !== undefined) core.cells.get(cell.parent)?.children.delete(cell.address);
  for (const mark of cell.marks.values()) eraseMark(core, mark);
  for (const id of cell.timers.keys()) erase(core, KEY.timer(cell.address, id));
  for (const id of cell.asks.values()) {
    const open = core.asks.get(id);
    core.asks.delete(id);
    erase(core, KEY.ask(id));
    if (open !== undefined) abortAsk(core, open.row);
  }
  buryMail(core, cell);
  endWatches(core, cell, reason);
}

/** What nobody will read: in the mailbox, before the gates, and in the outbox. */
function buryMail(core: Core, cell: Cell): void {
  for (const item of cell.mailbox.rest()) {
    if (item.kind !== "mail") continue;
    item.taken = true;
    if (item.row !== undefined) eraseMail(core, item.row);
    // Whoever stops a subtree need not read of the end of each child of it.
    const news = item.envelope.event.type === "terminated";
    if (!item.withdrawn && !news) bury(core, item.envelope, "cell stopped");
  }
  buryWaiting(core, cell.address, "cell stopped");
  dropGates(core, cell);
}

function endWatches(core: Core, cell: Cell, reason: TerminationReason): void {
  for (const watcher of cell.watchers) {
    erase(core, KEY.watch(cell.address, watcher));
    core.cells.get(watcher)?.watching.delete(cell.address);
    notifyTerminated(core, cell.address, watcher, reason);
  }
  for (const watched of cell.watching) {
    core.cells.get(watched)?.watchers.delete(cell.address);
    erase(core, KEY.watch(watched, cell.address));
  }
}

/** Watches an address of this host. Across hosts there is only the lease. */
export function watchCell(core: Core, watched: Address, watcher: Address): void {
  const cell = core.cells.get(watched);
  if (cell === undefined) return notifyTerminated(core, watched, watcher, "unknown");
  cell.watchers.add(watcher);
  core.cells.get(watcher)?.watching.add(watched);
  write(core, KEY.watch(watched, watcher), { address: watched, watcher });
}

/** Among the data: never before the last thing that the watcher was told by the one that is gone (RL3). */
function notifyTerminated(core: Core, gone: Address, watcher: Address, reason: TerminationReason): void {
  const event: KernelEvent = { type: "terminated", address: gone, kind: kindOf(gone), id: idOf(gone), reason };
  emitTell(core, { to: watcher, from: gone, lane: "data", n: 0, label: "internal", event });
}

/** A step of this cell threw: it goes on from its last good snapshot, unless that happens too often. */
export function superviseCell(core: Core, cell: Cell, error: unknown): void {
  const { max, windowMs } = cell.behaviour.limits.restarts;
  const now = core.options.clock.wallMs();
  cell.restartedAt = [...cell.restartedAt.filter((at) => at > now - windowMs), now];
  const neverStarted = cell.snapshot === undefined;
  if (!neverStarted && cell.restartedAt.length <= max) {
    cell.incarnation += 1;
    saveCell(core, cell);
    return deliver(core, cell, { kind: "kernel", event: RESTORED, label: "internal" });
  }
  if (cell.parent === undefined) core.crashed ??= { error };
  else stopCell(core, cell, "defect");
}
