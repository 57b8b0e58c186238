/**
 * A log below the logs folder of this machine, and what its rotation left (`.old`).
 *
 * Owns: finding it without being led elsewhere, its last lines, and following it. Does not own: how a line is shown.
 *
 *  LG1 Nothing outside the logs folder is read: no link below it is followed, and only plain files are opened.
 *  LG2 Following misses no line and doubles none when the file is rotated: the old one is read to its end first.
 *  LG3 Memory is bounded, however large the file or long a line.
 *
 * @module
 */
import { constants, realpathSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 100;
const CHUNK_BYTES = 64 * 1024;
/** Rotation keeps files below this; of one that is larger all the same the end is looked at. */
const LOOK_BACK_BYTES = 8 * 1024 * 1024;
const LINE_CHARS_MAX = 64 * 1024;

export interface LogName {
  /** The logs folder: links that lead to it are the person's own. */
  readonly folder: string;
  /** Below the folder: `node.log`, `workers/w-1.log`. */
  readonly name: string;
}

export interface LogReading extends LogName {
  /** How many of the last lines there are come first. */
  readonly lines: number;
  /** Follows until it aborts; a log that is not there yet is waited for. Without it the end of the log is the end. */
  readonly until?: AbortSignal | undefined;
}

/** Undefined: there is no such log, or none that may be read here (LG1). */
async function openLog({ folder, name }: LogName): Promise<FileHandle | undefined> {
  const wanted = path.join(folder, name);
  try {
    if (realpathSync(wanted) !== path.join(realpathSync(folder), name)) return undefined;
    // Not blocking: whoever lays a pipe there does not hold us.
    const file = await open(wanted, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch {
    // Not there, or not ours to read.
  }
  return undefined;
}

export async function hasLog(log: LogName): Promise<boolean> {
  const file = await openLog(log);
  await file?.close();
  return file !== undefined;
}

export async function* readLog({ lines, until, ...log }: LogReading): AsyncGenerator<string> {
  let part = await firstPart(log);
  try {
    const last = new LastLines(lines);
    for await (const line of linesBefore(log, part)) last.add(line);
    if (part !== undefined) for await (const line of part.read()) last.add(line);
    if (until === undefined && part !== undefined) for (const line of part.rest()) last.add(line);
    yield* last.all();
    while (until?.aborted === false) {
      part ??= await firstPart(log);
      if (part !== undefined) {
        yield* part.read(until);
        if (await part.isReplacedBy(log)) {
          // Between that look and the rename somebody may have written to it.
          yield* part.read();
          yield* part.rest();
          await part.close();
          part = undefined;
          continue;
        }
      }
      await pause(POLL_MS);
    }
    if (until !== undefined && part !== undefined) yield* part.rest();
  } finally {
    await part?.close();
  }
}

async function firstPart(log: LogName): Promise<LogPart | undefined> {
  const file = await openLog(log);
  return file && new LogPart(file, Math.max(0, (await file.stat()).size - LOOK_BACK_BYTES));
}

/** What was rotated away, unless that happened just now to the part that is open. */
async function* linesBefore({ folder, name }: LogName, current: LogPart | undefined): AsyncGenerator<string> {
  const old = await firstPart({ folder, name: `${name}.old` });
  if (old === undefined) return;
  try {
    if (current !== undefined && (await old.isSameAs(current))) return;
    yield* old.read();
    yield* old.rest();
  } finally {
    await old.close();
  }
}

/** One file of a log, and how far it was read. */
class LogPart {
  readonly #file: FileHandle;
  #at: number;
  #decoder = new StringDecoder("utf8");
  #unfinished = "";

  constructor(file: FileHandle, at: number) {
    this.#file = file;
    this.#at = at;
  }

  /** The whole lines that were not read yet. */
  async *read(until?: AbortSignal): AsyncGenerator<string> {
    if ((await this.#file.stat()).size < this.#at) this.#restart();
    while (until?.aborted !== true) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      const pieces = (this.#unfinished + this.#decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      this.#unfinished = pieces.pop() ?? "";
      yield* pieces;
      if (this.#unfinished.length > LINE_CHARS_MAX) yield* this.rest();
    }
  }

  /** What is there of a line that is not whole. */
  *rest(): Generator<string> {
    const rest = this.#unfinished;
    this.#unfinished = "";
    if (rest !== "") yield rest;
  }

  async isReplacedBy(log: LogName): Promise<boolean> {
    const now = await firstPart(log);
    if (now === undefined) return false;
    const same = await this.isSameAs(now);
    await now.close();
    return !same;
  }

  async isSameAs(other: LogPart): Promise<boolean> {
    const [one, two] = [await this.#file.stat(), await other.#file.stat()];
    return one.ino === two.ino && one.dev === two.dev;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Emptied and written anew under the same name. */
  #restart(): void {
    this.#at = 0;
    this.#unfinished = "";
    this.#decoder = new StringDecoder("utf8");
  }
}

class LastLines {
  readonly #count: number;
  #lines: string[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(line: string): void {
    this.#lines.push(line);
    // Now and then, not each time: shifting a long list costs its length.
    if (this.#lines.length > 2 * this.#count + 1_000) this.#lines = this.all();
  }

  all(): string[] {
    return this.#lines.slice(Math.max(0, this.#lines.length - this.#count));
  }
}
