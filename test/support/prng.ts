/**
 * A small seeded source of chance (mulberry32): the same seed gives the same numbers on every machine.
 *
 * @module
 */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)] as T;
  }

  /** Each once, in an order of chance. */
  shuffled<T>(from: readonly T[]): readonly T[] {
    return from
      .map((each) => ({ each, place: this.next() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ each }) => each);
  }
}
