/**
 * `rbee eval`: the same questions alone, by vote and in discussion, and what each way is worth.
 *
 *  EC1 The first Ctrl-C tells what there is by then, over the questions that every way has answered; exit 130.
 *
 * @module
 */
import type { Mode } from "../../../machines/rules/log.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { modes as MODES } from "../../protocol/discussion-api.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { drawnLine } from "../terminal/drawn-line.ts";
import { askAll } from "../eval/ask-all.ts";
import { type Question, QUESTIONS_MAX, questionsIn, sums } from "../eval/questions.ts";
import { reportText, verdictText } from "../eval/report-text.ts";
import { figuresOf } from "../eval/verdict.ts";
import { tellFacts } from "../facts.ts";
import { modelName } from "../model-name.ts";
import { type Options, refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { Session } from "../session/session.ts";

const COUNT = 20;

export const evaluate: RunCommand = async (run) => {
  const { options, interruption, env, cwd } = run;
  const modes = modesOf(options.text("--modes"));
  const questions = await questionsOf(run);
  const model = options.text("--model");
  const session = new Session(run, loadConfig({ flags: {}, env, cwd }));
  const line = drawnLine(process.stderr);
  const { signal } = interruption;
  try {
    const rows = await askAll(questions, modes, {
      session,
      model: model === undefined ? undefined : modelName(model, cwd),
      stop: signal,
      on(asked) {
        if (process.stderr.isTTY) line.draw(`question ${asked} of ${questions.length}`);
      },
    });
    line.clear();
    const figures = figuresOf(modes, rows);
    const answers = rows.map((row, index) => ({ ...questions[index], answered: row }));
    await tellFacts(run, { ...figures, verdict: verdictText(figures), answers }, reportText(figures));
    return signal.aborted ? ERRORS.interrupted.exitCode : 0;
  } finally {
    line.clear();
    await session.close();
  }
};

async function questionsOf({ args: [file], options }: Run): Promise<readonly Question[]> {
  const count = whole(options, "--n") ?? COUNT;
  if (count < 1 || count > QUESTIONS_MAX) refuse(`--n takes a number from 1 to ${QUESTIONS_MAX}`);
  const seed = whole(options, "--seed") ?? 1;
  return file === undefined ? sums(count, seed) : questionsIn(file, count);
}

function whole(options: Options, flag: string): number | undefined {
  const value = options.number(flag);
  return value === undefined || Number.isSafeInteger(value) ? value : refuse(`${flag} takes a whole number`);
}

function modesOf(written: string | undefined): readonly Mode[] {
  if (written === undefined) return MODES;
  const names = written.split(",").map((name) => name.trim());
  const found = names.flatMap((name) => MODES.find((mode) => mode === name) ?? []);
  const isList = found.length === names.length && new Set(found).size === found.length;
  return isList ? found : refuse(`--modes takes ${MODES.join(", ")}, each once, commas between`);
}
