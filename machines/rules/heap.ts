/**
 * A binary heap of keys by rank, where a key may be taken out again: what the queue and the fleet are ordered by.
 *
 * Ties go to the key that sorts first, so that order never depends on how the heap was filled.
 *
 * @module
 */
export interface Entry {
  readonly rank: number;
  readonly key: string;
}

const before = (a: Entry, b: Entry): boolean => a.rank < b.rank || (a.rank === b.rank && a.key < b.key);

/** The same for the lowest of two heaps; nothing comes last. */
export const isBefore = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a !== undefined && (b === undefined || before(a, b));

export class Heap {
  readonly #heap: Entry[] = [];
  readonly #at = new Map<string, number>();

  get size(): number {
    return this.#heap.length;
  }

  lowest(): Entry | undefined {
    return this.#heap[0];
  }

  first(): string | undefined {
    return this.#heap[0]?.key;
  }

  /** The keys of the lowest ranks, in their order. O(k log k), however many there are. */
  firsts(count: number): readonly string[] {
    const heap = this.#heap;
    const found: string[] = [];
    // Whoever comes next stands right below one that was taken.
    const next = heap.length === 0 ? [] : [0];
    while (found.length < count && next.length > 0) {
      let lowest = 0;
      for (let i = 1; i < next.length; i += 1) {
        if (before(heap[next[i] as number] as Entry, heap[next[lowest] as number] as Entry)) lowest = i;
      }
      const at = next[lowest] as number;
      found.push((heap[at] as Entry).key);
      const [left, right] = [2 * at + 1, 2 * at + 2];
      // Its place in the list goes to one below it.
      if (left < heap.length) next[lowest] = left;
      else next.splice(lowest, 1);
      if (right < heap.length) next.push(right);
    }
    return found;
  }

  /** How many keys come before this one; all of them for one that is not there. */
  before(key: string): number {
    const at = this.#at.get(key);
    const entry = at === undefined ? undefined : this.#heap[at];
    return entry === undefined ? this.size : this.#heap.filter((other) => before(other, entry)).length;
  }

  /** Adds the key, or moves it to its new rank. O(log n). */
  set(key: string, rank: number): void {
    // A key that is there is never taken out to be put back: a Map finds one that often came and went ever more slowly.
    const at = this.#at.get(key) ?? this.#heap.length;
    this.#heap[at] = { rank, key };
    this.#settle(at);
  }

  delete(key: string): void {
    const at = this.#at.get(key);
    if (at === undefined) return;
    this.#at.delete(key);
    const last = this.#heap.pop() as Entry;
    if (at === this.#heap.length) return;
    this.#heap[at] = last;
    this.#settle(at);
  }

  #settle(at: number): void {
    this.#down(this.#up(at));
  }

  /** @returns where the entry is now */
  #up(from: number): number {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[i] = above;
      this.#at.set(above.key, i);
      i = parent;
    }
    heap[i] = entry;
    this.#at.set(entry.key, i);
    return i;
  }

  #down(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Entry)) child += 1;
      const below = heap[child] as Entry;
      if (!before(below, entry)) break;
      heap[i] = below;
      this.#at.set(below.key, i);
      i = child;
    }
    heap[i] = entry;
    this.#at.set(entry.key, i);
  }
}
