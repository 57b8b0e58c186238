/**
 * The nearest right word to a wrong one.
 *
 * Owns: the distance between words. Does not own: what is said about it.
 *
 * @module
 */

/** The candidate with the fewest single-letter edits from `word`, the first of equals; undefined without any. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = distance(word, candidate);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Letters beyond this tell nothing about what was meant, and bound the work. */
const LETTERS_MAX = 64;

/** Levenshtein: how many letters must be put in, taken out or replaced. */
function distance(from: string, to: string): number {
  const a = from.slice(0, LETTERS_MAX);
  const b = to.slice(0, LETTERS_MAX);
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const here = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      here.push(Math.min(replaced, (above[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1));
    }
    above = here;
  }
  return above[b.length] ?? 0;
}
