/**
 * A host as its journal left it: counters, rows, cells, timers, asks, mail, outbox. Kernel rule 11.
 *
 * Owns: reading every row once, refusing what is newer or damaged, and what a restart means to asks and mail.
 * Does not own: writing any of it.
 *
 *  R1 A row of a newer version, or of an unknown kind or table, is refused with journal.newer; one of an older version,
 *     which nobody here can read as if it were new, with journal.older; a damaged one with journal.corrupt. Nothing has
 *     been changed by then.
 *  R2 `again` asks stand and are sent again with the same id; `once` asks have failed with host.restarted. Rule 2.
 *  R3 A timer that came due meanwhile fires late, once; deadlines count in wall time. Rule 8.
 *  R4 Every cell hears `restored` before anything else.
 *
 * @module
 */
import type { Address, Label } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import { createCell, type MarkRow } from "./cell.ts";
import { type AskRow, type Core, deliver, failure } from "./core.ts";
import { bury } from "./dead-letters.ts";
import { askSlot, buryWaiting, refill } from "./emit.ts";
import type { Envelope, Message } from "./envelope.ts";
import { type Journal, KEY, markOf } from "./journal.ts";
import { RESTORED } from "./life.ts";
import { Outbox } from "./outbox.ts";
import { postAnswer } from "./post.ts";
import { restore as restoreSnapshot, type StoredSnapshot } from "./step.ts";

export interface Restored {
  readonly cells: number;
  readonly rows: number;
  readonly mail: number;
  readonly asks: number;
  /** False: the host before this one did not stop by itself. */
  readonly clean: boolean;
}

interface CellRow {
  readonly address: Address;
  readonly kind: string;
  readonly version: number;
  readonly parent: Address | null;
  readonly input: unknown;
  readonly label: Label;
  readonly incarnation: number;
}

type SnapshotRow = StoredSnapshot & { readonly version: number };

export interface MetaRow {
  readonly serial: number;
  readonly out: number;
  readonly clean: boolean;
}

/** After a crash so many are tried one a turn, each counted before it is tried. Kernel rule 9. */
const CAREFUL_TRIES = 256;

/** A host that did not stop by itself may have used serials that it never wrote; so many are skipped. */
export const SERIAL_GAP = 1_000_000;

/** @throws RbeeError journal.newer, journal.older, journal.corrupt */
export function restoreCore(core: Core, journal: Journal): Restored {
  const found = sortRows(journal);
  try {
    return restoreRows(core, found);
  } catch (thrown) {
    if (thrown instanceof RbeeError) throw thrown;
    // Rows are read as what this program wrote: one that is not breaks whoever reads it.
    throw new RbeeError("journal.corrupt", `a row holds what no row does: ${String(thrown)}`);
  }
}

function restoreRows(core: Core, found: Sorted): Restored {
  restoreCounters(core, found);
  restoreTables(core, found.get("r"));
  const snapshots = new Map(found.keyed("s"));
  for (const given of found.get("c")) {
    const row = given as CellRow;
    restoreCell(core, row, snapshots.get(KEY.snapshot(row.address)) as SnapshotRow | undefined);
  }
  for (const cell of core.cells.values())
    if (cell.parent !== undefined) core.cells.get(cell.parent)?.children.add(cell.address);
  restoreLinks(core, found);
  for (const row of found.get("t")) restoreTimer(core, row as TimerRow);
  for (const row of found.get("a")) restoreAsk(core, row as AskRow);
  for (const [key, row] of found.keyed("m")) restoreMail(core, key, row as Envelope);
  for (const row of found.get("o")) core.outbox.restore(row as Envelope);
  for (const to of core.outbox.addresses(core.options.id)) refillAt(core, to);
  return {
    cells: core.cells.size,
    rows: found.get("r").length,
    mail: found.get("m").length,
    asks: core.asks.size,
    clean: core.carefulLeft === 0,
  };
}

function restoreCounters(core: Core, found: Sorted): void {
  const meta = found.get("!")[0] as MetaRow | undefined;
  if (meta === undefined) {
    // A host whose journal was thrown away must not be taken for its former self, whose numbers its peers have marked.
    core.outbox = new Outbox(Math.max(1, Math.floor(core.options.clock.wallMs()) * 1000));
    return;
  }
  if (!isCount(meta.serial) || !isCount(meta.out))
    throw new RbeeError("journal.corrupt", "its counters are no numbers");
  core.serial = meta.clean ? meta.serial : meta.serial + SERIAL_GAP;
  core.savedSerial = core.serial;
  core.outbox = new Outbox(meta.out);
  core.carefulLeft = meta.clean ? 0 : CAREFUL_TRIES;
  for (const [key, row] of found.keyed("x")) {
    if (core.options.blameless === true) core.batch.del(key);
    else core.tries.set(key.slice(2), row as number);
  }
  core.deadLetters.keys.push(...found.keyed("d").map(([key]) => key));
  core.deadLetters.count = core.deadLetters.keys.length;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value);

class Sorted {
  readonly #kinds = new Map<string, [string, unknown][]>();

  add(key: string, row: unknown): void {
    const kind = key.slice(0, 1);
    const rows = this.#kinds.get(kind);
    if (rows === undefined) this.#kinds.set(kind, [[key, row]]);
    else rows.push([key, row]);
  }

  keyed(kind: string): readonly (readonly [string, unknown])[] {
    return this.#kinds.get(kind) ?? [];
  }

  get(kind: string): readonly unknown[] {
    return this.keyed(kind).map(([, row]) => row);
  }
}

function sortRows(journal: Journal): Sorted {
  const sorted = new Sorted();
  for (const [key, row] of journal.rows()) sorted.add(key, row);
  return sorted;
}

function restoreTables(core: Core, rows: readonly unknown[]): void {
  for (const given of rows) {
    const { table, key, version, row } = given as { table: string; key: string; version: number; row: unknown };
    const known = core.options.tables.find((definition) => definition.name === table);
    assertReadable(`table ${table}`, version, known?.version);
    core.tables.put(table, key, row);
  }
  core.tables.takeChanges();
}

function restoreCell(core: Core, row: CellRow, snapshot: SnapshotRow | undefined): void {
  const behaviour = core.kinds.get(row.kind);
  for (const { version } of [row, snapshot ?? row])
    assertReadable(`cell ${row.address}, kind ${row.kind}`, version, behaviour?.version);
  if (behaviour === undefined) return;
  const { address, parent, input, label, incarnation } = row;
  const cell = createCell({ address, behaviour, parent: parent ?? undefined, input, label, incarnation });
  core.cells.set(address, cell);
  if (snapshot === undefined) return deliver(core, cell, { kind: "start", label });
  cell.snapshot = restoreSnapshot(behaviour.machine, snapshot);
  deliver(core, cell, { kind: "kernel", event: RESTORED, label: "internal" });
}

/** R1 @param known the version that this program reads and writes; nothing of what it does not know */
function assertReadable(what: string, version: number, known: number | undefined): void {
  if (known !== undefined && version === known) return;
  if (known !== undefined && version < known) {
    throw new RbeeError("journal.older", `${what}: written in version ${version}, and this rbee reads ${known}`);
  }
  throw new RbeeError("journal.newer", `${what}, version ${version}, is unknown to this rbee`);
}

/** Marks and watches, each beside its cell. */
function restoreLinks(core: Core, found: Sorted): void {
  for (const [key, row] of found.keyed("k")) {
    const { address, host } = markOf(key);
    core.cells.get(address)?.marks.set(host, { key, row: row as MarkRow, isUnsaved: false });
  }
  for (const row of found.get("w")) {
    const { address, watcher } = row as { address: Address; watcher: Address };
    core.cells.get(address)?.watchers.add(watcher);
    core.cells.get(watcher)?.watching.add(address);
  }
}

interface TimerRow {
  readonly address: Address;
  readonly id: string;
  readonly arming: number;
  readonly dueWallMs: number;
  readonly event: Message;
  readonly label: Label;
}

function restoreTimer(core: Core, row: TimerRow): void {
  const { address, id, arming, dueWallMs, event, label } = row;
  core.cells.get(address)?.timers.set(id, { arming, dueWallMs, event, label });
  core.due.add(dueFrom(core, dueWallMs), { kind: "timer", cell: address, id, arming });
}

/** Wall time on disk becomes monotonic time in memory. */
function dueFrom(core: Core, wallMs: number): number {
  const { clock } = core.options;
  return clock.monotonicMs() + Math.max(0, wallMs - clock.wallMs());
}

function restoreAsk(core: Core, row: AskRow): void {
  for (const text of [row.id, row.from, row.to])
    if (typeof text !== "string") throw new RbeeError("journal.corrupt", "an ask without id, asker or address");
  core.asks.set(row.id, { row, sentToLife: undefined, answered: false });
  core.cells.get(row.from)?.asks.set(askSlot(row.name, row.key), row.id);
  core.due.add(dueFrom(core, row.deadlineWallMs), { kind: "deadline", ask: row.id });
  if (row.onRestart === "once") {
    postAnswer(core, row.id, failure("host.restarted", `${core.options.id} restarted while ${row.name} was open`));
  }
}

function restoreMail(core: Core, key: string, envelope: Envelope): void {
  const cell = core.cells.get(envelope.to);
  if (cell === undefined) {
    core.batch.del(key);
    return bury(core, envelope, "no cell");
  }
  deliver(core, cell, { kind: "mail", envelope, durable: true, row: key, taken: false, withdrawn: false });
}

/** What had waited for room in a cell of this host waits again, or goes in. Before anything new is told to it. */
function refillAt(core: Core, to: Address): void {
  const cell = core.cells.get(to);
  if (cell === undefined) buryWaiting(core, to, "no cell");
  else refill(core, cell);
}
