/**
 * First in, first out, without moving every element at each take, and without a new array each time it was empty.
 *
 * @module
 */
const CAPACITY_MIN = 8;
/** What was once long gives its room back when it is empty. */
const CAPACITY_KEPT = 1024;

export class Line<T> {
  /** A ring, of a length that is a power of two. */
  #items: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length += 1;
  }

  take(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length -= 1;
    if (this.#length === 0 && this.#items.length > CAPACITY_KEPT) {
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }

  *rest(): Generator<T> {
    for (let i = 0; i < this.#length; i += 1) yield this.#items[(this.#head + i) & (this.#items.length - 1)] as T;
  }

  /** Twice the room, the first at its beginning. */
  #grow(): void {
    const items: (T | undefined)[] = [];
    for (let i = 0; i < this.#length; i += 1) items.push(this.#items[(this.#head + i) & (this.#items.length - 1)]);
    const capacity = Math.max(CAPACITY_MIN, this.#length * 2);
    while (items.length < capacity) items.push(undefined);
    this.#items = items;
    this.#head = 0;
  }
}
