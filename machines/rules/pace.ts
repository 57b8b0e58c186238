/**
 * Whether a job can still be begun in its time, when others stand before it.
 *
 * Owns: the sum that decides. Does not own: what is known of those others (the queue's and the fleet's indexes).
 *
 *  PC1 A deadline is refused only where it could not hold even if everybody ahead were as quick as the quickest job of
 *      that model there was: never by an average, nor by what a load may take.
 *  PC2 Of a model with few finished jobs, or with workers on their way that may bring more slots, nothing is certain.
 *
 * @module
 */

/** Fewer finished jobs say too little of how quick one can be. */
export const JOBS_KNOWN_MIN = 8;

export interface Pace {
  /** Jobs of the model that will be begun before it. */
  readonly ahead: number;
  /** Of all its workers together; unknown while one is on its way. */
  readonly slots: number | undefined;
  /** Of the model's jobs that are done and still known. */
  readonly known: number;
  readonly quickestMs: number;
}

/** The least time until it is begun: those ahead leave in rounds of one job a slot. */
export function soonestMs({ ahead, slots, known, quickestMs }: Pace): number {
  if (slots === undefined || slots === 0 || known < JOBS_KNOWN_MIN) return 0;
  return Math.floor(ahead / slots) * quickestMs;
}
