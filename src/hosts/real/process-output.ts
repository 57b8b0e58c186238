/**
 * What a process prints: kept as its last lines of stderr, and appended to a log file within bounds.
 *
 * Does not own: what the lines say. Never throws and never holds the process up: a disk that is full or slow costs
 * lines of the log, which are counted there, and nothing else.
 *
 * @module
 */
import { appendFile, rename, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const LINES_KEPT = 20;
const LINE_CHARS_MAX = 2_000;
const LOG_BYTES_MAX = 4 * 1024 * 1024;
const LOG_PENDING_BYTES_MAX = 256 * 1024;

/** Reads both streams to their end. @returns the last lines of stderr so far, oldest first. */
export function captureOutput(stdout: Readable, stderr: Readable, logPath: string | undefined): () => string[] {
  const log = logPath === undefined ? undefined : boundedLog(logPath);
  const lines = lastLines();
  stdout.on("data", (chunk: Buffer) => log?.(chunk));
  stderr.on("data", (chunk: Buffer) => {
    lines.add(chunk);
    log?.(chunk);
  });
  return lines.read;
}

function lastLines(): { add(chunk: Buffer): void; read(): string[] } {
  const decoder = new StringDecoder("utf8");
  let whole: string[] = [];
  let unfinished = "";
  return {
    add(chunk) {
      const pieces = (unfinished + decoder.write(chunk)).split("\n").map((line) => line.slice(0, LINE_CHARS_MAX));
      unfinished = pieces.pop() ?? "";
      whole = [...whole, ...pieces].slice(-LINES_KEPT);
    },
    read: () => [...whole, unfinished].filter((line) => line !== "").slice(-LINES_KEPT),
  };
}

/**
 * Appends in order, one write at a time. A file that is too large becomes `.old`, in place of the one before. It is
 * there from the beginning: a process that says nothing has said nothing, and is not one that never was.
 */
function boundedLog(path: string): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let droppedBytes = 0;
  let writing = false;

  const writePending = async (): Promise<void> => {
    writing = true;
    do {
      const note = droppedBytes === 0 ? "" : `\n[${droppedBytes} bytes were dropped here]\n`;
      const bytes = Buffer.concat([...pending, Buffer.from(note)]);
      pending = [];
      pendingBytes = 0;
      droppedBytes = 0;
      try {
        // Before and not after, so that the newest lines always stand under the name that people know.
        if ((await bytesOf(path)) > LOG_BYTES_MAX) await rename(path, `${path}.old`);
        await appendFile(path, bytes, { mode: 0o600 });
      } catch {
        droppedBytes += bytes.length;
      }
    } while (pending.length > 0);
    writing = false;
  };

  void writePending();
  return (chunk) => {
    if (pendingBytes + chunk.length > LOG_PENDING_BYTES_MAX) {
      droppedBytes += chunk.length;
      return;
    }
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (!writing) void writePending();
  };
}

/** A file that is not there yet has none. */
const bytesOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
