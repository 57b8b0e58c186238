/**
 * Which pages of a journal's file are in use: LMDB leaves out those at its end that were free when it was written, and
 * counts them all the same.
 *
 * Owns: the few bytes of a page that lead to other pages. Holds for the version pinned in package.json;
 * test/integration/journal-pages.test.ts notices when that changes. Does not own: the meta pages (lmdb-header.ts), what
 * rows say.
 *
 *  LP1 A file is whole where every page that its trees lead to lies within it, overflow pages included.
 *  LP2 What cannot be read as a page leads nowhere: such a file is not whole.
 *
 * @module
 */
import { readSync } from "node:fs";

/** Bytes into a page, and into a node of it. */
const AT = {
  flags: 18,
  lower: 20,
  nodes: 24,
  nodeFlags: 4,
  keyBytes: 6,
  key: 8,
  overflowPages: 16,
  overflow: 24,
} as const;
const [BRANCH, LEAF] = [0x01, 0x02];
/** What a node's data says of where it lies. */
const [INLINE, OVERFLOW] = [0, 0x01];
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

export interface Pages {
  readonly file: number;
  readonly pageBytes: number;
  /** That lie within the file. */
  readonly count: number;
}

/** LP1. @param roots of its trees, as the meta page has them */
export function holdsAll({ file, pageBytes, count }: Pages, roots: readonly bigint[]): boolean {
  const page = Buffer.alloc(pageBytes);
  const wanted = roots.filter((root) => root !== NO_PAGE);
  // Nothing leads to a page twice: more than there are is damage.
  for (let looked = 0; wanted.length > 0; looked += 1) {
    const number = wanted.pop() ?? NO_PAGE;
    if (looked > count || number >= count) return false;
    if (readSync(file, page, 0, pageBytes, Number(number) * pageBytes) < pageBytes) return false;
    const next = leadingTo(page, count);
    if (next === undefined) return false;
    wanted.push(...next);
  }
  return true;
}

/** @returns the pages below it; nothing where it is no page, or one of its own lies outside (LP2) */
function leadingTo(page: Buffer, count: number): readonly bigint[] | undefined {
  const kind = page.readUInt16LE(AT.flags) & (BRANCH | LEAF);
  const end = AT.nodes + page.readUInt16LE(AT.lower);
  if (kind !== BRANCH && kind !== LEAF) return undefined;
  const below: bigint[] = [];
  for (let at = AT.nodes; at < end; at += 2) {
    if (at + 2 > page.length) return undefined;
    const node = AT.nodes + page.readUInt16LE(at);
    if (node + AT.key > page.length) return undefined;
    if (kind === BRANCH) below.push(childOf(page, node));
    else if (!isDataWithin(page, node, count)) return undefined;
  }
  return below;
}

/** 48 bits, the highest of which stand where a leaf has its flags. */
const childOf = (page: Buffer, node: number): bigint =>
  BigInt(page.readUInt32LE(node)) + (BigInt(page.readUInt16LE(node + AT.nodeFlags)) << 32n);

function isDataWithin(page: Buffer, node: number, count: number): boolean {
  const flags = page.readUInt16LE(node + AT.nodeFlags);
  if (flags === INLINE) return true;
  const data = node + AT.key + page.readUInt16LE(node + AT.keyBytes);
  if (flags !== OVERFLOW || data + AT.overflow > page.length) return false;
  return page.readBigUInt64LE(data) + page.readBigUInt64LE(data + AT.overflowPages) <= count;
}
