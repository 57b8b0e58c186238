/**
 * A host: it turns its cells. One loop for every cell, in a thread, a process, or the simulation.
 *
 * Owns: what a turn takes, when it commits, what it releases after. Does not own: threads, sockets, real time; whoever
 * drives it calls `turn` when `wake` was heard or `nextDueMs` came.
 *
 *  H1 A turn takes control, answers and due timers, then data; at most 64 a cell, 512 a turn, 8 ms.
 *  H2 One commit for all cells touched; then what was decided leaves (commit.ts). Kernel rule 1.
 *  H3 What is hot goes first, yet a flood of it cannot starve the data of every cell. Kernel rule 7.
 *  H4 A host that crashed or was closed turns no more.
 *
 * The twelve rules are in DESIGN.md beside this file.
 *
 * @module
 */
import { type Address, address } from "../../machines/words.ts";
import { accept, forgetGates, sendMail } from "./accept.ts";
import { isCounted, mayTry } from "./careful.ts";
import type { Cell } from "./cell.ts";
import { commitLast, commitTurn, metaRow, releaseTurn } from "./commit.ts";
import { type Core, createCore, deliver, enlist, failure, type HostOptions, isDurable } from "./core.ts";
import { abortAsk, mayTakeData, sendAsk } from "./emit.ts";
import type { Frame } from "./envelope.ts";
import { fold } from "./fold.ts";
import { KEY } from "./journal.ts";
import { spawnCell } from "./life.ts";
import type { Item } from "./mailbox.ts";
import { postAnswer } from "./post.ts";
import { restoreCore, type Restored } from "./restore.ts";

const STEPS_PER_CELL = 64;
const STEPS_PER_TURN = 512;
const TURN_MS = 8;
/** Every so many picks, data goes before what is hot. */
const PICKS_PER_DATA = 4;
/** How often the room on disk is looked at. */
const ROOM_CHECK_MS = 1000;

export class Host {
  readonly core: Core;
  #roomCheckedMs = Number.NEGATIVE_INFINITY;

  constructor(options: HostOptions) {
    this.core = createCore(options);
  }

  get id(): string {
    return this.core.options.id;
  }

  /** Reads the journal. Sends nothing yet: asks go out with the first turn, or when their host comes up. */
  open(): Restored {
    const { core } = this;
    const { journal } = core.options;
    if (journal === undefined) return { cells: 0, rows: 0, mail: 0, asks: 0, clean: true };
    this.#checkRoom();
    const restored = restoreCore(core, journal);
    for (const open of core.asks.at(this.id)) if (open.row.onRestart === "again") sendAsk(core, open);
    // From the first turn on, this life is known to have begun. A full disk is not asked to write that alone.
    if (core.refusing === undefined) core.batch.put(KEY.meta, metaRow(core, false));
    return restored;
  }

  /** A cell that nobody spawned: the host's own. After a restart it is already there. */
  root(kind: string, id: string, input: unknown): Address {
    const at = address(this.id, kind, id);
    if (!this.core.cells.has(at)) {
      spawnCell(this.core, { kind, id, input, parent: undefined, label: "internal" });
    }
    this.core.options.wake();
    return at;
  }

  receive(from: string, frames: readonly Frame[]): void {
    this.#guard(() => {
      for (const frame of frames) accept(this.core, from, frame);
    });
    this.core.options.wake();
  }

  /**
   * A peer is there. Everything unacknowledged for it is sent again in order, and so are asks: frames may have been
   * lost with the connection before. An ask that must not be made twice waits, unless the peer that knew of it is gone.
   *
   * @param isForgetful it is a volatile host of this machine
   */
  peerUp(host: string, life: number, isForgetful = false): void {
    const { core } = this;
    forgetGates(core, host);
    core.connections += 1;
    core.peers.set(host, { life, connection: core.connections, isForgetful });
    sendMail(core, host, core.outbox.reconnect(host));
    for (const open of core.asks.at(host)) {
      const { id, onRestart, name } = open.row;
      if (open.answered) continue;
      if (open.sentToLife === undefined || onRestart === "again") sendAsk(core, open);
      else if (open.sentToLife !== life)
        postAnswer(core, id, failure("host.restarted", `${host} restarted while ${name} was open`));
    }
    core.options.wake();
  }

  /** In which life a peer was heard of last; 0: it is not there. */
  lifeOf(host: string): number {
    return this.core.peers.get(host)?.life ?? 0;
  }

  peerDown(host: string): void {
    this.core.peers.delete(host);
  }

  /** Monotonic ms of the next timer or deadline. */
  get nextDueMs(): number | undefined {
    return this.core.due.nextMs;
  }

  /** @returns whether more waits right now. */
  turn(): boolean {
    const { core } = this;
    if (core.crashed !== undefined || core.closed) return false;
    this.#guard(() => this.#turn());
    return core.crashed === undefined && core.hot.length + core.ready.length > 0;
  }

  /** Everything folded is committed; the next start knows that nothing went wrong. */
  close(): void {
    const { core } = this;
    if (core.crashed === undefined && isDurable(core)) commitLast(core);
    core.closed = true;
    core.options.journal?.close();
  }

  get crashed(): Core["crashed"] {
    return this.core.crashed;
  }

  /** What throws outside a step leaves memory half changed: the host is over, and nothing of it is committed. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.core.crashed ??= { error };
    }
  }

  #turn(): void {
    const { core } = this;
    this.#takeDue();
    this.#checkRoom();
    this.#wakeStalled();
    const startedMs = core.options.clock.monotonicMs();
    for (let steps = 0, picks = 1; steps < STEPS_PER_TURN; picks += 1) {
      const dataFirst = picks % PICKS_PER_DATA === 0;
      const folded = dataFirst
        ? (this.#foldReady(steps) ?? this.#foldHot(steps))
        : (this.#foldHot(steps) ?? this.#foldReady(steps));
      if (folded === undefined || core.crashed !== undefined) break;
      steps += folded;
      if (core.options.clock.monotonicMs() - startedMs >= TURN_MS) break;
    }
    if (core.crashed === undefined) commitTurn(core);
    if (core.crashed === undefined) releaseTurn(core);
    this.#wakeStalled();
  }

  #takeDue(): void {
    const { core } = this;
    const nowMs = core.options.clock.monotonicMs();
    for (let due = core.due.take(nowMs); due !== undefined; due = core.due.take(nowMs)) {
      if (due.kind === "deadline") {
        const open = core.asks.get(due.ask);
        if (open === undefined || open.answered) continue;
        postAnswer(core, due.ask, failure("ask.deadline", `no answer in time: ${due.ask}`));
        abortAsk(core, open.row);
        continue;
      }
      const { id, arming } = due;
      const cell = core.cells.get(due.cell);
      if (cell?.timers.get(id)?.arming === arming) deliver(core, cell, { kind: "timer", id, arming });
    }
    // Timers armed and cancelled all day long must not fill the heap until each comes due.
    core.due.sweep((due) =>
      due.kind === "deadline"
        ? core.asks.has(due.ask)
        : core.cells.get(due.cell)?.timers.get(due.id)?.arming === due.arming,
    );
  }

  /** With no headroom the host drains and admits nothing, until there is room again. Rule 10. */
  #checkRoom(): void {
    const { disk, headroomBytes = 0, clock } = this.core.options;
    if (disk === undefined || clock.monotonicMs() - this.#roomCheckedMs < ROOM_CHECK_MS) return;
    this.#roomCheckedMs = clock.monotonicMs();
    const freeBytes = disk.freeBytes();
    this.core.refusing = freeBytes < headroomBytes ? { freeBytes, headroomBytes } : undefined;
  }

  #wakeStalled(): void {
    const { core } = this;
    for (const cell of core.stalled) {
      if (!mayTakeData(core, cell)) continue;
      core.stalled.delete(cell);
      cell.stalled = false;
      enlist(core, cell);
    }
  }

  /** The next cell with something hot: only that is folded. @returns steps taken; undefined when no cell waits. */
  #foldHot(steps: number): number | undefined {
    const cell = this.core.hot.take();
    if (cell === undefined) return undefined;
    cell.inHot = false;
    return this.#foldCell(cell, steps, true);
  }

  #foldReady(steps: number): number | undefined {
    const cell = this.core.ready.take();
    if (cell === undefined) return undefined;
    cell.inReady = false;
    return this.#foldCell(cell, steps, false);
  }

  #takeData(cell: Cell): Item | undefined {
    const { core } = this;
    if (mayTakeData(core, cell)) return cell.mailbox.takeData();
    cell.stalled = true;
    core.stalled.add(cell);
    return undefined;
  }

  #foldCell(cell: Cell, before: number, hotOnly: boolean): number {
    const { core } = this;
    const most = Math.min(STEPS_PER_CELL, STEPS_PER_TURN - before);
    const at = core.options.clock.wallMs();
    let steps = 0;
    while (steps < most && !cell.gone && core.crashed === undefined) {
      const item = cell.mailbox.takeHot() ?? (hotOnly ? undefined : this.#takeData(cell));
      if (item === undefined) break;
      steps += 1;
      if (core.carefulLeft === 0) fold(core, cell, item, at);
      else if (this.#foldCarefully(cell, item, at)) steps = STEPS_PER_TURN;
    }
    if (!cell.gone) enlist(core, cell);
    return steps;
  }

  /** @returns whether this was one that is taken alone, and so ends the turn. */
  #foldCarefully(cell: Cell, item: Item, at: number): boolean {
    const counted = isCounted(cell, item);
    if (!counted || mayTry(this.core, cell, item)) fold(this.core, cell, item, at);
    return counted;
  }
}
