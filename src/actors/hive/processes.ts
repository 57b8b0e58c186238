/**
 * The port through which a hive has processes: what it may ask of them, and what it is told.
 *
 * Real: src/hosts/real/processes.ts, used by the porter alone. Simulated: test/simulation/sim-processes.ts.
 * Both are held to test/support/processes-contract.ts.
 *
 *  P1 A process is known by its token, used once. What the token does not name any more is never signalled.
 *  P2 `onClosed` comes exactly once, after the last frame and before `exited` resolves.
 *  P3 `exited` resolves when the process is reaped and its helpers are gone: only then is its memory free.
 *  P4 A process does not outlive whoever forked it.
 *
 * @module
 */
import type { ErrorData } from "../../protocol/errors.ts";

/** 1 to 64 letters, digits, `-` or `_`: a token is also the name of a file. */
export const PROCESS_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export interface ProcessSpec {
  /** A {@link PROCESS_TOKEN}, never used before. */
  readonly token: string;
  /** Absolute path of the program, a .ts or .js file. Its messages are frames on fd 3, both ways. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Added to the environment that every process of this node gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its output is appended, within bounds. Without it only the last lines are kept. */
  readonly logPath?: string;
}

export interface Forked {
  readonly pid: number;
  /** When it started, in ticks since boot: with the pid it names one process for good. "" where unknown. */
  readonly startTicks: string;
}

export interface Exit {
  /** Exactly one of the two is null. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last 20 lines it wrote to stderr, oldest first, for whoever has to explain the end. */
  readonly lastLines: readonly string[];
}

export interface ProcessEvents {
  onFrame(bytes: Buffer): void;
  /** With a cause if the process sent what is no frame: it is of no use any more, but still runs. */
  onClosed(cause?: ErrorData): void;
  /** After a write that was `full`: there is room again. */
  onDrain?(): void;
}

export type ProcessSignal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

export interface Processes {
  /** Resolves when the process exists, not when it is ready. Rejects with `process.fork`. */
  fork(spec: ProcessSpec, events: ProcessEvents): Promise<Forked>;
  /**
   * Takes a whole frame or nothing. `full`: not now, see `onDrain`. `gone`: never again. Does not promise delivery.
   *
   * @param mayWait for a moment, to leave with others
   */
  write(token: string, bytes: Uint8Array, mayWait?: boolean): "sent" | "full" | "gone";
  /** May be asked any number of times, for a while also afterwards. Undefined: never heard of it, or long forgotten. */
  exited(token: string): Promise<Exit> | undefined;
  /** To the process and its helpers. False: nothing was signalled, because the token names no living process. */
  signal(token: string, signal: ProcessSignal): boolean;
  /** Those forked and not yet reaped. */
  list(): readonly (Forked & { readonly token: string })[];
}
