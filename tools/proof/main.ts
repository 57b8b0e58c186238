/**
 * `npm run proof`: a proof bundle, run again or read.
 *
 *   npm run proof -- replay DIR   runs it and compares every byte of what it was given, what happened and how it ended
 *   npm run proof -- show DIR     prints who said what to whom
 *
 * Ends with 1 when a replay differs, with 2 without a bundle.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differenceOf } from "../../test/support/bundle.ts";
import { readSimBundle } from "../../test/simulation/bundle.ts";
import { bundleType, runAgain } from "./again.ts";
import { sequenceOf } from "./sequence.ts";

const [verb, folder] = process.argv.slice(2);

if (folder === undefined || (verb !== "replay" && verb !== "show")) {
  console.error("proof: npm run proof -- replay DIR | show DIR");
  process.exit(2);
}
process.stdout.on("error", () => process.exit(0));

try {
  if (verb === "show") show(folder);
  else process.exitCode = await replay(folder);
} catch (thrown) {
  console.error(`proof: ${folder} is no bundle: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 2;
}

function show(at: string): void {
  const text = (file: string): string => readFileSync(join(at, file), "utf8").trimEnd();
  const { type } = bundleType.parse(JSON.parse(text("metadata.json")));
  if (type === "simulation") for (const line of sequenceOf(readSimBundle(at))) console.log(line);
  else console.log(`${text("transcript.ndjson")}\n${text("result.txt")}`);
}

async function replay(at: string): Promise<0 | 1> {
  const again = await runAgain(at);
  if (again === undefined) {
    console.log("the test that left this bundle is not there any more: another version of the code made it");
    return 1;
  }
  console.log(readFileSync(join(again, "result.txt"), "utf8").trimEnd());
  const difference = differenceOf(at, again);
  if (difference === undefined) console.log("the run is the same, byte for byte");
  else console.log(`the run differs from ${difference} on: another version of the code made it`);
  return difference === undefined ? 0 : 1;
}
