/**
 * How a run is told: a line for each mutant with its rule, the test that killed it and how fast; then the counts.
 *
 * @module
 */
import { basename } from "node:path";
import { styleText } from "node:util";
import type { Mutant } from "./mutant.ts";
import type { Trial } from "./trial.ts";

export interface Row {
  readonly mutant: Mutant;
  readonly trial: Trial;
}

const NAME = 38;
const RULE = 8;
const SECONDS = 7;

const cells = (name: string, rule: string, seconds: string, killer: string): string =>
  `${name.padEnd(NAME)}${rule.padEnd(RULE)}${seconds.padStart(SECONDS)}  ${killer}`;

export const heading = cells("mutant", "rule", "seconds", "killed by");

export function line({ mutant, trial }: Row): string {
  const { name, rule, breaks } = mutant;
  const row = (text: string): string => cells(name, rule, trial.seconds.toFixed(1), text);
  switch (trial.outcome) {
    case "killed":
      return row(`${basename(trial.file, ".test.ts")}: ${trial.by}`);
    case "survived":
      return styleText("red", row(`SURVIVED: ${breaks} (${mutant.file})`));
    case "broken":
      return styleText("red", row(`PROVES NOTHING: ${trial.why}`));
  }
}

/** What proves nothing was not killed. */
export function summary(rows: readonly Row[]): string {
  const killed = rows.filter(({ trial }) => trial.outcome === "killed").length;
  return `${killed} killed, ${rows.length - killed} survived`;
}

/** One line of JSON: what killed it, or why it lives. */
export function asJson({ mutant: { name, rule, file }, trial }: Row): string {
  const killed = trial.outcome === "killed";
  const told = { mutant: name, killed, by: killed ? trial.by : null, ms: Math.round(trial.seconds * 1000), rule, file };
  return JSON.stringify(trial.outcome === "broken" ? { ...told, why: trial.why } : told);
}
