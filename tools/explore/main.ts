/**
 * `npm run explore`: every interleaving of small configurations of the real code, and the shortest way to a defect.
 *
 * Owns: the command line and the lines it prints. `--config NAME` one of them, `--max-states N` the bound of each,
 * `--json` an object a line. Exit code 1 when a rule is broken.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { exploreAlone, machinesAlone } from "./alone.ts";
import { type Configuration, configurations } from "./configurations.ts";
import { rules } from "./rules.ts";
import { explore, type Explored } from "./search.ts";
import { World } from "./world.ts";

const STATES_MAX = 8_000_000;
const now = (): number => performance.now();

export function run({ options, from }: Configuration, statesMax = STATES_MAX): Explored {
  const world = new World(options);
  return explore(world, rules, { statesMax, from: from(world), now });
}

interface Named {
  readonly name: string;
  readonly about: string;
  readonly run: (statesMax: number) => Explored;
}

const all: readonly Named[] = [
  ...machinesAlone.map((each) => ({ ...each, run: () => exploreAlone(each, now) })),
  ...configurations.map((each) => ({ ...each, run: (statesMax: number) => run(each, statesMax) })),
];

const grouped = (n: number): string => n.toLocaleString("en-US");

function lines({ name, about }: Named, found: Explored): readonly string[] {
  const { states, transitions, depth, seconds, isWhole, beyond, broken } = found;
  const extent = isWhole ? "complete" : "cut off by the bound";
  const more = beyond === 0 ? "" : `, without ${grouped(beyond)} moves that need one worker more`;
  const size = `${grouped(states)} states, ${grouped(transitions)} transitions, depth ${depth}`;
  const line = `${name.padEnd(14)} ${size}, ${seconds.toFixed(1)} s, ${extent}${more}: ${about}`;
  if (broken === undefined) return [line];
  return [line, `  BROKEN ${broken.rule}`, ...broken.path.map((move, i) => `  ${String(i + 1).padStart(3)}. ${move}`)];
}

function main(): number {
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      json: { type: "boolean", default: false },
      "max-states": { type: "string", default: String(STATES_MAX) },
    },
  });
  const statesMax = Number(values["max-states"]);
  const chosen = all.filter(({ name }) => values.config === undefined || values.config === name);
  if (chosen.length === 0 || !(statesMax > 0)) {
    console.error(`--config is one of ${all.map(({ name }) => name).join(", ")}; --max-states is a number above 0`);
    return 2;
  }
  let [states, seconds, broken] = [0, 0, 0];
  for (const each of chosen) {
    const found = each.run(statesMax);
    states += found.states;
    seconds += found.seconds;
    if (found.broken !== undefined) broken += 1;
    console.log(values.json ? JSON.stringify({ name: each.name, ...found }) : lines(each, found).join("\n"));
  }
  if (!values.json) console.log(`${grouped(states)} states in ${seconds.toFixed(1)} s, ${broken} broken`);
  return broken === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
