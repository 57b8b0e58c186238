/**
 * A file on its way here: its bytes in `NAME.part`, and in `NAME.part.json` what they are and how many are sure.
 *
 * Owns: what survives a kill or a power cut. Does not own: where bytes come from, whether they are right.
 *
 *  PF1 Bytes count as kept only once the disk has them: the mark is written after the flush, and what lies behind the
 *      mark is cut off before anything is written on.
 *  PF2 Bytes of another file are none: a mark with another size or hash than what is wanted now begins from nothing.
 *  PF3 The name of the whole file appears last, by a rename, when its bytes are on the disk.
 *
 * @module
 */
import { closeSync, constants, fsyncSync, openSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { PlannedFile } from "../../../machines/download.ts";
import { diskSize } from "../../../machines/rules/room.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { isFullDisk } from "../real/full-disk.ts";

const mark = z.object({
  schemaVersion: z.literal(1),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().nullable(),
  etag: z.string().nullable(),
  keptBytes: z.number().int().nonnegative(),
});
type Mark = z.infer<typeof mark>;

/** So much, or so long, may have to be fetched again after a kill. */
const FLUSH_BYTES = 32 * 2 ** 20;
const FLUSH_MS = 500;

const partOf = (path: string): string => `${path}.part`;
export const isPart = (path: string): boolean => path.endsWith(".part");
export const wholePath = (part: string): string => part.slice(0, -".part".length);
const markOf = (path: string): string => `${path}.part.json`;

/** The size of a whole file that is here; nothing when it is not. */
export async function wholeBytes(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

async function readMark(path: string, { bytes, sha256 }: PlannedFile): Promise<Mark | undefined> {
  const text = await readFile(markOf(path), "utf8").catch(() => "");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = mark.safeParse(value);
  const isWanted = parsed.success && parsed.data.bytes === bytes && parsed.data.sha256 === (sha256 ?? null);
  return isWanted ? parsed.data : undefined;
}

/** What of it takes room on the disk, whole or not. */
export const bytesOf = async (path: string): Promise<number> =>
  (await wholeBytes(path)) ?? (await wholeBytes(partOf(path))) ?? 0;

/** How much of it a fetch need not fetch again. */
export async function presentBytes(path: string, file: PlannedFile): Promise<number> {
  if ((await wholeBytes(path)) === file.bytes) return file.bytes;
  const [kept, size = 0] = await Promise.all([readMark(path, file), wholeBytes(partOf(path))]);
  return Math.min(kept?.keptBytes ?? 0, size, file.bytes);
}

/** @returns the bytes that were taken up */
export async function discardPart(path: string): Promise<number> {
  const bytes = (await wholeBytes(partOf(path))) ?? 0;
  await rm(partOf(path), { force: true });
  await rm(markOf(path), { force: true });
  return bytes;
}

/** The whole file takes its name. PF3 */
export async function land(path: string): Promise<void> {
  if ((await wholeBytes(partOf(path))) !== undefined) await rename(partOf(path), path);
  await rm(markOf(path), { force: true });
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Where the bytes of a file lie now, whole or on their way. */
export const bytesAt = async (path: string): Promise<string> =>
  (await wholeBytes(partOf(path))) === undefined ? path : partOf(path);

export class PartFile {
  readonly #path: string;
  readonly #file: PlannedFile;
  readonly #handle: FileHandle;
  etag: string | undefined;
  #length: number;
  #keptBytes: number;
  #flushedAtMs = performance.now();

  private constructor(path: string, file: PlannedFile, handle: FileHandle, found: Mark | undefined, length: number) {
    this.#path = path;
    this.#file = file;
    this.#handle = handle;
    this.etag = found?.etag ?? undefined;
    this.#length = length;
    this.#keptBytes = length;
  }

  static async open(path: string, file: PlannedFile): Promise<PartFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const found = await readMark(path, file);
    const length = await presentBytes(path, file);
    const handle = await open(partOf(path), constants.O_RDWR | constants.O_CREAT, 0o600);
    await handle.truncate(length);
    return new PartFile(path, file, handle, found, length);
  }

  get length(): number {
    return this.#length;
  }

  /** What is there is of no use: another file than before. */
  async beginAgain(): Promise<void> {
    await rm(markOf(this.#path), { force: true });
    await this.#handle.truncate(0);
    this.#length = 0;
    this.#keptBytes = 0;
    this.etag = undefined;
  }

  /** @throws RbeeError disk.full */
  async append(piece: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < piece.byteLength;) {
        const { bytesWritten } = await this.#handle.write(piece, at, piece.byteLength - at, this.#length);
        at += bytesWritten;
        this.#length += bytesWritten;
      }
    } catch (thrown) {
      throw this.#fullOr(thrown);
    }
    const isDue = this.#length - this.#keptBytes >= FLUSH_BYTES || performance.now() - this.#flushedAtMs >= FLUSH_MS;
    if (isDue) await this.flush();
  }

  async flush(): Promise<void> {
    this.#flushedAtMs = performance.now();
    if (this.#length === this.#keptBytes) return;
    const { bytes, sha256 = null } = this.#file;
    const made: Mark = { schemaVersion: 1, bytes, sha256, etag: this.etag ?? null, keptBytes: this.#length };
    try {
      await this.#handle.datasync();
      await writeFile(`${markOf(this.#path)}.new`, JSON.stringify(made), { mode: 0o600, flush: true });
      await rename(`${markOf(this.#path)}.new`, markOf(this.#path));
    } catch (thrown) {
      throw this.#fullOr(thrown);
    }
    this.#keptBytes = this.#length;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
      // Nothing of it came: nothing is left of the try.
      if (this.#length === 0 && this.#file.bytes > 0) await discardPart(this.#path);
    }
  }

  #fullOr(thrown: unknown): unknown {
    if (!isFullDisk(thrown)) return thrown;
    const missing = diskSize(this.#file.bytes - this.#length);
    return new RbeeError("disk.full", `the disk is full, and ${missing} of ${this.#file.path} are still to come`);
  }
}
