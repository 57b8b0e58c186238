/**
 * `npm run sim`: a whole cluster on virtual time, under faults, with every invariant checked at every step.
 *
 *   npm run sim -- --seed 42                 one run, an event a line
 *   npm run sim -- --seeds 1000              many runs, each twice; a table at the end
 *   --minutes 10   virtual minutes of faults in each run (1)
 *   --json         the trace itself; with --seeds, a line a seed {seed, ok, hash, steps, simulatedMs, wallMs, broken?}
 *   --out DIR      where bundles go: of seeds that fail, with RBEE_PROOF=1 of all (RBEE_PROOF_DIR, else .proof_bundle)
 *   --saboteur S   plants a defect, to see it found
 *
 * Ends with 1 when a rule was broken, when a seed did not repeat itself, or when a thousand seeds left something
 * interesting unreached.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { everyRunProves } from "../../test/support/bundle.ts";
import { proveRun } from "../../test/simulation/bundle.ts";
import { run } from "../../test/simulation/run.ts";
import { SABOTEURS } from "../../test/simulation/saboteur.ts";
import { drawScenario, type Drawing } from "../../test/simulation/scenario.ts";
import { keepProof } from "./failing.ts";
import { paint, printed, readLine } from "./line.ts";
import { many } from "./many.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string" },
    minutes: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    out: { type: "string" },
    saboteur: { type: "string" },
  },
});

const number = (name: "seed" | "seeds" | "minutes"): number => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`sim: --${name} wants a number, not ${values[name]}`);
  process.exit(2);
};

if (values.out !== undefined) process.env["RBEE_PROOF_DIR"] = values.out;
const saboteur = SABOTEURS.find((name) => name === values.saboteur);
if (values.saboteur !== undefined && saboteur === undefined) {
  console.error(`sim: --saboteur is one of ${SABOTEURS.join(", ")}`);
  process.exit(2);
}
const drawing: Drawing = { minutes: number("minutes"), ...(saboteur === undefined ? {} : { saboteur }) };
// Whoever pipes this into `head` has seen enough.
process.stdout.on("error", () => process.exit(0));

const settings = { first: number("seed"), drawing, json: values.json };
process.exitCode = values.seeds === undefined ? await one() : await many({ ...settings, count: number("seeds") });

async function one(): Promise<number> {
  const colours = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const painted = paint(colours);
  const scenario = drawScenario(number("seed"), drawing);
  const startedMs = performance.now();
  const outcome = await run(scenario, (line) => console.log(values.json ? line : printed(readLine(line), painted)));
  const { violation, steps, virtualMs, hash } = outcome;
  const seconds = (performance.now() - startedMs) / 1000;
  if (violation !== undefined) return keepProof(scenario, violation);
  const rate = `${Math.round(steps / seconds)} steps/s, ${Math.round(virtualMs / 1000 / seconds)} simulated s/s`;
  if (everyRunProves()) console.error(`proof bundle: ${(await proveRun(scenario)).folder}`);
  const held = `seed ${scenario.seed}: every invariant held over ${steps} steps`;
  console.error(painted("green", `${held}; ${rate}; trace ${hash.slice(0, 16)}`));
  return 0;
}
