/**
 * Whether the kernel has lately killed something for want of memory.
 *
 * Owns: comparing its count with an earlier one. Does not own: reading it (real/oom-kills.ts), whom it killed: nobody
 * tells that, so what is found here is evidence and no proof.
 *
 * @module
 */

export interface OomKills {
  readonly count: number;
  /** Where it is counted, in words. */
  readonly by: string;
}

/** Recent enough that what was counted since speaks of a process that ended just now. */
const EVERY_MS = 2000;

export class OomWatch {
  readonly #read: () => OomKills | undefined;
  /** At the last tick but one, and at the last. */
  #before: OomKills | undefined;
  #latest: OomKills | undefined;
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(read: () => OomKills | undefined) {
    this.#read = read;
    this.#latest = read();
    this.#before = this.#latest;
  }

  tick(nowMs: number): void {
    if (nowMs - this.#readMs < EVERY_MS) return;
    this.#readMs = nowMs;
    this.#before = this.#latest;
    this.#latest = this.#read();
  }

  /** @returns what speaks for it, in words; "" when nothing does */
  evidence(): string {
    const now = this.#read();
    const earlier = this.#before;
    if (now === undefined || earlier === undefined || now.count <= earlier.count) return "";
    return `${now.by} counts ${now.count} kills for want of memory, ${earlier.count} a moment before`;
  }
}
