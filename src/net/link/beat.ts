/**
 * When each of many links is looked at: one timer for all of them, and to each its own moment.
 *
 * Owns: moments, and how long nobody could look. Does not own: pings, or what is found (link.ts, suspicion.ts).
 *
 *  BT1 A link beats once in {@link PING_MS}, from its first beat on. Those that come together are spread evenly over
 *      it: a machine with a thousand of them is never busy with all at once, and what one answers comes with what its
 *      neighbours answer.
 *  BT2 A link that has gone quiet is looked at every {@link LOOK_MS}, the others only when they beat.
 *  BT3 Time in which this machine stood still is told to every link before any of them is looked at.
 *  BT4 Moments are those of the clock: being late once makes nothing later that follows. Who has missed several beats
 *      has one.
 *  BT5 Without links there is no timer.
 *  BT6 A link that says something in a rhythm of its own may have its beat moved behind that: by {@link BEHIND_MS} at
 *      most, in this round and in each that follows.
 *
 * @module
 */
import type { LinkClock } from "./socket.ts";
import { LOOK_MS, PING_MS } from "./suspicion.ts";

const MOMENTS = PING_MS / LOOK_MS;
/** What is said in the rhythm of pings may be late by less, and is in front of its link's beat all the same. */
export const BEHIND_MS = 2 * LOOK_MS;
/** Less is what a machine with much to do is late anyway. */
const LATE_MS = 200;

export interface Beating {
  /** Whoever looks stood still for so long. */
  excuse(ms: number, nowMs: number): void;
  beat(nowMs: number): void;
  /** @returns whether it is quiet */
  look(nowMs: number): boolean;
}

const momentAt = (ms: number): number => Math.floor(ms / LOOK_MS);

export class Beat {
  readonly #clock: LinkClock;
  readonly #moments: readonly Set<Beating>[] = Array.from({ length: MOMENTS }, () => new Set<Beating>());
  readonly #quiet = new Set<Beating>();
  /** The last moment that was, and the one that is waited for. */
  #last = 0;
  #next = Infinity;
  #cancel = (): void => {};

  constructor(clock: LinkClock) {
    this.#clock = clock;
  }

  join(link: Beating): void {
    const sizes = this.#moments.map(({ size }) => size);
    this.#moments[sizes.indexOf(Math.min(...sizes))]?.add(link);
    const now = momentAt(this.#clock.monotonicMs());
    // Otherwise what is due comes first, and knows how late it is.
    if (this.#next <= now) return;
    this.#last = now;
    this.#wait();
  }

  /** BT6. It is a link that has joined. */
  follow(link: Beating): void {
    for (const moment of this.#moments) moment.delete(link);
    this.#of(momentAt(this.#clock.monotonicMs()) + BEHIND_MS / LOOK_MS).add(link);
    this.#wait();
  }

  leave(link: Beating): void {
    this.#quiet.delete(link);
    for (const moment of this.#moments) moment.delete(link);
    if (this.#moments.every(({ size }) => size === 0)) this.#forget();
  }

  #of(moment: number): Set<Beating> {
    return this.#moments[moment % MOMENTS] ?? new Set();
  }

  /** For the first moment after the last that has something to look at. */
  #wait(): void {
    let next = this.#last + 1;
    while (this.#quiet.size === 0 && this.#of(next).size === 0) next += 1;
    if (next >= this.#next) return;
    this.#forget();
    this.#next = next;
    const waitMs = Math.max(0, next * LOOK_MS - this.#clock.monotonicMs());
    this.#cancel = this.#clock.after(waitMs, () => this.#tick());
  }

  #forget(): void {
    this.#cancel();
    this.#next = Infinity;
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const lateMs = nowMs - this.#next * LOOK_MS;
    if (lateMs > LATE_MS) for (const moment of this.#moments) for (const link of moment) link.excuse(lateMs, nowMs);
    const from = Math.max(this.#last, momentAt(nowMs) - MOMENTS) + 1;
    this.#last = Math.max(this.#last, momentAt(nowMs));
    this.#next = Infinity;
    for (let moment = from; moment <= this.#last; moment += 1) {
      for (const link of this.#of(moment)) {
        link.beat(nowMs);
        this.#look(link, nowMs);
      }
    }
    for (const link of this.#quiet) this.#look(link, nowMs);
    if (this.#moments.some(({ size }) => size > 0)) this.#wait();
  }

  #look(link: Beating, nowMs: number): void {
    if (link.look(nowMs)) this.#quiet.add(link);
    else this.#quiet.delete(link);
  }
}
