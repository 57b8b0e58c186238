/**
 * A proof bundle: a folder that holds one run, so that anybody can have it again, byte for byte.
 *
 * Owns: its files. Does not own: the run. `seeds.json` and `faults.json` are what the run is made from;
 * `transcript.ndjson`, `metadata.json` and `result.txt` are what came of it.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Outcome, run } from "./run.ts";
import { type Scenario, scenarioSchema } from "./scenario.ts";

const metadataSchema = z.object({
  invariant: z.string().optional(),
  message: z.string().optional(),
  atMs: z.number().optional(),
  hash: z.string(),
  steps: z.number(),
  virtualMs: z.number(),
  /** Faults and clients of the run that was shrunk to this one. */
  shrunkFrom: z.object({ faults: z.number(), clients: z.number(), runs: z.number() }).optional(),
});

export type Metadata = z.infer<typeof metadataSchema>;

export interface Bundle {
  readonly scenario: Scenario;
  readonly transcript: string;
  readonly metadata: Metadata;
}

/** Runs the scenario once more and writes all of it down. */
export async function writeBundle(
  folder: string,
  scenario: Scenario,
  shrunkFrom?: Metadata["shrunkFrom"],
): Promise<Bundle> {
  const { transcript, outcome } = await transcribe(scenario);
  const { hash, steps, virtualMs, violation } = outcome;
  const metadata: Metadata = {
    ...violation,
    hash,
    steps,
    virtualMs,
    ...(shrunkFrom === undefined ? {} : { shrunkFrom }),
  };
  const { seed, config, clients, faults } = scenario;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write("seeds.json", json({ seed, config }));
  write("faults.json", json({ clients, faults }));
  write("transcript.ndjson", transcript);
  write("metadata.json", json(metadata));
  write("result.txt", resultOf(metadata, scenario));
  return { scenario, transcript, metadata };
}

export function readBundle(folder: string): Bundle {
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const parsed = (name: string): object => z.record(z.string(), z.unknown()).parse(JSON.parse(read(name)));
  const scenario = scenarioSchema.parse({ ...parsed("seeds.json"), ...parsed("faults.json") });
  const metadata = metadataSchema.parse(parsed("metadata.json"));
  return { scenario, transcript: read("transcript.ndjson"), metadata };
}

export interface Replay {
  readonly outcome: Outcome;
  /** The first line that differs, counted from 1; undefined when every byte is the same. */
  readonly differsAt: number | undefined;
}

export async function replay({ scenario, transcript }: Bundle): Promise<Replay> {
  const again = await transcribe(scenario);
  if (again.transcript === transcript) return { outcome: again.outcome, differsAt: undefined };
  const [then, now] = [transcript.split("\n"), again.transcript.split("\n")];
  return { outcome: again.outcome, differsAt: then.findIndex((line, at) => line !== now[at]) + 1 };
}

async function transcribe(scenario: Scenario): Promise<{ readonly transcript: string; readonly outcome: Outcome }> {
  const lines: string[] = [];
  const outcome = await run(scenario, (line) => lines.push(`${line}\n`));
  return { transcript: lines.join(""), outcome };
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

function resultOf(
  { invariant, message, atMs, steps, hash, shrunkFrom }: Metadata,
  { faults, clients }: Scenario,
): string {
  const verdict =
    invariant === undefined ? "every invariant held" : `${invariant} was broken at ${atMs} ms: ${message}`;
  const from = shrunkFrom === undefined ? "" : `, of ${shrunkFrom.faults} and ${shrunkFrom.clients}`;
  const script = faults.map(({ atMs: at, kind, forMs }) => `  ${at} ms  ${kind}, ${forMs} ms`);
  return [
    verdict,
    `${faults.length} faults and ${clients.length} clients${from}`,
    ...script,
    `${steps} steps, trace ${hash}`,
    "",
  ].join("\n");
}
