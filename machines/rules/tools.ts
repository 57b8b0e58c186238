/**
 * What a thinker has beside its model: things that can be found out from what was said, without believing anybody.
 *
 *  TO1 What a tool finds is a function of the log up to the basis of the turn: it is the same on every machine, behind
 *      a crash and in a replay (TS9).
 *  TO2 It is told with the place of what it is about, the newest last, and no more of it than FOUND_MAX.
 *
 * @module
 */
import type { LogEvent } from "./log.ts";
import { wrongSums } from "./sums.ts";

/** arithmetic: sums that were written in figures are recalculated. */
export const TOOLS = ["arithmetic"] as const;
export type Tool = (typeof TOOLS)[number];

const FOUND_MAX = 5;

/** TO1. In lines. */
export function foundBy(tools: readonly Tool[], log: readonly LogEvent[], basis: number): readonly string[] {
  if (!tools.includes("arithmetic")) return [];
  const found = log.slice(0, basis + 1).flatMap((event) => {
    if (event.type !== "contributed") return [];
    return wrongSums(event.text).map(({ sum, is }) => `[${event.seq}] says ${sum}. It is ${is}.`);
  });
  return found.slice(-FOUND_MAX);
}
