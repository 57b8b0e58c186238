/**
 * Goal: a journal's file that LMDB left shorter than its last page is whole, and one that lacks a page which is in use
 * is refused: D4 of src/runtime/real/journal/checkpoint.ts, LP1 LP2 of lmdb-pages.ts.
 * Method: rows that free the last pages of the file in the transaction that made them; then the file cut at each page.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { expect, test } from "vitest";
import { Checkpoint } from "../../src/runtime/real/journal/checkpoint.ts";
import { temporaryFolder } from "../support/temporary.ts";

const PAGE_BYTES = 4_096;
const METAS = 2;
/** Bytes into a meta page. */
const [LAST_PAGE, TRANSACTION] = [144, 152];

/** A transaction each: keys and the lengths of their rows, or that they are removed. */
type Rows = Readonly<Record<string, number | undefined>>;
const SMALL: readonly Rows[] = [
  { k0: 1_578, k2: 405, k3: 416 },
  { k0: undefined, k1: 1_614, k2: 2_811, k3: 1_887 },
  { k2: 624, k1: 371, k3: undefined },
  { k1: 2_093, k3: undefined, k2: undefined },
];
const LARGE: readonly Rows[] = [
  { k1: 517, k0: 317, k2: 1_644, k3: 2_804 },
  { k3: 1_468, k1: 720, k2: 1_221, k0: 2_187 },
  { k3: 1_357, k0: undefined, k1: 2_253 },
  { k2: 2_886, k0: undefined, k3: undefined, k1: undefined },
];

async function written(path: string, transactions: readonly Rows[]): Promise<void> {
  const db = open<Buffer, string>({ path, encoding: "binary", compression: false, maxDbs: 1, noSubdir: true });
  for (const rows of transactions) {
    db.transactionSync(() => {
      for (const [key, length] of Object.entries(rows)) {
        if (length === undefined) db.removeSync(key);
        else db.putSync(key, Buffer.alloc(length));
      }
    });
  }
  await db.close();
}

/** How long it would be with all the pages that it counts. */
function countedBytes(file: Buffer): number {
  const [one, other] = [0, PAGE_BYTES].map((meta) => file.readBigUInt64LE(meta + TRANSACTION));
  const newer = (one ?? 0n) > (other ?? 0n) ? 0 : PAGE_BYTES;
  return (Number(file.readBigUInt64LE(newer + LAST_PAGE)) + 1) * PAGE_BYTES;
}

function kept(path: string): Rows {
  const checkpoint = new Checkpoint(path);
  const rows = Object.fromEntries([...checkpoint.rows()].map(([key, row]) => [key, row.length]));
  checkpoint.close();
  return rows;
}

test.each([
  ["small rows", SMALL],
  ["rows on pages of their own", LARGE],
])(
  "D4 LP1 LP2 a file that ends before its last page is whole where that is free, and no shorter: %s",
  async (_, made) => {
    const path = join(temporaryFolder(), "host.mdb");
    await written(path, made);
    const whole = readFileSync(path);
    expect(whole.length).toBeLessThan(countedBytes(whole));
    const rows = Object.assign({}, ...made) as Rows;
    const left = Object.fromEntries(Object.entries(rows).filter(([, length]) => length !== undefined));
    expect(kept(path)).toEqual(left);
    let refused = 0;
    for (let pages = whole.length / PAGE_BYTES - 1; pages >= METAS; pages -= 1) {
      const cut = `${path}-${pages}`;
      writeFileSync(cut, whole.subarray(0, pages * PAGE_BYTES));
      try {
        expect(kept(cut)).toEqual(left);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: "journal.corrupt" });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  },
);
