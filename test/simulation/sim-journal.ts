/**
 * The simulated journal: committed rows live through a crash of the process, flushed rows through one of the machine.
 *
 * Faults: full (commits are refused), slow (flushes wait until released, or take `flushMs`), lose the unflushed tail, a
 * next commit that is refused or that its host does not survive.
 *
 * @module
 */
import { RbeeError } from "../../src/protocol/errors.ts";
import type { Journal, Writes } from "../../src/runtime/journal.ts";
import type { Disk } from "../../src/runtime/ports.ts";
import { copyOf } from "./copy.ts";

type Undo = Map<string, unknown>;

interface Flush {
  /** All commits before it: what they overwrote, to be forgotten when it is done. */
  readonly undo: Undo;
  readonly commits: number;
  readonly done: () => void;
}

const UNASKED_MS = 1000;

/** Whoever wants to know what lasts: commits are counted from 1. */
export interface DiskHeard {
  committed(commit: number): void;
  flushed(commit: number): void;
  /** The power went, and with it every commit that was not flushed. */
  lost(): void;
}

export class SimDisk implements Disk {
  readonly #rows = new Map<string, unknown>();
  /** What the commits since the last flush was asked for have overwritten. */
  #undo: Undo = new Map();
  #flushing: Flush[] = [];
  #isUnasked = false;
  readonly #schedule: ((delayMs: number, run: () => void) => void) | undefined;
  full = false;
  /** Room left, while it is not full. */
  roomBytes = 1e12;
  /** While true, nothing reaches the platter. */
  slow = false;
  /** How long a flush takes; needs a schedule. */
  flushMs = 0;
  commits = 0;
  /** Fault: the next commit is refused, or stands and its host never hears of it. */
  nextCommit: "refused" | "deadly" | undefined;
  heard: DiskHeard | undefined;

  constructor(schedule?: (delayMs: number, run: () => void) => void) {
    this.#schedule = schedule;
  }

  freeBytes(): number {
    return this.full ? 0 : this.roomBytes;
  }

  /** A journal for one life of a host. */
  open(): Journal {
    let open = true;
    return {
      rows: () => [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, row]) => [key, copyOf(row)]),
      commit: (writes) => {
        if (!open) throw new RbeeError("defect", "the journal is closed");
        if (this.full) throw new RbeeError("disk.full", "no room is left", { freeBytes: 0 });
        const fate = this.nextCommit;
        this.nextCommit = undefined;
        if (fate === "refused") throw new RbeeError("journal.refused", "the simulation refused this commit");
        this.#commit(writes);
        if (fate === "deadly") throw new RbeeError("journal.refused", "the simulation ended the host with this commit");
      },
      flushed: (then) => this.#flushSoon(() => (open ? then() : undefined)),
      close: () => {
        open = false;
      },
    };
  }

  /** Everything reaches the platter. */
  flush(): void {
    while (!this.slow && this.#flushing.length > 0) this.#flushOne();
    this.#undo = new Map();
  }

  /** The machine lost power: what was committed and not flushed is gone. */
  loseUnflushed(): void {
    for (const undo of [this.#undo, ...this.#flushing.map((flush) => flush.undo).reverse()]) revert(this.#rows, undo);
    this.#flushing = [];
    this.#undo = new Map();
    this.heard?.lost();
  }

  get rows(): ReadonlyMap<string, unknown> {
    return this.#rows;
  }

  /** Is this row written, and would it outlive a loss of power? */
  has(key: string): boolean {
    if (!this.#rows.has(key) || this.#undo.has(key)) return false;
    return this.#flushing.every(({ undo }) => !undo.has(key));
  }

  /** What a loss of power would leave. */
  lasting(): ReadonlyMap<string, unknown> {
    const rows = new Map(this.#rows);
    for (const undo of [this.#undo, ...this.#flushing.map((flush) => flush.undo).reverse()]) revert(rows, undo);
    return rows;
  }

  #flushSoon(done: () => void): void {
    this.#flushing.push({ undo: this.#undo, commits: this.commits, done });
    this.#undo = new Map();
    if (this.slow) return;
    if (this.flushMs > 0 && this.#schedule !== undefined) this.#schedule(this.flushMs, () => this.#flushOne());
    else this.flush();
  }

  /** J5. */
  #flushUnasked(): void {
    if (this.#isUnasked || this.#schedule === undefined) return;
    this.#isUnasked = true;
    this.#schedule(UNASKED_MS, () => {
      this.#isUnasked = false;
      if (this.#undo.size > 0) this.#flushSoon(() => {});
    });
  }

  #commit(writes: Writes): void {
    // Whatever cannot be copied throws here, before anything is written.
    const copies = Array.from(writes, ([key, row]) => [key, copyOf(row)] as const);
    this.commits += 1;
    for (const [key, row] of copies) {
      if (!this.#undo.has(key)) this.#undo.set(key, this.#rows.get(key));
      if (row === undefined) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
    this.heard?.committed(this.commits);
    this.#flushUnasked();
  }

  #flushOne(): void {
    if (this.slow) return;
    const flush = this.#flushing.shift();
    if (flush === undefined) return;
    this.heard?.flushed(flush.commits);
    flush.done();
  }
}

function revert(rows: Map<string, unknown>, undo: Undo): void {
  for (const [key, row] of undo) {
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
}
