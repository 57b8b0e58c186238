/**
 * A run of the simulation as a proof bundle, so that anybody can have it again, byte for byte.
 *
 * Owns: what of a run goes into which file. `seeds.json` is the whole scenario: seed, settings, clients, faults.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { everyRunProves, writeBundle } from "../support/bundle.ts";
import { type Outcome, run } from "./run.ts";
import { type Scenario, scenarioSchema } from "./scenario.ts";

const metadataSchema = z.object({
  invariant: z.string().optional(),
  message: z.string().optional(),
  atMs: z.number().optional(),
});
export type Metadata = z.infer<typeof metadataSchema>;

export interface SimBundle {
  readonly scenario: Scenario;
  readonly transcript: string;
  readonly metadata: Metadata;
}

/** Of the run that was shrunk to this one. */
export interface ShrunkFrom {
  readonly faults: number;
  readonly clients: number;
  readonly runs: number;
}

/** Runs the scenario once more and writes all of it down. @returns the folder and how it ended */
export async function proveRun(
  scenario: Scenario,
  shrunkFrom?: ShrunkFrom,
): Promise<{ readonly folder: string; readonly outcome: Outcome }> {
  const transcript: string[] = [];
  const outcome = await run(scenario, (line) => transcript.push(line));
  const { seed, ...given } = scenario;
  const { violation } = outcome;
  const folder = writeBundle({
    type: "simulation",
    name: violation?.invariant ?? "held",
    seed,
    given,
    transcript,
    metadata: { ...violation, ...(shrunkFrom === undefined ? {} : { shrunkFrom }) },
    result: resultOf(outcome, scenario),
  });
  return { folder, outcome };
}

/** As `run`, for a run that must hold: when it does not, the bundle is left and said. */
export async function runProven(scenario: Scenario): Promise<Outcome> {
  const outcome = await run(scenario);
  if (outcome.violation !== undefined || everyRunProves()) {
    const { folder } = await proveRun(scenario);
    console.log(`proof bundle of seed ${scenario.seed}: ${folder}`);
  }
  return outcome;
}

export function readSimBundle(folder: string): SimBundle {
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const scenario = scenarioSchema.parse(JSON.parse(read("seeds.json")));
  const metadata = metadataSchema.parse(JSON.parse(read("metadata.json")));
  return { scenario, transcript: read("transcript.ndjson"), metadata };
}

function resultOf({ violation, steps, hash }: Outcome, { faults, clients }: Scenario): string {
  const verdict =
    violation === undefined
      ? "every invariant held"
      : `${violation.invariant} was broken at ${violation.atMs} ms: ${violation.message}`;
  const script = faults.map(({ atMs, kind, forMs }) => `  ${atMs} ms  ${kind}, ${forMs} ms`);
  const size = `${faults.length} faults and ${clients.length} clients`;
  return [verdict, size, ...script, `${steps} steps, trace ${hash}`].join("\n");
}
