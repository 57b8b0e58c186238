/**
 * Every code of the error table is provoked by a test and explained in the README.
 *
 * @module
 */
import type { Problem, Tree } from "./problem.ts";

const TABLE = "src/protocol/errors.ts";

/**
 * @param waived codes that no test provokes yet. The list only shrinks: a code that has a test may not stand in it.
 */
export function errorProblems(tree: Tree, codes: readonly string[], waived: readonly string[]): readonly Problem[] {
  const tests = [...tree].filter(([path]) => path.startsWith("test/")).map(([, text]) => text);
  const readme = tree.get("README.md");
  const problem = (text: string): Problem => ({ path: TABLE, line: 1, text });
  // As a string of its own, or as the first word of a test's name.
  const isCited = (code: string): boolean =>
    tests.some((text) => text.includes(`"${code}"`) || text.includes(` ${code}: `) || text.includes(`"${code}: `));
  return [
    ...codes
      .filter((code) => !isCited(code) && !waived.includes(code))
      .map((code) => problem(`no test provokes ${code}`)),
    ...waived
      .filter((code) => !codes.includes(code) || isCited(code))
      .map((code) => problem(`${code} needs no waiver`)),
    ...codes
      .filter((code) => readme !== undefined && !readme.includes(`\`${code}\``))
      .map((code) => problem(`the README does not explain ${code}`)),
  ];
}
