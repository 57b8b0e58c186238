/**
 * A file that lines are added to, for a log: written behind whoever writes, and never in the way of them.
 *
 *  LF1 Lines are whole and in order; what cannot be written is lost, and what comes after is tried again.
 *  LF2 What waits is bounded: a line above that is lost.
 *  LF3 `reopen` writes what came before it to the old file, and what comes after to the one of that name.
 *  LF4 A first line is written at once, and what comes in the next moment together: a busy node writes fifty times a
 *      second, however much it has to say. Nobody who closes waits for that moment.
 *
 * @module
 */
import { close, openSync, write } from "node:fs";

const WAITING_BYTES_MAX = 2 ** 20;
const GATHER_MS = 20;
const STDERR = 2;

export class LogFile {
  /** Nothing: stderr. */
  readonly #path: string | undefined;
  #descriptor: number | undefined;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  /** Ends the moment that lines are gathered in. */
  #hurry: () => void = () => {};
  #isClosing = false;

  constructor(path: string | undefined) {
    this.#path = path;
    this.#open();
  }

  readonly write = (line: string): void => {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) return;
    this.#waiting.push(line);
    this.#waitingBytes += bytes;
    this.#writing ??= this.#writeAll();
  };

  async reopen(): Promise<void> {
    if (this.#path === undefined) return;
    await this.close();
    this.#open();
  }

  /** Resolves when what was written before is in the file, or lost. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry();
    await this.#writing;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined && descriptor !== STDERR) await new Promise((closed) => close(descriptor, closed));
    this.#isClosing = false;
  }

  #open(): void {
    try {
      this.#descriptor = this.#path === undefined ? STDERR : openSync(this.#path, "a", 0o600);
    } catch {
      // LF1: the next `reopen` may find the folder in order.
    }
  }

  async #writeAll(): Promise<void> {
    // What is written in one turn of the loop goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const bytes = Buffer.from(this.#waiting.join(""));
      this.#waiting = [];
      await this.#writeWhole(bytes);
      this.#waitingBytes -= bytes.length;
      if (!this.#isClosing) await this.#moment();
    }
    this.#writing = undefined;
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => {
      const over = setTimeout(resolve, GATHER_MS);
      this.#hurry = () => {
        clearTimeout(over);
        resolve();
      };
    });
  }

  async #writeWhole(bytes: Buffer): Promise<void> {
    const descriptor = this.#descriptor;
    for (let at = 0; descriptor !== undefined && at < bytes.length;) {
      const written = await new Promise<number>((done) => {
        write(descriptor, bytes, at, bytes.length - at, undefined, (error, count) => done(error ? 0 : count));
      });
      if (written === 0) return;
      at += written;
    }
  }
}
