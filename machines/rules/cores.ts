/**
 * How many processor threads a worker gets, of the cores that all workers of a machine share.
 *
 * A pure rule. What a machine has is measured by a port; a number that is configured stays what it is.
 *
 *  T1 A small model runs on one thread: more only get in each other's way.
 *  T2 Every worker has a thread; whoever has more than one has cores that were left, so that all of theirs add up to no
 *     more than there are.
 *
 * @module
 */

/** Below so much weight one core reads all of it as fast as several. */
export const SMALL_WEIGHTS_BYTES = 2 ** 30;

export interface Threads {
  readonly threads: number;
  readonly why: string;
}

/** @param taken threads of each worker that is booked */
export function threadsFor(
  asked: number | "auto",
  weightsBytes: number,
  cores: number,
  taken: readonly number[],
): Threads {
  if (asked !== "auto") return { threads: asked, why: `${asked} threads, as configured` };
  if (weightsBytes < SMALL_WEIGHTS_BYTES) return { threads: 1, why: "1 thread, since the model is small" };
  const others = taken.reduce((sum, threads) => sum + threads, 0);
  const threads = Math.max(1, cores - others);
  return { threads, why: `${threads} of ${cores} cores, ${others} are taken` };
}
