/**
 * How one waits for a server that is busy.
 *
 * Owns: when it may be asked again. Holds for all calls of one engine, since it is one server that asked for it.
 *
 *  PA1 A server that names a time is asked nothing before it; one that names none, after a time that doubles.
 *  PA2 Nobody waits longer than {@link WAIT_MS_MAX} at once, or after more than {@link TRIES_MAX} refusals in a row.
 *  PA3 Whoever only wants to know whether it is well does not wait at all.
 *
 * @module
 */
import { type ErrorCode, RbeeError } from "../../../protocol/errors.ts";
import type { RemoteClock } from "./server.ts";

/** Less than an engine may do nothing at all before it counts as stuck. */
export const WAIT_MS_MAX = 60_000;
export const TRIES_MAX = 5;
const FIRST_WAIT_MS = 1_000;
const BUSY: ErrorCode = "endpoint.busy";

export class Patience {
  readonly #clock: RemoteClock;
  #notBeforeMs = 0;
  #refusals = 0;

  constructor(clock: RemoteClock) {
    this.#clock = clock;
  }

  /**
   * Resolves when it may be asked.
   *
   * @param longestMs whoever would wait longer is told so instead
   * @throws RbeeError endpoint.busy, or what the signal was aborted with
   */
  async wait(name: string, signal: AbortSignal, longestMs: number): Promise<void> {
    signal.throwIfAborted();
    const leftMs = this.#notBeforeMs - this.#clock.now();
    if (leftMs <= 0) return;
    if (leftMs > longestMs) {
      const retryAfterMs = Math.ceil(leftMs);
      throw new RbeeError(BUSY, `${name} asks for ${Math.ceil(leftMs / 1000)} s of patience`, { retryAfterMs });
    }
    await pause(this.#clock, leftMs, signal);
  }

  /** @throws what it was refused with, where waiting does not help */
  refused(refusal: RbeeError, longestMs: number): void {
    if (refusal.code !== BUSY) throw refusal;
    this.#refusals += 1;
    const named = refusal.details?.["retryAfterMs"];
    const waitMs = typeof named === "number" ? named : FIRST_WAIT_MS * 2 ** (this.#refusals - 1);
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#clock.now() + waitMs);
    if (waitMs > longestMs || this.#refusals >= TRIES_MAX) {
      this.#refusals = 0;
      throw refusal;
    }
  }

  /** It answered. */
  rest(): void {
    this.#refusals = 0;
  }
}

function pause(clock: RemoteClock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", stop, { once: true });
  clock.after(ms, resolve);
  return promise.finally(() => signal.removeEventListener("abort", stop));
}
