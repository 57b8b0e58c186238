/**
 * Reads the whole tree and says where it breaks the rules of the house that no compiler and no linter knows.
 *
 * Owns: which files are looked at and which rules run. Does not own the rules, one file each in tools/tidy/.
 * Runs as a test (test/unit/tools/tidy.test.ts) and by hand (`npm run tidy`).
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { ERRORS } from "../src/protocol/errors.ts";
import type { Behaviour } from "../src/runtime/behaviour.ts";
import { errorProblems } from "./tidy/errors.ts";
import { importProblems } from "./tidy/imports.ts";
import { handlerProblems, machineProblems } from "./tidy/machines.ts";
import type { Problem, Tree } from "./tidy/problem.ts";
import { shapeProblems } from "./tidy/shape.ts";
import { UNTESTED_CODES } from "./tidy/untested-codes.ts";

const ROOT = resolve(import.meta.dirname, "..");
const LOOKED_AT = ["*.ts", "{bin,machines,src,test,tools}/**/*.{ts,mts,mjs}", "README.md"];

export function readTree(root = ROOT): Tree {
  const paths = LOOKED_AT.flatMap((pattern) => globSync(pattern, { cwd: root })).map((path) =>
    path.replaceAll(sep, "/"),
  );
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Whatever is wrong with the tree on disk, in the order of its files. */
export async function tidy(root = ROOT): Promise<readonly Problem[]> {
  const tree = readTree(root);
  return [
    ...importProblems(tree),
    ...shapeProblems(tree),
    ...machineProblems(tree),
    ...errorProblems(tree, Object.keys(ERRORS), UNTESTED_CODES),
    ...handlerProblems(await behaviours(root)),
  ].toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

/** The one list of every behaviour of the product, `behaviours` of src/actors/behaviours.ts. */
async function behaviours(root: string): Promise<readonly Behaviour[]> {
  const path = join(root, "src", "actors", "behaviours.ts");
  if (!existsSync(path)) return [];
  const module = (await import(pathToFileURL(path).href)) as { readonly behaviours: readonly Behaviour[] };
  return module.behaviours;
}

export const lineOf = ({ path, line, text }: Problem): string => `${path}:${line}: ${text}`;

if (import.meta.main) {
  const problems = await tidy();
  for (const problem of problems) console.error(lineOf(problem));
  console.error(problems.length === 0 ? "tidy" : `${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
