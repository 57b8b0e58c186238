/**
 * Keyed rows with an owner: big state that no machine's context could hold.
 *
 * Owns: a table's definition, its rows in memory, its index, and undoing what a thrown step had put.
 * Does not own: rows on disk (a turn's batch writes them) or which cell may write (the owner kind, checked in fold.ts).
 *
 *  T1 A put is visible to the next handler of the same step.
 *  T2 An index is a function of the rows alone: rebuilt from them it is the same.
 *  T3 undo brings rows and index back to the last mark.
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";

/** What an index hears. It is told of every change in order, and of each row once at a restart. */
export interface IndexOf<Row> {
  put(key: string, row: Row, before: Row | undefined): void;
  del(key: string, before: Row): void;
}

export interface Table<Row, Index = undefined> {
  readonly name: string;
  /** The one kind of cell that may change it. */
  readonly owner: string;
  readonly version: number;
  /** Memory only: heartbeats, load, speed. Kernel rule 3. */
  readonly volatile: boolean;
  readonly index: (() => Index & IndexOf<Row>) | undefined;
  /** Only a type: rows of this shape. */
  readonly row?: Row;
}

export function table<Row, Index = undefined>(definition: {
  readonly name: string;
  readonly owner: string;
  readonly version?: number;
  readonly volatile?: boolean;
  readonly index?: () => Index & IndexOf<Row>;
}): Table<Row, Index> {
  const { name, owner, version = 1, volatile = false, index } = definition;
  return { name, owner, version, volatile, index };
}

/** What a handler reads. */
export interface Rows<Row, Index> {
  get(key: string): Row | undefined;
  has(key: string): boolean;
  readonly size: number;
  entries(): IterableIterator<[string, Row]>;
  /** Only as good as the index's own methods are read-only. */
  readonly index: Index;
}

const NONE: readonly never[] = [];

interface Live {
  readonly definition: Table<unknown, unknown>;
  readonly rows: Map<string, unknown>;
  readonly index: IndexOf<unknown> | undefined;
  readonly view: Rows<unknown, unknown>;
}

export class TableSet {
  readonly #live = new Map<string, Live>();
  #undo: { readonly live: Live; readonly key: string; readonly before: unknown }[] = [];

  constructor(definitions: readonly Table<unknown, unknown>[]) {
    for (const definition of definitions) {
      const rows = new Map<string, unknown>();
      const index = definition.index?.();
      const view: Rows<unknown, unknown> = {
        get: (key) => rows.get(key),
        has: (key) => rows.has(key),
        get size() {
          return rows.size;
        },
        entries: () => rows.entries(),
        index,
      };
      this.#live.set(definition.name, { definition, rows, index, view });
    }
  }

  rows<Row, Index>(of: Table<Row, Index>): Rows<Row, Index> {
    return this.#named(of.name).view as Rows<Row, Index>;
  }

  definition(name: string): Table<unknown, unknown> {
    return this.#named(name).definition;
  }

  put(name: string, key: string, row: unknown): void {
    const live = this.#named(name);
    const before = live.rows.get(key);
    this.#undo.push({ live, key, before });
    live.rows.set(key, row);
    live.index?.put(key, row, before);
  }

  del(name: string, key: string): void {
    const live = this.#named(name);
    const before = live.rows.get(key);
    if (before === undefined) return;
    this.#undo.push({ live, key, before });
    live.rows.delete(key);
    live.index?.del(key, before);
  }

  /** The step succeeded: what it put stands. @returns each row changed, with what it is now; in order. */
  takeChanges(): Iterable<{ readonly table: string; readonly key: string; readonly row: unknown }> {
    if (this.#undo.length === 0) return NONE;
    const changed = this.#undo;
    this.#undo = [];
    return changed.map(({ live, key }) => ({ table: live.definition.name, key, row: live.rows.get(key) }));
  }

  /** A step threw: nothing it put is kept. */
  undo(): void {
    for (const { live, key, before } of this.#undo.reverse()) {
      const now = live.rows.get(key);
      if (before === undefined) {
        live.rows.delete(key);
        if (now !== undefined) live.index?.del(key, now);
      } else {
        live.rows.set(key, before);
        live.index?.put(key, before, now);
      }
    }
    this.#undo = [];
  }

  #named(name: string): Live {
    const live = this.#live.get(name);
    if (live === undefined) throw new RbeeError("defect", `no table ${name} in this host`);
    return live;
  }
}
