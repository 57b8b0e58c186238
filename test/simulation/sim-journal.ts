/**
 * The simulated journal: committed rows live through a crash of the process, flushed rows through one of the machine.
 *
 * Faults: full (commits are refused), slow (flushes wait until released, or take `flushMs`), lose the unflushed tail.
 *
 * @module
 */
import { RbeeError } from "../../src/protocol/errors.ts";
import type { Journal } from "../../src/runtime/journal.ts";
import type { Disk } from "../../src/runtime/ports.ts";

type Undo = Map<string, Uint8Array | undefined>;

interface Flush {
  /** All commits before it: what they overwrote, to be forgotten when it is done. */
  readonly undo: Undo;
  readonly done: () => void;
}

export class SimDisk implements Disk {
  readonly #rows = new Map<string, Uint8Array>();
  /** What the commits since the last flush was asked for have overwritten. */
  #undo: Undo = new Map();
  #flushing: Flush[] = [];
  readonly #schedule: ((delayMs: number, run: () => void) => void) | undefined;
  full = false;
  /** Room left, while it is not full. */
  roomBytes = 1e12;
  /** While true, nothing reaches the platter. */
  slow = false;
  /** How long a flush takes; needs a schedule. */
  flushMs = 0;
  commits = 0;
  bytes = 0;

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
      rows: () => [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      commit: (writes) => {
        if (!open) throw new RbeeError("defect", "the journal is closed");
        if (this.full) throw new RbeeError("disk.full", "no room is left", { freeBytes: 0 });
        this.#commit(writes);
      },
      flushed: (then) => {
        this.#flushing.push({ undo: this.#undo, done: () => (open ? then() : undefined) });
        this.#undo = new Map();
        if (this.slow) return;
        if (this.flushMs > 0 && this.#schedule !== undefined) this.#schedule(this.flushMs, () => this.#flushOne());
        else this.flush();
      },
      close: () => {
        open = false;
      },
    };
  }

  /** Everything reaches the platter. */
  flush(): void {
    while (this.#flushing.length > 0) this.#flushOne();
    this.#undo = new Map();
  }

  /** The machine lost power: what was committed and not flushed is gone. */
  loseUnflushed(): void {
    for (const undo of [this.#undo, ...this.#flushing.map((flush) => flush.undo).reverse()]) {
      for (const [key, bytes] of undo) {
        if (bytes === undefined) this.#rows.delete(key);
        else this.#rows.set(key, bytes);
      }
    }
    this.#flushing = [];
    this.#undo = new Map();
  }

  get rows(): ReadonlyMap<string, Uint8Array> {
    return this.#rows;
  }

  #commit(writes: ReadonlyMap<string, Uint8Array | undefined>): void {
    this.commits += 1;
    for (const [key, bytes] of writes) {
      this.bytes += bytes?.length ?? 0;
      if (!this.#undo.has(key)) this.#undo.set(key, this.#rows.get(key));
      if (bytes === undefined) this.#rows.delete(key);
      else this.#rows.set(key, Uint8Array.from(bytes));
    }
  }

  #flushOne(): void {
    if (!this.slow) this.#flushing.shift()?.done();
  }
}
