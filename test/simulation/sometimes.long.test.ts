/**
 * Goal: the simulation goes where it is interesting: every fault happens, every state of every machine is reached.
 * Method: many seeds; the union of what each has seen.
 */
import { expect, test } from "vitest";
import { run } from "./run.ts";
import { drawScenario } from "./scenario.ts";
import { DECLARED } from "./sometimes.ts";

const SEEDS = 400;

test(
  `RX2: ${SEEDS} seeds reach each fault, each state of each machine and each special case, and break no rule`,
  { timeout: 600_000 },
  async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await run(drawScenario(seed, { minutes: 1 }));
      expect(outcome.violation, `seed ${seed}`).toBeUndefined();
      for (const name of outcome.seen) seen.add(name);
    }
    expect(DECLARED.filter((name) => !seen.has(name))).toEqual([]);
  },
);
