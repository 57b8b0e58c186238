/**
 * The journal port: rows by key, committed together or not at all; how rows are keyed, and packed wherever bytes are
 * wanted.
 *
 * Owns: the port, the key of each kind of row, the batch that one turn commits.
 * Does not own: how they come to a disk (real/journal/) or what rows mean (restore.ts reads them once at a start).
 *
 *  J1 While a host runs, memory is the truth and the journal is only written; it is read once, at the start.
 *  J2 The last value put to a key in a turn is the one written; a row put and deleted in one turn costs a delete.
 *  J3 A refused commit writes nothing and throws journal.refused. Kernel rule 10.
 *  J4 What is kept is a copy: nothing that happens to a row in memory changes it, and what is read is the reader's own.
 *  J5 What is committed is on disk a moment later, also when nobody asks for that.
 *
 * @module
 */
import { Packr } from "msgpackr";
import type { Address } from "../../machines/words.ts";
import type { ErrorCode } from "../protocol/errors.ts";

/** `undefined` deletes. Of a key that comes twice the last counts. */
export type Writes = Iterable<readonly [key: string, row: unknown]>;

export interface Journal {
  /** Every row in key order. Read once, before the first commit. @throws RbeeError journal.corrupt */
  rows(): Iterable<readonly [key: string, row: unknown]>;
  /** All or nothing. @throws RbeeError journal.refused; defect for a row that cannot be kept */
  commit(writes: Writes): void;
  /** Calls back when everything committed so far is on disk. */
  flushed(then: () => void): void;
  /** Only between turns. A host that closes its journal has stopped by itself. */
  close(): void;
}

/** Did a journal that took no commit end the host? Then nobody in it is to blame. Kernel rules 9 and 10. */
export const isRefusedCommit = (code: ErrorCode | undefined): boolean =>
  code === "disk.full" || code === "journal.refused";

/** No records: any version, and a person with a msgpack tool, can read a row. */
const packr = new Packr({ useRecords: false, mapsAsObjects: true, variableMapSize: true });

export const pack = (value: unknown): Buffer => packr.pack(value);
export const unpack = (bytes: Uint8Array): unknown => packr.unpack(bytes);

const LAST_DIGITS = Array.from({ length: 1000 }, (_, n) => n.toString().padStart(3, "0"));

/** Fixed width, so that keys sort as numbers do. Numbers come one after another: what changes seldom is made seldom. */
function numbered(kind: string): (n: number) => string {
  let first = { of: -1, text: "" };
  return (n) => {
    const of = Math.floor(n / LAST_DIGITS.length);
    if (of !== first.of) first = { of, text: kind + of.toString().padStart(13, "0") };
    return first.text + LAST_DIGITS[n % LAST_DIGITS.length];
  };
}

/** The first letter of a key is the kind of its row. */
export const KEY = {
  meta: "!meta",
  cell: (address: Address) => `c/${address}`,
  snapshot: (address: Address) => `s/${address}`,
  mark: (address: Address, host: string) => `k/${address}|${host}`,
  mail: numbered("m/"),
  row: (table: string, key: string) => `r/${table}/${key}`,
  timer: (address: Address, id: string) => `t/${address}|${id}`,
  ask: (id: string) => `a/${id}`,
  out: numbered("o/"),
  dead: numbered("d/"),
  watch: (address: Address, watcher: Address) => `w/${address}|${watcher}`,
  tries: (identity: string) => `x/${identity}`,
} as const;

/** Whose mark it is, and of which host: rows so small and so many do not say again what their key says. */
export function markOf(key: string): { readonly address: Address; readonly host: string } {
  const bar = key.lastIndexOf("|");
  return { address: key.slice(2, bar) as Address, host: key.slice(bar + 1) };
}

/** What one turn writes. */
export class Batch {
  /** A row that changes ten times in a turn is there once. */
  #rows = new Map<string, unknown>();
  /** Rows that are put once and deleted once in their life: looking for an earlier write costs more than it saves. */
  #once: (readonly [key: string, row: unknown])[] = [];

  get size(): number {
    return this.#rows.size + this.#once.length;
  }

  put(key: string, row: unknown): void {
    this.#rows.set(key, row);
  }

  del(key: string): void {
    this.#rows.set(key, undefined);
  }

  putOnce(key: string, row: unknown): void {
    this.#once.push([key, row]);
  }

  delOnce(key: string): void {
    this.#once.push([key, undefined]);
  }

  take(): Writes {
    const writes = this.#once;
    for (const write of this.#rows) writes.push(write);
    this.#once = [];
    this.#rows = new Map();
    return writes;
  }
}
