/**
 * A host between two turns as plain data, and back: what a turn is run on, any number of times.
 *
 * Owns: what belongs to the state of a host and how it is written down. Decides nothing: the turn itself is the
 * runtime's own (src/runtime/host.ts), thawed for it.
 *
 *  I1 thaw and freeze lose nothing that a later turn could see; times are abstract, so due times are left out.
 *  I2 The journal is what the host has committed, and a crash leaves that alone.
 *
 * @module
 */
import type { Address, Label } from "../../machines/words.ts";
import { histories, loads } from "../../src/actors/queen/tables.ts";
import type { Behaviour } from "../../src/runtime/behaviour.ts";
import { type Cell, createCell, type MarkRow } from "../../src/runtime/cell.ts";
import type { AskRow, Core } from "../../src/runtime/core.ts";
import type { Envelope, Frame, Message } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import { type Journal, KEY } from "../../src/runtime/journal.ts";
import { Outbox } from "../../src/runtime/outbox.ts";
import { restore, type Snapshot } from "../../src/runtime/step.ts";
import type { Table } from "../../src/runtime/tables.ts";
import { copyOf } from "../../test/simulation/copy.ts";
import { type Counters, NO_COUNTERS, SERIAL_BASE } from "./canonical.ts";

export interface HostSpec {
  readonly id: string;
  readonly behaviours: readonly Behaviour[];
  readonly tables: readonly Table<unknown, unknown>[];
  readonly root: string;
  readonly durable: boolean;
  /** Ports that live in this thread. */
  readonly ports: readonly string[];
}

interface CellImage {
  readonly address: Address;
  readonly kind: string;
  readonly parent: Address | null;
  readonly input: unknown;
  readonly label: Label;
  readonly incarnation: number;
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly (readonly [id: string, event: Message, label: Label])[];
  readonly asks: readonly (readonly [slot: string, id: string])[];
  readonly watchers: readonly Address[];
  readonly watching: readonly Address[];
  readonly children: readonly Address[];
  readonly marks: readonly (readonly [host: string, mark: MarkRow])[];
}

/** A call that a port of this thread works on. */
export interface Call {
  readonly id: string;
  readonly event: Message;
}

export interface Image {
  readonly cells: readonly CellImage[];
  readonly tables: readonly (readonly [name: string, rows: readonly (readonly [key: string, row: unknown])[]])[];
  readonly asks: readonly (readonly [row: AskRow, sentToLife: number | null])[];
  /** The next number of its outbox; what waits in it are rows of the journal. */
  readonly next: number;
  readonly peers: readonly (readonly [host: string, life: number])[];
  readonly calls: readonly Call[];
  readonly journal: readonly (readonly [key: string, row: unknown])[];
  readonly counters: Counters;
}

/** What a host is before its first turn. */
export const UNBORN: Image = {
  cells: [],
  tables: [],
  asks: [],
  next: 1,
  peers: [],
  calls: [],
  journal: [],
  counters: NO_COUNTERS,
};

export interface Heard {
  readonly cell: Address;
  readonly event: Message;
  readonly outcome: string;
}

/** A host that can be turned, and what comes of it. */
export interface Thawed {
  readonly host: Host;
  readonly sent: { readonly to: string; readonly frame: Frame }[];
  readonly heard: Heard[];
  readonly calls: Map<string, Message>;
  readonly journal: Map<string, unknown>;
  readonly image: Image;
}

const ABSTRACT_CLOCK = { wallMs: () => 0, monotonicMs: () => 0 };
const nothing = (): void => {};

/** A host with nothing in it but what its journal has. */
export function prepare(spec: HostSpec, image: Image): Thawed {
  const sent: Thawed["sent"] = [];
  const heard: Heard[] = [];
  const calls = new Map<string, Message>(image.calls.map(({ id, event }) => [id, event]));
  const journal = new Map<string, unknown>(image.journal);
  const port = {
    ask: ({ id, event }: { readonly id: string; readonly event: Message }) => void calls.set(id, event),
    drop: (id: string) => void calls.delete(id),
  };
  const host = new Host({
    id: spec.id,
    behaviours: spec.behaviours,
    tables: spec.tables,
    journal: spec.durable ? journalOn(journal) : undefined,
    clock: ABSTRACT_CLOCK,
    transport: { send: (to, frames) => void sent.push(...frames.map((frame) => ({ to, frame }))) },
    ports: Object.fromEntries(spec.ports.map((name) => [name, port])),
    wake: nothing,
    observe: ({ cell, event, outcome }) => void heard.push({ cell, event, outcome }),
  });
  host.core.serial = SERIAL_BASE;
  host.core.savedSerial = SERIAL_BASE;
  return { host, sent, heard, calls, journal, image };
}

const journalOn = (rows: Map<string, unknown>): Journal => ({
  *rows() {
    for (const [key, row] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield [key, copyOf(row)];
  },
  commit(writes) {
    for (const [key, row] of writes) {
      if (row === undefined) rows.delete(key);
      else rows.set(key, copyOf(row));
    }
  },
  flushed: (then) => then(),
  close: nothing,
});

/** Snapshots of machines are shared by all that thaw the same image. */
export type Snapshots = Map<string, Snapshot>;

export function thaw(spec: HostSpec, image: Image, snapshots: Snapshots): Thawed {
  const thawed = prepare(spec, image);
  const { core } = thawed.host;
  for (const each of image.cells) thawCell(core, each, snapshots);
  for (const [name, rows] of image.tables) for (const [key, row] of rows) core.tables.put(name, key, row);
  core.tables.takeChanges();
  for (const [row, life] of image.asks) core.asks.set(row.id, { row, sentToLife: life ?? undefined, answered: false });
  for (const [peer, life] of image.peers)
    core.peers.set(peer, { life, connection: (core.connections += 1), isForgetful: false });
  core.outbox = new Outbox(image.next);
  for (const envelope of waitingIn(image)) core.outbox.restore(envelope);
  // What waits for a peer that is there was sent to it already.
  for (const peer of core.peers.keys()) core.outbox.reconnect(peer);
  return thawed;
}

function thawCell(core: Core, image: CellImage, snapshots: Snapshots): void {
  const { address, kind, parent, input, label, incarnation, value, context } = image;
  const behaviour = core.kinds.get(kind);
  if (behaviour === undefined) throw new Error(`no behaviour ${kind}`);
  const cell = createCell({ address, behaviour, parent: parent ?? undefined, input, label, incarnation });
  const key = `${kind}${JSON.stringify([value, context])}`;
  let snapshot = snapshots.get(key);
  if (snapshot === undefined) snapshots.set(key, (snapshot = restore(behaviour.machine, { value, context })));
  cell.snapshot = snapshot;
  for (const [id, event, armedLabel] of image.timers) {
    cell.timers.set(id, { arming: 0, dueWallMs: 0, event, label: armedLabel });
  }
  for (const [slot, id] of image.asks) cell.asks.set(slot, id);
  for (const each of image.watchers) cell.watchers.add(each);
  for (const each of image.watching) cell.watching.add(each);
  for (const each of image.children) cell.children.add(each);
  for (const [host, row] of image.marks)
    cell.marks.set(host, { key: KEY.mark(address, host), row: { ...row }, isUnsaved: false });
  core.cells.set(address, cell);
}

export function freeze(spec: HostSpec, { host, calls, journal, image }: Thawed): Image {
  const { core } = host;
  return {
    cells: byKey(core.cells).map(([, cell]) => cellImage(cell)),
    tables: spec.tables
      .filter(({ name }) => !TOLD_ONLY.includes(name))
      .map(({ name }) => [name, byKey(core.tables.rows({ name } as Table<unknown>).entries())] as const),
    asks: byKey(core.asks).map(([, { row, sentToLife }]) => [row, sentToLife ?? null] as const),
    next: core.outbox.next,
    peers: byKey(core.peers).map(([peer, { life }]) => [peer, life] as const),
    calls: byKey(calls).map(([id, event]) => ({ id, event })),
    journal: byKey(journal).filter(([key]) => !FORGOTTEN.includes(key.slice(0, 1)) && !isToldOnly(key)),
    counters: image.counters,
  };
}

/** In the order that a restart would find: how a state was reached does not matter. */
const byKey = <Row>(rows: Iterable<readonly [string, Row]>): (readonly [string, Row])[] =>
  [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Rows that no rule asks for: dead letters, looked at as they come, and what was tried after a crash. */
const FORGOTTEN: readonly string[] = ["d", "x"];

/** Tables that are told to people and decide nothing: with them each way to a state would be another state. */
const TOLD_ONLY: readonly string[] = [histories.name, loads.name];
const isToldOnly = (key: string): boolean => TOLD_ONLY.some((name) => key.startsWith(KEY.row(name, "")));

const cellImage = (cell: Cell): CellImage => ({
  address: cell.address,
  kind: cell.behaviour.kind,
  parent: cell.parent ?? null,
  input: cell.input ?? null,
  label: cell.label,
  incarnation: cell.incarnation,
  value: cell.snapshot?.value,
  context: cell.snapshot?.context,
  timers: byKey(cell.timers).map(([id, { event, label }]) => [id, event, label] as const),
  asks: byKey(cell.asks),
  watchers: [...cell.watchers].toSorted(),
  watching: [...cell.watching].toSorted(),
  children: [...cell.children].toSorted(),
  marks: byKey(cell.marks).map(([host, { row }]) => [host, row] as const),
});

/** What this host has numbered and nobody has acknowledged. */
export const waitingIn = ({ journal }: Image): readonly Envelope[] =>
  journal.flatMap(([key, row]) => (key.startsWith("o/") ? [row as Envelope] : []));
