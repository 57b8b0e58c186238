/**
 * Where the keeper writes: data to stdout, everything else to stderr.
 *
 * Owns: both streams for the time of one run. Does not own: what is said.
 *
 *  O1 A reader of stdout that went away (`| head`, a closed terminal) is no error: `readerGone` says so, and what
 *     follows is dropped. Any other failure to write is thrown to whoever writes next.
 *  O2 Writing waits for a slow reader instead of piling up.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";

export interface Output {
  /** To stdout. */
  data(text: string): Promise<void>;
  /** A line to stderr, for the person. */
  say(line: string): void;
  readonly readerGone: AbortSignal;
  close(): void;
}

const READER_GONE = new Set(["EPIPE", "EIO"]);

export function openOutput(): Output {
  const gone = new AbortController();
  const failed = new AbortController();
  const onError = (error: NodeJS.ErrnoException): void => {
    if (READER_GONE.has(error.code ?? "")) gone.abort();
    else failed.abort(new RbeeError(error.code === "ENOSPC" ? "disk.full" : "defect", `stdout: ${error.message}`));
  };
  // Nobody reads what we say: nothing is left to say it to.
  const ignore = (): void => {};
  process.stdout.on("error", onError);
  process.stderr.on("error", ignore);
  return {
    async data(text) {
      failed.signal.throwIfAborted();
      if (gone.signal.aborted || text === "" || process.stdout.write(text)) return;
      await drainedOr(AbortSignal.any([gone.signal, failed.signal]));
      failed.signal.throwIfAborted();
    },
    say(line) {
      process.stderr.write(`${line}\n`);
    },
    readerGone: gone.signal,
    close() {
      process.stdout.off("error", onError);
      process.stderr.off("error", ignore);
    },
  };
}

function drainedOr(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      process.stdout.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    process.stdout.on("drain", done);
    signal.addEventListener("abort", done);
  });
}
