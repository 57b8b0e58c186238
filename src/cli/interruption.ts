/**
 * Ctrl-C and its relatives, for the time of one command.
 *
 * Owns: the signals of this process. Does not own: what stopping means to a command.
 *
 *  I1 The first signal aborts `signal` with an error that carries the exit code: 130 interrupted, 143 terminated.
 *  I2 Each later one calls `onAgain`: whoever takes long may be hurried.
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";

export interface Interruption {
  readonly signal: AbortSignal;
  onAgain(hurry: () => void): void;
  /** What a hangup means to what has no terminal that could hang up. Otherwise it terminates. */
  onHangup(meaning: () => void): void;
  /** What a key of the terminal in raw mode means. */
  interrupt(): void;
  close(): void;
}

export function listenForSignals(): Interruption {
  const controller = new AbortController();
  const hurries: (() => void)[] = [];
  const stop = (reason: RbeeError): void => {
    if (!controller.signal.aborted) controller.abort(reason);
    else for (const hurry of hurries) hurry();
  };
  const interrupt = (): void => stop(new RbeeError("interrupted", "it was interrupted"));
  const terminate = (): void => stop(new RbeeError("terminated", "it was terminated"));
  let hangup = terminate;
  const hungUp = (): void => hangup();
  process.on("SIGINT", interrupt).on("SIGTERM", terminate).on("SIGHUP", hungUp);
  return {
    signal: controller.signal,
    onAgain: (hurry) => void hurries.push(hurry),
    onHangup(meaning) {
      hangup = meaning;
    },
    interrupt,
    close: () => void process.off("SIGINT", interrupt).off("SIGTERM", terminate).off("SIGHUP", hungUp),
  };
}
