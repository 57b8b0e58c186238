/**
 * Virtual time: a heap of (time, sequence), so that equal times fire in the order they were set.
 *
 * @module
 */
import type { Clock } from "../../src/runtime/ports.ts";
import { Due } from "../../src/runtime/due.ts";

export class SimClock implements Clock {
  #nowMs = 0;
  /** Wall time runs beside monotonic time and may be made to jump. */
  #skewMs = 1_700_000_000_000;
  readonly #due = new Due<() => void>();

  wallMs(): number {
    return this.#nowMs + this.#skewMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** The wall clock of this machine jumps. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  after(delayMs: number, run: () => void): void {
    this.#due.add(this.#nowMs + Math.max(0, delayMs), run);
  }

  /** Time of the next thing to happen. */
  get nextMs(): number | undefined {
    return this.#due.nextMs;
  }

  /** Runs what is next, moving time to it. @returns whether there was anything. */
  advance(): boolean {
    const atMs = this.#due.nextMs;
    if (atMs === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#due.take(this.#nowMs)?.();
    return true;
  }

  /** Time passes without anything happening in it. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}
