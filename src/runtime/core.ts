/**
 * The state of one host between and during turns, shared by the functions that make up a turn.
 *
 * Owns: the record of a host and how a cell gets into its ready line. Decides nothing.
 * accept.ts lets in, fold.ts steps, emit.ts carries out commands, life.ts begins and ends cells, host.ts turns.
 *
 * @module
 */
import type { Address, Label } from "../../machines/words.ts";
import type { ErrorCode, ErrorData } from "../protocol/errors.ts";
import { Asks } from "./asks.ts";
import type { Behaviour, Shortage } from "./behaviour.ts";
import type { Cell, Mark } from "./cell.ts";
import { Due } from "./due.ts";
import { type Envelope, type Frame, isNumbered, type Lane, type Message } from "./envelope.ts";
import { Batch, type Journal } from "./journal.ts";
import { Line } from "./line.ts";
import type { Item, Mail } from "./mailbox.ts";
import { Outbox } from "./outbox.ts";
import type { Clock, Disk, Port, Transport } from "./ports.ts";
import { type Table, TableSet } from "./tables.ts";

export interface HostOptions {
  readonly id: string;
  readonly behaviours: readonly Behaviour[];
  readonly tables: readonly Table<unknown, unknown>[];
  /** Absent: a volatile host. Nobody commits for it; it forgets, and whoever asked it remembers. */
  readonly journal: Journal | undefined;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Ports that live in this thread, by name; all others are asked at their own host. */
  readonly ports?: Readonly<Record<string, Port>>;
  readonly disk?: Disk;
  /** Below this much room on disk the host starts in `refusing`. */
  readonly headroomBytes?: number;
  /** Its last life ended because the journal took no commit: what was tried in it is not to blame. Kernel rule 9. */
  readonly blameless?: boolean;
  /** Something arrived while nobody was turning: a turn is wanted. */
  readonly wake: () => void;
  /** Hears each folded item; for traces, pictures and the simulation's hash. Must not throw. */
  readonly observe?: (seen: Observation) => void;
}

export interface Observation {
  readonly at: number;
  readonly cell: Address;
  readonly event: Message;
  readonly outcome: "folded" | "unhandled" | "threw" | "late" | "gone";
  readonly state: unknown;
  readonly commands: number;
}

/** The row of an ask that waits for its answer. Kernel rule 2. */
export interface AskRow {
  readonly id: string;
  readonly from: Address;
  readonly to: Address;
  readonly event: Message;
  readonly name: string;
  readonly key: string;
  readonly lane: Lane;
  readonly deadlineWallMs: number;
  readonly onRestart: "again" | "once";
  readonly label: Label;
  /** Not said: as any frame to that host. */
  readonly after?: "commit" | "flush";
}

export interface OpenAsk {
  readonly row: AskRow;
  /** The life of the peer it was sent to; undefined while it waits for that peer. */
  sentToLife: number | undefined;
  /** Its answer is in the mailbox; any other is late. */
  answered: boolean;
}

export type DueThing =
  | { readonly kind: "timer"; readonly cell: Address; readonly id: string; readonly arming: number }
  | { readonly kind: "deadline"; readonly ask: string };

export interface Peer {
  /** Differs after each restart of the peer. */
  readonly life: number;
  /** Differs each time it comes up, so that what was meant for an earlier connection is not sent on this one. */
  readonly connection: number;
  /** A volatile host of this machine: what takes the power of this one ends that too, with all that it knew. */
  readonly isForgetful: boolean;
}

/** What leaves for one host, in order. */
export interface Parcel {
  /** The one that its numbered frames are meant for. */
  readonly connection: number;
  readonly frames: Frame[];
}

export interface Core {
  readonly options: HostOptions;
  readonly kinds: ReadonlyMap<string, Behaviour>;
  readonly tables: TableSet;
  readonly cells: Map<Address, Cell>;
  readonly asks: Asks<OpenAsk>;
  readonly due: Due<DueThing>;
  outbox: Outbox;
  batch: Batch;
  /** The number of the last step. Rises for ever. */
  serial: number;
  /** The serial that the last commit wrote. */
  savedSerial: number;
  /** Cells with something to fold, in the order they became so: with control, answers or timers; and with data. */
  readonly hot: Line<Cell>;
  readonly ready: Line<Cell>;
  /** Cells whose data waits for room in the outbox. */
  readonly stalled: Set<Cell>;
  /** Cells with a shut gate. */
  readonly gated: Set<Cell>;
  /** Mail that arrived since the last commit and is stored if it is still there at the next. */
  fresh: Mail[];
  /** What has changed since the last commit (unsaved.ts). */
  unsavedCells: Cell[];
  unsavedMarks: Mark[];
  /** Peers that are there. */
  readonly peers: Map<string, Peer>;
  connections: number;
  /** What the turn lets out after its commit and after its flush, by host, and to ports of this thread. */
  afterCommit: Map<string, Parcel>;
  afterFlush: Map<string, Parcel>;
  /** By host: the numbers it may forget. */
  acks: Map<string, number[]>;
  portCalls: (() => void)[];
  readonly deadLetters: { count: number; readonly keys: string[] };
  /** No headroom on disk. Kernel rule 10. */
  refusing: Shortage | undefined;
  /** After a crash: so many more are tried one a turn. Kernel rule 9. */
  carefulLeft: number;
  /** What was being tried when the host died, and how often. */
  readonly tries: Map<string, number>;
  readonly counts: Counts;
  /** Set when the host must stop by itself: why. */
  crashed: { readonly error: unknown } | undefined;
  closed: boolean;
}

export interface Counts {
  steps: number;
  /** Received again and acknowledged again. */
  duplicates: number;
  /** Kept out by a full mailbox: comes again, or its sender was told. */
  refused: number;
  /** Hints that nobody had room for. */
  dropped: number;
  /** Answers that nobody waited for. */
  late: number;
  commits: number;
}

export function createCore(options: HostOptions): Core {
  return {
    options,
    kinds: new Map(options.behaviours.map((given) => [given.kind, given])),
    tables: new TableSet(options.tables),
    cells: new Map(),
    asks: new Asks(),
    due: new Due(),
    outbox: new Outbox(),
    batch: new Batch(),
    serial: 0,
    savedSerial: 0,
    hot: new Line(),
    ready: new Line(),
    stalled: new Set(),
    gated: new Set(),
    fresh: [],
    unsavedCells: [],
    unsavedMarks: [],
    peers: new Map(),
    connections: 0,
    afterCommit: new Map(),
    afterFlush: new Map(),
    acks: new Map(),
    portCalls: [],
    deadLetters: { count: 0, keys: [] },
    refusing: undefined,
    carefulLeft: 0,
    tries: new Map(),
    counts: { steps: 0, duplicates: 0, refused: 0, dropped: 0, late: 0, commits: 0 },
    crashed: undefined,
    closed: false,
  };
}

export const isDurable = (core: Core): boolean => core.options.journal !== undefined;

/** Puts an item into a cell's mailbox and the cell into the line that will fold it. */
export function deliver(core: Core, cell: Cell, item: Item): void {
  cell.mailbox.push(item);
  enlist(core, cell);
}

/** A cell with both stands in both lines, so that control never waits behind data. Kernel rule 7. */
export function enlist(core: Core, cell: Cell): void {
  if (!cell.inHot && cell.mailbox.hotLength > 0) {
    cell.inHot = true;
    core.hot.push(cell);
  }
  if (!cell.inReady && !cell.stalled && cell.mailbox.dataLength > 0) {
    cell.inReady = true;
    core.ready.push(cell);
  }
}

/** Writes a row, unless nobody would ever read it. */
export function write(core: Core, key: string, value: unknown): void {
  if (isDurable(core)) core.batch.put(key, value);
}

export function erase(core: Core, key: string): void {
  if (isDurable(core)) core.batch.del(key);
}

/** What waits, here or in the outbox: a row that no later one replaces. */
export function writeMail(core: Core, key: string, envelope: Envelope): void {
  if (isDurable(core)) core.batch.putOnce(key, envelope);
}

export function eraseMail(core: Core, key: string): void {
  if (isDurable(core)) core.batch.delOnce(key);
}

/** A host without a journal has nothing to flush. @param after not said: as the host is that it goes to */
export function send(core: Core, host: string, frame: Frame, after?: "commit" | "flush"): void {
  const peer = core.peers.get(host);
  const isFlushed = isDurable(core) && (after ?? (peer?.isForgetful === true ? "commit" : "flush")) === "flush";
  const parcels = isFlushed ? core.afterFlush : core.afterCommit;
  const connection = peer?.connection ?? 0;
  const known = parcels.get(host);
  if (known?.connection === connection) known.frames.push(frame);
  else parcels.set(host, { connection, frames: [...(known?.frames.filter((of) => !isNumbered(of)) ?? []), frame] });
}

/** With all others of this turn to that host, as one frame. */
export function sendAck(core: Core, host: string, n: number): void {
  const ns = core.acks.get(host);
  if (ns === undefined) core.acks.set(host, [n]);
  else ns.push(n);
}

export const failure = (code: ErrorCode, message: string): { readonly ok: false; readonly error: ErrorData } => ({
  ok: false,
  error: { code, message },
});
