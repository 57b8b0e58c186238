/**
 * The file of a journal as bytes by key, as somebody else may have written it.
 *
 * @module
 */
import { open, type RootDatabase } from "lmdb";

export type RawRows = ReadonlyMap<string, Uint8Array>;

export const openRaw = (path: string): RootDatabase<Buffer, string> =>
  open<Buffer, string>({ path, encoding: "binary", compression: false, maxDbs: 1, noSubdir: true });

export async function writeRaw(path: string, rows: RawRows): Promise<void> {
  const db = openRaw(path);
  db.transactionSync(() => {
    for (const [key, bytes] of rows) db.putSync(key, Buffer.from(bytes));
  });
  await db.close();
}

export async function readRaw(path: string): Promise<RawRows> {
  const db = openRaw(path);
  const rows = new Map([...db.getRange()].map(({ key, value }) => [key, Buffer.from(value)]));
  await db.close();
  return rows;
}
