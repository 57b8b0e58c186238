/**
 * When the side of a link that pings does so: by itself, or with what it says anyway.
 *
 * Owns: how long ago it pinged, and with what. Does not own: the beat (beat.ts), pings and their answers (link.ts).
 *
 *  PN1 What is said takes a ping along, once in {@link PING_MS} or so, and the beat of its link is moved behind it: a
 *      queen renews a lease in the frame of a ping, of a thousand machines each, and not in one of its own.
 *  PN2 Between two pings are {@link APART_MS} at most, whatever is said when.
 *
 * @module
 */
import { BEHIND_MS } from "./beat.ts";
import { LOOK_MS, PING_MS } from "./suspicion.ts";

/** A beat behind a ping that went along is this round's, which has had its ping, also when it is late. */
const SAME_MS = 2 * BEHIND_MS;
/** What is said in a rhythm of pings is a little early now and then. */
const ALONG_MS = PING_MS - SAME_MS;
/** PN2. */
export const APART_MS = PING_MS + BEHIND_MS + LOOK_MS;

export class Pings {
  /** When one went along last, or was about to leave anyway. */
  #alongMs = -Infinity;
  #isLeaving = false;

  /** @returns whether one goes by itself, which counts as sent */
  beat(nowMs: number): boolean {
    const isDue = nowMs - this.#alongMs > SAME_MS;
    if (isDue) this.#isLeaving = true;
    return isDue;
  }

  /** @returns whether what is said moves the beat, and whether a ping goes with it, which counts as sent */
  said(nowMs: number): { readonly moves: boolean; readonly pings: boolean } {
    const moves = nowMs - this.#alongMs >= ALONG_MS;
    const pings = moves && !this.#isLeaving;
    if (moves) this.#alongMs = nowMs;
    if (pings) this.#isLeaving = true;
    return { moves, pings };
  }

  /** What waited has left. */
  left(): void {
    this.#isLeaving = false;
  }
}
