/**
 * The places of an engine, as many as it has: who has one, and who waits for one.
 *
 * A dropped run frees its place in the worker's books at once, and here only when its call has really ended.
 *
 * @module
 */

export interface Holder {
  /** Set while its reader has to take more before it goes on. */
  readonly waiting: (() => void) | undefined;
}

export class Slots {
  readonly #count: number;
  readonly #holders = new Set<Holder>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Waits for a place and has it for as long as the call lasts. */
  async hold<Result>(holder: Holder, call: () => Promise<Result>): Promise<Result> {
    this.#free -= 1;
    if (this.#free < 0) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#holders.add(holder);
    try {
      return await call();
    } finally {
      this.#holders.delete(holder);
      this.#free += 1;
      this.#waiting.shift()?.();
    }
  }

  get areFree(): boolean {
    return this.#free === this.#count;
  }

  /** Whoever has a place waits for its reader. */
  get waitForReaders(): boolean {
    return this.#holders.size > 0 && [...this.#holders].every(({ waiting }) => waiting !== undefined);
  }
}
