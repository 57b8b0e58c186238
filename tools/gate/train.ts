/**
 * Teaches the gate: `node tools/gate/train.ts` writes machines/rules/gate-weights.json anew, and `--folds` says how
 * often the gate is right about requests that it did not learn from.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { featuresOf } from "../../machines/rules/gate-features.ts";
import { type AnswerMode, verdictOf, type Weights } from "../../machines/rules/gate.ts";
import { learned, MODES } from "./learn.ts";
import { allRequests, type Labelled, likenesses, rowOf } from "./requests.ts";

export const WEIGHTS_PATH = join(import.meta.dirname, "../../machines/rules/gate-weights.json");
const FOLDS = 8;

/** A feature a line, as the formatter of the house has it. */
export function written({ before, features }: Weights): string {
  const lines = [...features].map(([name, weights]) => `    ${JSON.stringify(`${weights.join(" ")} ${name}`)}`);
  return `{\n  "before": [${before.join(", ")}],\n  "features": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

interface Judged extends Labelled {
  readonly said: AnswerMode;
}

/** Each request, judged by what was learned from those that are unlike it. */
export function judgedInFolds(requests: readonly Labelled[]): readonly Judged[] {
  const rows = requests.map(rowOf);
  const foldOf = likenesses(requests).map((first) => first % FOLDS);
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const weights = learned(rows.filter((_, index) => foldOf[index] !== fold));
    const examined = requests.filter((_, index) => foldOf[index] === fold);
    return examined.map((each) => ({ ...each, said: verdictOf(featuresOf(each.request), weights).mode }));
  });
}

function printShares(judged: readonly Judged[]): void {
  const share = (of: readonly Judged[]): string => {
    const right = of.filter(({ mode, said }) => mode === said).length;
    return `${right} of ${of.length}, ${((100 * right) / Math.max(1, of.length)).toFixed(1)} %`;
  };
  for (const language of [...new Set(judged.map((each) => each.language))].toSorted())
    console.log(language, share(judged.filter((each) => each.language === language)));
  for (const mode of MODES) {
    const of = judged.filter((each) => each.mode === mode);
    const said = MODES.map((as) => `${as} ${of.filter((each) => each.said === as).length}`).join(", ");
    console.log(`${mode}: ${share(of)} (${said})`);
  }
  console.log("all", share(judged));
}

if (import.meta.main) {
  const requests = allRequests();
  if (process.argv.includes("--folds")) printShares(judgedInFolds(requests));
  else {
    const text = written(learned(requests.map(rowOf)));
    const isNew = text !== readFileSync(WEIGHTS_PATH, "utf8");
    writeFileSync(WEIGHTS_PATH, text);
    console.log(isNew ? "learned anew" : "nothing new");
  }
}
