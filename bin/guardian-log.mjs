/**
 * The log of a daemon: one file for the node and its guardian.
 *
 * Owns: its size, its mode, the mark of the guardian's own lines. Plain JavaScript, without dependencies.
 *
 *  GL1 A file that is large when the node starts becomes `.old`, in place of the one before.
 *  GL2 A disk that refuses costs lines and nothing else.
 *
 * @module
 */
import { appendFileSync, closeSync, fchmodSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";

const LOG_BYTES_MAX = 4 * 1024 * 1024;
const TAIL_BYTES_MAX = 4096;
const TAIL_LINES_MAX = 10;
/** What the guardian says begins with the time and this; what the node says stands as it came. */
const GUARDIAN_LINE = /^\S+ guardian \d+: /;

export class GuardianLog {
  #path;
  #startBytes = 0;

  constructor(path) {
    this.#path = path;
  }

  /** @returns a descriptor to append to; undefined where the disk refuses, which costs lines and nothing else. */
  open() {
    try {
      if (bytesOf(this.#path) > LOG_BYTES_MAX) renameSync(this.#path, `${this.#path}.old`);
      const fd = openSync(this.#path, "a", 0o600);
      fchmodSync(fd, 0o600);
      this.#startBytes = fstatSync(fd).size;
      return fd;
    } catch {
      return undefined;
    }
  }

  say(text) {
    try {
      appendFileSync(this.#path, `${new Date().toISOString()} guardian ${process.pid}: ${text}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  }

  /** The last lines since `open`, without the guardian's own. */
  tail() {
    try {
      const fd = openSync(this.#path, "r");
      const from = Math.max(this.#startBytes, fstatSync(fd).size - TAIL_BYTES_MAX);
      const bytes = Buffer.alloc(TAIL_BYTES_MAX);
      const length = readSync(fd, bytes, 0, bytes.length, from);
      closeSync(fd);
      const lines = bytes.toString("utf8", 0, length).split("\n");
      return lines.filter((line) => line !== "" && !GUARDIAN_LINE.test(line)).slice(-TAIL_LINES_MAX);
    } catch {
      return [];
    }
  }
}

const bytesOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
