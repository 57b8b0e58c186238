/**
 * An evaluation for a person: a table, and a sentence that claims no more than the figures do.
 *
 *  ER1 No difference is told as one that chance would make as well; how many questions would show one is said instead.
 *
 * @module
 */
import { table } from "../terminal/table.ts";
import { wrapped } from "../terminal/wrap.ts";
import { questionsFor } from "./statistics.ts";
import type { Difference, Figures, ModeFigures } from "./verdict.ts";

/** Ten points: less is hardly worth several times the tokens. */
const WORTHWHILE = 0.1;
/** So many are taken to differ where too few were asked to know. */
const DIFFERING_MIN = 0.1;

export function reportText(figures: Figures): string {
  if (figures.questions === 0) return "No question was answered in every way: nothing can be said.\n";
  const heading = ["", "right", "accuracy", "95 %", "failed", "lost", "flips", "tokens each", "s each"];
  const rows = figures.modes.map((its) => rowOf(its, figures.questions));
  return `${table([heading, ...rows])}${wrapped([...figures.differences.map(pairText), verdictText(figures)])}\n`;
}

const points = (share: number): string => (100 * share).toFixed(0);

function rowOf({ mode, right, failed, accuracy, interval, lost, flips, ...its }: ModeFigures, of: number): string[] {
  const between = `${points(interval.low)}-${points(interval.high)}`;
  const cost = [Math.round(its.tokensEach).toString(), its.secondsEach.toFixed(1)];
  return [mode, `${right}/${of}`, `${points(accuracy)} %`, between, `${failed}`, `${lost}`, `${flips}`, ...cost];
}

const pairText = ({ mode, to, gained, lost, p }: Difference): string =>
  `${mode} beside ${to}: ${gained} right that it had wrong, ${lost} wrong that it had right; p = ${pText(p)}`;

const pText = (p: number): string => (p < 0.001 ? "below 0.001" : p.toFixed(3));

/** ER1. */
export function verdictText({ questions, differences }: Figures): string {
  const claimed = differences.filter(({ isClaimed }) => isClaimed);
  if (claimed.length > 0) return claimed.map((its) => claimText(its, questions)).join(" ");
  if (differences.length === 0) return `One way was asked: ${questions} questions, and nothing to compare it with.`;
  const differing = Math.max(DIFFERING_MIN, ...differences.map(({ gained, lost }) => (gained + lost) / questions));
  const needed = questionsFor(WORTHWHILE, differing);
  const more = needed > questions ? `; about ${needed} would show one of ten points` : "";
  return `No difference can be claimed from ${questions} questions${more}.`;
}

function claimText({ mode, to, gained, lost }: Difference, questions: number): string {
  const how = gained > lost ? "better" : "worse";
  const by = `${Math.abs(gained - lost)} of ${questions} questions`;
  return `${mode} is ${how} than ${to} here: ${by}, more than chance makes.`;
}
