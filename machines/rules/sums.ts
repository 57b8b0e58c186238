/**
 * Sums that somebody wrote down in figures, and whether they are right.
 *
 * Owns: which words are a sum, what it comes to. Does not own: who is told (tools.ts).
 *
 *  SU1 A sum is figures and + - * / on one line, an equals sign, and what they are said to come to. Whatever may be
 *      meant otherwise is none: a sum with a unit, a name or a bracket in it, with commas in its figures, a part of a
 *      longer one.
 *  SU2 It is right where what is written is the nearest to the true value that has as many decimals.
 *  SU3 A text is read once, whatever stands in it; of one text at most SUMS_MAX sums are judged.
 *
 * @module
 */

export interface WrongSum {
  /** As it was written. */
  readonly sum: string;
  /** What it comes to. */
  readonly is: string;
}

const SUMS_MAX = 32;
const DECIMALS_MAX = 6;
/** Binary fractions are as near as this to what was meant, relative to their size. */
const NEARNESS = 1e-14;

const FIGURES = String.raw`\d{1,12}(?:\.\d{1,${DECIMALS_MAX}})?`;
const OPERATORS = "+*/×·÷−-";
const OPERATOR = `[${OPERATORS}]`;
/** SU1: no end of a word or of longer figures, and nothing that is still being calculated. */
const BEGINS = String.raw`(?<![\w.,])(?<!-)(?<![+*/×·÷−^=)] {0,2})(?<!\S {0,2}- {0,2})`;
const ENDS = String.raw`(?![\w%^]|[.,]\d| {0,2}[=${OPERATORS}] {0,2}[\d(])`;
const SUM = new RegExp(
  `${BEGINS}(${FIGURES}(?: {0,2}${OPERATOR} {0,2}${FIGURES}){1,8}) {0,2}= {0,2}(-?${FIGURES})${ENDS}`,
  "g",
);
const PARTS = new RegExp(`${FIGURES}|${OPERATOR}`, "g");

/** Those of a text that are wrong, in their order, each once. */
export function wrongSums(text: string): readonly WrongSum[] {
  const wrong = new Map<string, WrongSum>();
  let judged = 0;
  for (const [sum, terms = "", said = ""] of text.matchAll(SUM)) {
    judged += 1;
    if (judged > SUMS_MAX) break;
    const value = valueOf(terms);
    if (value !== undefined && !isNearest(value, said)) wrong.set(sum, { sum, is: written(value) });
  }
  return [...wrong.values()];
}

/** Products before sums. @returns nothing where it comes to nothing, or to more than is known exactly */
function valueOf(terms: string): number | undefined {
  const [first = "", ...rest] = terms.match(PARTS) ?? [];
  let sum = 0;
  let product = Number(first);
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const operator = rest[at] ?? "";
    const figure = Number(rest[at + 1]);
    if ("*×·".includes(operator)) product *= figure;
    else if ("/÷".includes(operator)) product /= figure;
    else {
      sum += product;
      product = operator === "+" ? figure : -figure;
    }
  }
  const value = sum + product;
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** SU2. */
function isNearest(value: number, said: string): boolean {
  const decimals = said.split(".")[1]?.length ?? 0;
  const half = 0.5 * 10 ** -decimals;
  return Math.abs(value - Number(said)) <= half + Math.abs(value) * NEARNESS;
}

const written = (value: number): string => String(Number(value.toFixed(DECIMALS_MAX)));
