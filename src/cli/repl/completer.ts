/**
 * What Tab adds to a line.
 *
 *  CM1 It adds what all that could be meant have in common, and a space where there is only one; it takes nothing away.
 *
 * @module
 */
export interface Completed {
  /** To be typed behind the line. */
  readonly rest: string;
  /** What could be meant, where that is more than one. */
  readonly others: readonly string[];
}

/** @param candidates for the last word of the line, whole */
export function completed(line: string, candidates: readonly string[]): Completed {
  const word = /\S*$/.exec(line)?.[0] ?? "";
  const [first, ...more] = candidates.filter((candidate) => candidate.startsWith(word));
  if (first === undefined) return { rest: "", others: [] };
  if (more.length === 0) return { rest: `${first.slice(word.length)} `, others: [] };
  let common = first;
  for (const other of more) while (!other.startsWith(common)) common = common.slice(0, -1);
  return { rest: common.slice(word.length), others: [first, ...more].toSorted() };
}
