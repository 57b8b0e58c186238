/**
 * `npm run mutants`: plants one defect at a time in a copy of the tree and says which test notices, and how fast.
 *
 *   npm run mutants -- --room kernel      one room; --only NAME one mutant, as often as wanted;
 *                                         --json: a line a mutant {mutant, killed, by, ms, rule, file}
 *
 * Owns: which mutants are tried, when a run may be believed, the verdict on it. Does not own: the mutants (rooms.ts), a
 * trial (trial.ts), how it is printed (table.ts).
 *
 *  R1 Nothing is concluded from tests that are red by themselves: the killers run first, without any mutant.
 *  R2 Nothing is concluded by a runner that lies: the canary must survive, the control must be killed.
 *  R3 The last line, with --json of stderr, is `N killed, N survived`; the exit code is 0 only when none survived.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { canary, control } from "./mutants/canaries.ts";
import { type Mutant, planted } from "./mutants/mutant.ts";
import { ROOMS } from "./mutants/rooms.ts";
import { asJson, heading, line, type Row, summary } from "./mutants/table.ts";
import { copyTree } from "./mutants/tree.ts";
import { runTests, tryMutant } from "./mutants/trial.ts";

const ROOT = resolve(import.meta.dirname, "..");
const LANES = Math.min(2, availableParallelism());
const GREEN_LIMIT_MS = 300_000;

interface Choice {
  readonly only: readonly string[];
  readonly room: string | undefined;
}

function chosen({ only, room }: Choice): readonly Mutant[] {
  if (room !== undefined && !Object.hasOwn(ROOMS, room))
    throw new Error(`no room ${room}; there are ${Object.keys(ROOMS).join(", ")}`);
  const here = room === undefined ? Object.values(ROOMS).flat() : (ROOMS[room] ?? []);
  const unknown = only.find((name) => here.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) throw new Error(`no mutant ${unknown} here`);
  return only.length === 0 ? here : here.filter(({ name }) => only.includes(name));
}

/** @throws when one no longer fits the file that it is made for */
function assertFresh(mutants: readonly Mutant[]): void {
  for (const mutant of mutants) planted(readFileSync(join(ROOT, mutant.file), "utf8"), mutant);
}

async function assertGreen(tree: string, mutants: readonly Mutant[]): Promise<void> {
  const killers = [...new Set(mutants.flatMap((mutant) => mutant.killers))];
  const run = await runTests(tree, killers, { limitMs: GREEN_LIMIT_MS, workers: LANES, bail: false });
  if (run.kind === "hung") throw new Error("the tests did not end in time, without any mutant");
  if (run.kind === "broken") throw new Error(`the tests do not run, without any mutant: ${run.why}`);
  if (run.failed.length > 0) throw new Error(`red without any mutant: ${run.failed.join("; ")}`);
}

async function assertHonest(tree: string): Promise<void> {
  const lives = await tryMutant(tree, canary);
  if (lives.outcome !== "survived") throw new Error(`the runner lies: the canary is ${JSON.stringify(lives)}`);
  const dies = await tryMutant(tree, control);
  if (dies.outcome !== "killed") throw new Error(`the runner lies: the control is ${JSON.stringify(dies)}`);
}

/** Each lane has a tree of its own and takes the next mutant when it is done. Rows come in the order of the mutants. */
async function tryAll(trees: readonly string[], mutants: readonly Mutant[], told: (row: Row) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const queue = mutants.entries();
  let next = 0;
  const lane = async (tree: string): Promise<void> => {
    for (const [at, mutant] of queue) {
      rows[at] = { mutant, trial: await tryMutant(tree, mutant) };
      for (let row = rows[next]; row !== undefined; row = rows[next]) {
        told(row);
        next += 1;
      }
    }
  };
  await Promise.all(trees.map(lane));
  return rows;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      room: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const mutants = chosen({ only: values.only, room: values.room });
  assertFresh([canary, control, ...mutants]);
  const trees = Array.from({ length: LANES }, () => copyTree(ROOT));
  const [tree = ""] = trees;
  await assertGreen(tree, [canary, control, ...mutants]);
  await assertHonest(tree);
  if (!values.json) console.log(heading);
  const rows = await tryAll(trees, mutants, (row) => console.log(values.json ? asJson(row) : line(row)));
  (values.json ? console.error : console.log)(summary(rows));
  return rows.every(({ trial }) => trial.outcome === "killed") ? 0 : 1;
}

// What is left in temporary folders, and of tests that run, goes with an exit; a signal alone would leave it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = await main();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
