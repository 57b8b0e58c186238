/**
 * Whether a machine that says nothing is dead: the phi accrual detector, held between two promises.
 *
 * Owns: what is learnt of the rhythm of pings, and the finding. Does not own: clocks, or what follows from it.
 *
 * Phi is how unlikely it is that the next ping is only late: 8 stands for one in 10^8, by the mean and the deviation of
 * the pings so far, with a pause of {@link PAUSE_MS} allowed for, such as a collection of garbage on a loaded machine.
 *
 *  PH1 A machine that stood still for less than the pause is not found dead, however regular it was before.
 *  PH2 A machine that has fallen silent is found dead within {@link SILENT_MS}, however irregular it was before.
 *  PH3 Anything that arrives is a sign of life; only pings teach the rhythm, since mail comes in bursts.
 *  PH4 Time in which the listener itself stood still is no silence: what came meanwhile lies unread.
 *  PH5 When more than half of at least three machines fall silent together, it is the listener who is cut off: it waits
 *      {@link ALONE_MS} longer before it gives them up, and says that of itself.
 *
 * @see Hayashibara and others, The phi accrual failure detector (2004)
 * @module
 */
export const PING_MS = 1500;
export const PAUSE_MS = 3000;
export const SILENT_MS = 5000;
export const ALONE_MS = 5000;

/** How often whoever listens looks. What is promised within a time is found one look earlier. */
export const LOOK_MS = 50;

const PHI_DEAD = 8;
/** So many pings are remembered. */
const SAMPLES_MAX = 100;
/** Of pings that never vary nothing can be told: they may still. */
const DEVIATION_MS_MIN = 50;

/** In this order: nothing heard for a while, found dead. */
export type Finding = "alive" | "quiet" | "dead";

/** From here on a silence counts as one of several. */
const QUIET_MS = PING_MS + PAUSE_MS / 2;

export class Suspicion {
  readonly #samplesMs: number[] = [];
  #sum = 0;
  #squares = 0;
  #pingMs: number | undefined;
  #heardMs: number;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  pinged(nowMs: number): void {
    if (this.#pingMs !== undefined) this.#learn(nowMs - this.#pingMs);
    this.#pingMs = nowMs;
    this.#heardMs = nowMs;
  }

  /** PH4 */
  excuse(ms: number, nowMs: number): void {
    this.#heardMs = Math.min(nowMs, this.#heardMs + ms);
    if (this.#pingMs !== undefined) this.#pingMs = Math.min(nowMs, this.#pingMs + ms);
  }

  silentMs(nowMs: number): number {
    return nowMs - this.#heardMs;
  }

  /** @param graceMs how much longer than usual it is waited for */
  judge(nowMs: number, graceMs = 0): Finding {
    const silentMs = this.silentMs(nowMs) - graceMs;
    // PH1 and PH2: between the two, phi decides.
    if (silentMs >= SILENT_MS - LOOK_MS) return "dead";
    if (silentMs >= PING_MS + PAUSE_MS && this.phi(silentMs) >= PHI_DEAD) return "dead";
    return this.silentMs(nowMs) >= QUIET_MS ? "quiet" : "alive";
  }

  phi(silentMs: number): number {
    const count = this.#samplesMs.length;
    const mean = count === 0 ? PING_MS : this.#sum / count;
    const variance = count === 0 ? 0 : Math.max(0, this.#squares / count - mean * mean);
    const deviation = Math.max(DEVIATION_MS_MIN, Math.sqrt(variance));
    return -Math.log10(tail((silentMs - mean - PAUSE_MS) / deviation));
  }

  #learn(ms: number): void {
    this.#samplesMs.push(ms);
    this.#sum += ms;
    this.#squares += ms * ms;
    if (this.#samplesMs.length <= SAMPLES_MAX) return;
    const first = this.#samplesMs.shift() ?? 0;
    this.#sum -= first;
    this.#squares -= first * first;
  }
}

/** The share of a normal distribution beyond so many deviations, by the logistic approximation; never 0. */
function tail(deviations: number): number {
  const odds = Math.exp(-deviations * (1.5976 + 0.070566 * deviations * deviations));
  return Math.max(Number.MIN_VALUE, odds === Infinity ? 1 : odds / (1 + odds));
}

/** PH5 */
export function isAlone(findings: readonly Finding[]): boolean {
  const silent = findings.filter((finding) => finding !== "alive").length;
  return findings.length >= 3 && silent * 2 > findings.length;
}
