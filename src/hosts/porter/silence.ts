/**
 * How long somebody has said nothing though it could have spoken.
 *
 *  SI1 Time in which it was ready to run and got no processor is no silence, nor is time in which the listener slept.
 *  SI2 Where nobody knows how long it waited, all of the time counts.
 *
 * @module
 */
export class Silence {
  #sinceMs: number;
  /** What it had waited for a processor in all its life when that was last asked. */
  #waitedMs: number | undefined;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Whoever listens slept for so long. */
  excuse(ms: number, nowMs: number): void {
    this.#sinceMs = Math.min(nowMs, this.#sinceMs + ms);
  }

  /** @param waitedMs for a processor, in all its life; undefined where nobody knows. */
  lastedMs(nowMs: number, waitedMs: number | undefined): number {
    if (waitedMs !== undefined && this.#waitedMs !== undefined) this.excuse(waitedMs - this.#waitedMs, nowMs);
    this.#waitedMs = waitedMs;
    return nowMs - this.#sinceMs;
  }
}
