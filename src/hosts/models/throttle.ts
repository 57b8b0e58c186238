/**
 * How many bytes a second may come from the hub, over all that this machine fetches.
 *
 * Owns: how long whoever has taken some waits before taking more. Does not own: the bytes, or the clock.
 *
 *  TH1 Over any while no more comes than the rate allows, and one piece of each who takes.
 *  TH2 Nobody waits for longer than what was taken takes at the rate; time in which nobody took is not saved up.
 *
 * @module
 */
export class Throttle {
  readonly #bytesPerSecond: number;
  /** When all that was taken would have come at the rate. */
  #dueMs = 0;

  /** @param bytesPerSecond Infinity: no bound */
  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Behind so many bytes. */
  waitMs(bytes: number, nowMs: number): number {
    this.#dueMs = Math.max(this.#dueMs, nowMs) + (bytes * 1_000) / this.#bytesPerSecond;
    return this.#dueMs - nowMs;
  }
}
