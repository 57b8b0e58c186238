/**
 * `npm run proof`: a proof bundle, run again or read.
 *
 *   npm run proof -- replay DIR   runs it and compares every byte of the transcript
 *   npm run proof -- show DIR     prints who said what to whom
 *
 * Ends with 1 when a replay differs, or does not break the rule that the bundle names; with 2 without a bundle.
 *
 * @module
 */
import { type Bundle, readBundle, replay } from "../../test/simulation/bundle.ts";
import { sequenceOf } from "./sequence.ts";

const [verb, folder] = process.argv.slice(2);

if (folder === undefined || (verb !== "replay" && verb !== "show")) {
  console.error("proof: npm run proof -- replay DIR | show DIR");
  process.exit(2);
}
process.stdout.on("error", () => process.exit(0));

const bundle = opened(folder);
if (verb === "show") for (const line of sequenceOf(bundle)) console.log(line);
else process.exitCode = await again();

function opened(at: string): Bundle {
  try {
    return readBundle(at);
  } catch (thrown) {
    console.error(`proof: ${at} is no bundle: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return process.exit(2);
  }
}

async function again(): Promise<0 | 1> {
  const { metadata } = bundle;
  const { outcome, differsAt } = await replay(bundle);
  const { invariant, message } = outcome.violation ?? { invariant: undefined, message: "every invariant held" };
  console.log(`${invariant ?? "ok"}: ${message}`);
  if (differsAt !== undefined) {
    console.log(`the transcript differs from line ${differsAt} on: another version of the code made it`);
    return 1;
  }
  console.log(`the transcript is the same, byte for byte: ${outcome.steps} steps, trace ${outcome.hash}`);
  return invariant === metadata.invariant ? 0 : 1;
}
