/**
 * A run that broke a rule: shrunk, written down, and told.
 *
 * @module
 */
import { proveRun } from "../../test/simulation/bundle.ts";
import type { Scenario } from "../../test/simulation/scenario.ts";
import { shrink } from "../../test/simulation/shrink.ts";
import type { Violation } from "../../test/simulation/verdict.ts";

/** @returns the exit code of a failure. */
export async function keepProof(scenario: Scenario, violation: Violation): Promise<1> {
  const { seed, faults, clients } = scenario;
  console.error(`seed ${seed}: ${violation.invariant} broken at ${violation.atMs} ms: ${violation.message}`);
  const shrunk = await shrink(scenario, violation);
  const before = { faults: faults.length, clients: clients.length, runs: shrunk.runs };
  const { folder, outcome } = await proveRun(shrunk.scenario, before);
  const { faults: left, clients: people } = shrunk.scenario;
  const size = `${left.length} of ${faults.length} faults, ${people.length} of ${clients.length} clients`;
  console.error(`seed ${seed}: shrunk to ${size} in ${shrunk.runs} runs: ${outcome.violation?.message ?? ""}`);
  console.error(`seed ${seed}: npm run proof -- replay ${folder}`);
  return 1;
}
