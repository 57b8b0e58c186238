/**
 * What checkers believe of a host, taken back as its journal takes it back: after a crash to its last commit, after a
 * loss of power to what was flushed.
 *
 * Owns: the order of undoing. Does not own: what is believed.
 *
 * @module
 */
import type { Host } from "../../src/runtime/host.ts";
import type { SimDisk } from "./sim-journal.ts";

interface Belief {
  readonly undo: () => void;
  readonly lasts: (() => void) | undefined;
}

interface Committed {
  readonly commit: number;
  readonly beliefs: readonly Belief[];
}

interface Book {
  pending: Belief[];
  unflushed: Committed[];
}

export class Ledger {
  readonly #books = new Map<string, Book>();
  readonly #diskOf: (host: string) => SimDisk | undefined;

  constructor(diskOf: (host: string) => SimDisk | undefined) {
    this.#diskOf = diskOf;
  }

  /** Hears that a host lost, with the power, what was not flushed: also one that was down already. */
  onLost: ((host: string) => void) | undefined;

  opened({ id }: Host): void {
    const book: Book = this.#books.get(id) ?? { pending: [], unflushed: [] };
    this.#books.set(id, book);
    const disk = this.#diskOf(id);
    if (disk === undefined) return;
    disk.heard = {
      committed: (commit) => {
        if (book.pending.length === 0) return;
        book.unflushed.push({ commit, beliefs: book.pending });
        book.pending = [];
      },
      flushed: (commit) => {
        while ((book.unflushed[0]?.commit ?? Infinity) <= commit) {
          for (const { lasts } of book.unflushed.shift()?.beliefs ?? []) lasts?.();
        }
      },
      lost: () => {
        for (const { beliefs } of book.unflushed.reverse()) for (const { undo } of [...beliefs].reverse()) undo();
        book.unflushed = [];
        this.onLost?.(id);
      },
    };
  }

  /** Something is believed that lasts as long as what this host writes in the same turn; `lasts`: for ever. */
  believe(host: string, undo: () => void, lasts?: () => void): void {
    this.#books.get(host)?.pending.push({ undo, lasts });
  }

  down({ id }: Host): void {
    const book = this.#books.get(id);
    if (book === undefined) return;
    for (const { undo } of book.pending.reverse()) undo();
    book.pending = [];
  }
}
