/**
 * Things by a number that rises by one with each, taken away about in that order.
 *
 * Owns: finding them. A Map through which so many pass is built anew each time it has filled up, and each table that it
 * had holds the next until a full collection: what was ever in it outlives every small one, and is copied by them.
 *
 *  NU1 What was set is found until it is deleted. A number is set once.
 *  NU2 It takes room for what is there: a page at most for each that stays behind.
 *
 * @module
 */
const PAGE = 64;
const EMPTY: readonly undefined[] = Array.from({ length: PAGE });

interface Page<T> {
  readonly things: (T | undefined)[];
  count: number;
}

export class Numbered<T> {
  readonly #pages = new Map<number, Page<T>>();
  /** The page that was wanted last: mostly the next number is on it too. */
  #at = -1;
  #page: Page<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get pages(): number {
    return this.#pages.size;
  }

  get(n: number): T | undefined {
    return this.#pageOf(n)?.things[n % PAGE];
  }

  set(n: number, thing: T): void {
    const page = this.#pageOf(n) ?? this.#begin();
    page.things[n % PAGE] = thing;
    page.count += 1;
    this.#size += 1;
  }

  delete(n: number): void {
    const page = this.#pageOf(n);
    if (page?.things[n % PAGE] === undefined) return;
    page.things[n % PAGE] = undefined;
    page.count -= 1;
    this.#size -= 1;
    if (page.count > 0) return;
    this.#pages.delete(this.#at);
    this.#page = undefined;
  }

  #pageOf(n: number): Page<T> | undefined {
    const at = Math.floor(n / PAGE);
    if (at !== this.#at) {
      this.#at = at;
      this.#page = this.#pages.get(at);
    }
    return this.#page;
  }

  /** Where the last one that was wanted is not. */
  #begin(): Page<T> {
    const page: Page<T> = { things: EMPTY.slice(), count: 0 };
    this.#pages.set(this.#at, page);
    this.#page = page;
    return page;
  }
}
