/**
 * Whether a machine says again what it has: a thousand that say every ten seconds what their queen knows already cost
 * her more than all their pings.
 *
 *  RP1 Over a new link it is said at once, and so is what changed since by more than a share that decides nothing.
 *  RP2 What changed by less is said within a minute: a job that waits for just so much goes on then.
 *
 * @module
 */
export const AGAIN_MS = 60_000;
/** Of what there is in all. */
const SHARE = 1 / 256;

interface Room {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Over one link. */
export class Repeats {
  #said: { readonly atMs: number; readonly rooms: readonly Room[]; readonly rest: string } | undefined;

  /** @param rest everything but how much is free @returns whether it is to be said, which counts as having said it */
  isDue(rooms: readonly Room[], rest: string, nowMs: number): boolean {
    const said = this.#said;
    const isKnown = said?.rest === rest && nowMs - said.atMs < AGAIN_MS && areAlike(said.rooms, rooms);
    if (!isKnown) this.#said = { atMs: nowMs, rooms, rest };
    return !isKnown;
  }
}

const areAlike = (before: readonly Room[], after: readonly Room[]): boolean =>
  before.length === after.length &&
  after.every(({ totalBytes, freeBytes }, i) => {
    const known = before[i];
    return known?.totalBytes === totalBytes && Math.abs(known.freeBytes - freeBytes) <= totalBytes * SHARE;
  });
