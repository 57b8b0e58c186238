/**
 * Restart intensity: how often a model's workers may die before it is left alone for a while.
 *
 * Owns: the rule, over times of deaths alone. Does not own: what counts as a death (the hive), what becomes of the work
 * that wanted the model (it is told why, at once: whoever waited would wait for a worker that dies).
 *
 *  I1 Within any window no more than so many deaths are followed by a start: a model that dies at once is started a
 *     few times, and then once for each death that leaves the window.
 *  I2 What died longer ago than the window, or by a clock that has since been set back, stops nobody.
 *
 * @module
 */

export const DEATHS_MAX = 5;
export const WINDOW_MS = 60_000;

/**
 * @param deathsMs when its workers died, in any order
 * @returns when the next one may start; undefined when it may now
 */
export function restartAt(deathsMs: readonly number[], nowMs: number): number | undefined {
  const recent = deathsMs.filter((atMs) => atMs <= nowMs && nowMs - atMs < WINDOW_MS).toSorted((a, b) => b - a);
  const decisive = recent[DEATHS_MAX - 1];
  return decisive === undefined ? undefined : decisive + WINDOW_MS;
}
