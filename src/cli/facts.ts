/**
 * The result of a command that answers at once: for people, or with `--json` as one object.
 *
 * @module
 */
import type { Run } from "./run.ts";

export async function tellFacts({ options, output }: Run, facts: object, text: string): Promise<number> {
  await output.data(options.on("--json") ? `${JSON.stringify({ schemaVersion: 1, ...facts })}\n` : text);
  return 0;
}
