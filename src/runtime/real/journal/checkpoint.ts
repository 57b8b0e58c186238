/**
 * The rows of a journal as an LMDB environment that nobody else opens, up to some place in its log.
 *
 * Owns: opening, one synchronous transaction for each generation of the log, the row that says which was the last.
 * Does not own: what was committed after that (log.ts).
 *
 *  D1 Only transactionSync: the asynchronous one does not roll back a throw.
 *  D4 A file that is no whole journal is refused before it is mapped, since reading it would kill the process.
 *  D5 The rows of a generation and the place where it ends are written together or not at all.
 *
 * @module
 */
import { open, type RootDatabase, TransactionFlags } from "lmdb";
import { RbeeError } from "../../../protocol/errors.ts";
import { pack, unpack } from "../../journal.ts";
import type { Place } from "./frame.ts";
import type { Generation } from "./log.ts";
import { damageOf } from "./lmdb-header.ts";

/** No key of a host's: those that begin so are the journal's own. */
const PLACE_KEY = "!log";

/** LMDB's, for the page size that it has everywhere. */
export const KEY_BYTES_MAX = 1978;

export class Checkpoint {
  readonly #path: string;
  readonly #db: RootDatabase<Buffer, string>;

  /** @throws RbeeError journal.corrupt; whatever LMDB throws */
  constructor(path: string) {
    const damage = damageOf(path);
    if (damage !== undefined) throw new RbeeError("journal.corrupt", `${path}: ${damage}`);
    this.#path = path;
    this.#db = open<Buffer, string>({ path, encoding: "binary", compression: false, maxDbs: 1, noSubdir: true });
  }

  get place(): Place {
    const kept = this.#db.get(PLACE_KEY);
    if (kept === undefined) return { generation: 0, position: 0 };
    const place: unknown = unpackedRow(this.#path, PLACE_KEY, kept);
    if (isPlace(place)) return place;
    throw new RbeeError("journal.corrupt", `${this.#path}: it does not say where its log begins`);
  }

  *rows(): Iterable<readonly [key: string, row: Buffer]> {
    for (const { key, value } of this.#db.getRange({ snapshot: true })) if (key !== PLACE_KEY) yield [key, value];
  }

  /** Committed when it returns. @returns when it is on disk */
  async fold(generation: Generation): Promise<void> {
    this.#write(generation, TransactionFlags.NO_SYNC_FLUSH);
    await this.#db.flushed;
  }

  /** On disk when it returns, and everything that was folded before it too. */
  foldNow(generation: Generation): void {
    this.#write(generation);
  }

  /** Closed when its last transaction is on disk; a thread may end before that. */
  close(): void {
    void this.#db.close();
  }

  #write({ rows, end }: Generation, flags?: TransactionFlags): void {
    this.#db.transactionSync(() => {
      for (const [key, row] of rows) {
        if (row === undefined) this.#db.removeSync(key);
        else this.#db.putSync(key, row);
      }
      this.#db.putSync(PLACE_KEY, pack(end));
    }, flags);
  }
}

/** @throws RbeeError journal.corrupt, by the name of the row */
export function unpackedRow(path: string, key: string, bytes: Buffer): unknown {
  try {
    return unpack(bytes);
  } catch (thrown) {
    throw new RbeeError("journal.corrupt", `${path}: row ${key} cannot be read: ${String(thrown)}`);
  }
}

const isPlace = (value: unknown): value is Place =>
  typeof value === "object" &&
  value !== null &&
  "generation" in value &&
  Number.isSafeInteger(value.generation) &&
  "position" in value &&
  Number.isSafeInteger(value.position);
