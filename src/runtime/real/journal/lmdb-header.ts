/**
 * A look at a journal's file before LMDB maps it: what is no journal, or only the beginning of one, kills the process.
 *
 * Owns: the few bytes of LMDB's two meta pages that say where the data ends, and where it begins. Holds for the version
 * pinned in package.json; test/integration/journal.test.ts notices when that changes. Does not own: which pages are in
 * use (lmdb-pages.ts), damage inside pages.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { holdsAll } from "./lmdb-pages.ts";

const MAGIC = 0xbeefc0de;
/** Bytes into a meta page. */
const AT = { magic: 24, pageBytes: 48, freeRoot: 88, root: 136, lastPage: 144, transaction: 152, end: 160 } as const;

/**
 * Free pages that a file may end before: many times what a transaction of ours writes. LMDB maps all that it counts,
 * and of a number that is none it would be killed.
 */
const UNWRITTEN_BYTES_MAX = 64 * 1024 * 1024;

interface Meta {
  readonly pageBytes: number;
  /** Of what is free, and of the rows. */
  readonly roots: readonly bigint[];
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** Why the file is no whole journal; undefined when it may be opened, or does not exist yet. */
export function damageOf(path: string): string | undefined {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined;
    const first = readMeta(file, 0);
    const second = first === undefined ? undefined : readMeta(file, first.pageBytes);
    if (first === undefined || second === undefined) return "it is no journal";
    const { lastPage, pageBytes, roots } = first.transaction > second.transaction ? first : second;
    const counted = (lastPage + 1) * pageBytes;
    if (size >= counted) return undefined;
    const isLikely = counted - size <= UNWRITTEN_BYTES_MAX;
    const isWhole = isLikely && holdsAll({ file, pageBytes, count: Math.floor(size / pageBytes) }, roots);
    return isWhole ? undefined : `it was cut short: ${size} of ${counted} bytes`;
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(AT.end);
  if (readSync(file, page, 0, AT.end, at) < AT.end || page.readUInt32LE(AT.magic) !== MAGIC) return undefined;
  return {
    pageBytes: page.readUInt32LE(AT.pageBytes),
    roots: [page.readBigUInt64LE(AT.freeRoot), page.readBigUInt64LE(AT.root)],
    lastPage: Number(page.readBigUInt64LE(AT.lastPage)),
    transaction: page.readBigUInt64LE(AT.transaction),
  };
}
