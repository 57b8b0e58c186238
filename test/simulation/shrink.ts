/**
 * A failing scenario made as small as it goes: the fewest faults and clients that still break the same rule.
 *
 * Method: delta debugging (ddmin) over the list of faults, then of clients, then of faults again, within a number of
 * runs. What is left may not be the least there is; nothing in it can be left out alone, unless the runs were used up.
 *
 * @module
 */
import { run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import type { Violation } from "./verdict.ts";

export interface Shrunk {
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly runs: number;
}

const RUNS_MAX = 150;

export async function shrink(scenario: Scenario, violation: Violation, runsMax = RUNS_MAX): Promise<Shrunk> {
  let best = scenario;
  let last = violation;
  let runs = 0;
  const stillFails = async (candidate: Scenario): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const { violation: found } = await run(candidate);
    if (found?.invariant !== violation.invariant) return false;
    best = candidate;
    last = found;
    return true;
  };
  await smallest(scenario.faults, (faults) => stillFails({ ...best, faults }));
  await smallest(scenario.clients, (clients) => stillFails({ ...best, clients }));
  await smallest(best.faults, (faults) => stillFails({ ...best, faults }));
  return { scenario: best, violation: last, runs };
}

/** Leaves out ever smaller pieces of the list, as long as it still fails without them. */
async function smallest<T>(whole: readonly T[], fails: (part: T[]) => Promise<boolean>): Promise<void> {
  let list = [...whole];
  if (list.length > 0 && (await fails([]))) return;
  let pieces = 2;
  while (list.length > 1) {
    const size = Math.ceil(list.length / pieces);
    let cut = false;
    for (let from = 0; from < list.length; from += size) {
      const rest = [...list.slice(0, from), ...list.slice(from + size)];
      if (!(await fails(rest))) continue;
      list = rest;
      pieces = Math.max(2, pieces - 1);
      cut = true;
      break;
    }
    if (cut) continue;
    if (size === 1) return;
    pieces = Math.min(list.length, pieces * 2);
  }
}
