/**
 * What is due when: one heap for the timers of cells and the deadlines of asks.
 *
 * Owns: order by (time, sequence), so that equal times fire in the order they were set, in every run.
 * Does not own: whether a thing that came due still stands; its owner checks that at the step. Kernel rule 8.
 *
 * @module
 */

interface Entry<T> {
  readonly atMs: number;
  readonly seq: number;
  readonly what: T;
}

const SWEEP_MIN = 1024;

const before = <T>(a: Entry<T>, b: Entry<T>): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);

export class Due<T> {
  #heap: Entry<T>[] = [];
  #seq = 0;
  /** Grown to this, it is worth a look at what no longer stands. */
  #sweepAt = SWEEP_MIN;

  get size(): number {
    return this.#heap.length;
  }

  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  add(atMs: number, what: T): void {
    const heap = this.#heap;
    const entry = { atMs, seq: this.#seq++, what };
    let i = heap.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry<T>;
      if (!before(entry, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  /** The earliest thing due at `nowMs` or before. */
  take(nowMs: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = heap.pop() as Entry<T>;
    if (heap.length > 0) this.#sink(last);
    return first.what;
  }

  /**
   * Forgets what no longer stands, each time the heap has doubled: a timer armed and cancelled a million times costs no
   * memory, and a heap of things that do stand is not searched again and again.
   */
  sweep(stands: (what: T) => boolean): void {
    if (this.#heap.length < this.#sweepAt) return;
    // A sorted array is a heap.
    this.#heap = this.#heap.filter((entry) => stands(entry.what)).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#heap.length);
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Entry<T>)) child += 1;
      const below = heap[child] as Entry<T>;
      if (!before(below, entry)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = entry;
  }
}
