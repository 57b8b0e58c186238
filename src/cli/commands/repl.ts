/**
 * `rbee`: a conversation at a terminal, or requests from a pipe.
 *
 *  RP1 Without a terminal stdout holds answers alone, and nothing is asked back.
 *  RP2 Leaving ends the node that was started for it, and says so.
 *  RP3 Who has chosen nothing yet is asked once, before the conversation, which model shall answer.
 *
 * @module
 */
import { loadConfig, type LoadedConfig } from "../../runtime/config/load.ts";
import { refuse } from "../options.ts";
import { modelName } from "../model-name.ts";
import type { Run, RunCommand } from "../run.ts";
import { converse } from "../repl/conversation.ts";
import { openHistory } from "../repl/history.ts";
import { answerLines, answerWhole } from "../repl/piped.ts";
import { openPromptLine } from "../repl/prompt-line.ts";
import type { Talk } from "../repl/talk.ts";
import { Session } from "../session/session.ts";

export const repl: RunCommand = async (run) => {
  const { options, env, cwd, output, interruption } = run;
  const terminal = terminalOutput();
  if (terminal !== undefined && options.on("--lines")) refuse("--lines is for requests from a pipe");
  const model = options.text("--model");
  const loaded =
    terminal === undefined || model !== undefined ? loadConfig({ flags: {}, env, cwd }) : await welcome(run);
  const session = new Session(run, loaded, { stays: terminal !== undefined });
  const talk: Talk = { run, session, model: model === undefined ? undefined : modelName(model, cwd), mode: undefined };
  try {
    if (terminal !== undefined) return await atTerminal(talk, terminal, loaded);
    return await (options.on("--lines") ? answerLines(talk) : answerWhole(talk));
  } catch (error) {
    if (output.readerGone.aborted && !interruption.signal.aborted) return 0;
    throw error;
  } finally {
    await session.close();
  }
};

/** RP3 */
async function welcome(run: Run): Promise<LoadedConfig> {
  const sources = { flags: {}, env: run.env, cwd: run.cwd };
  const loaded = loadConfig(sources);
  const { isFirstRun } = await import("../wizard/first-run.ts");
  if (!(await isFirstRun(loaded, run.env))) return loaded;
  const { runWizard } = await import("../wizard/wizard.ts");
  await runWizard(run, loaded);
  return loadConfig(sources);
}

/** Where a person sees what is typed: `rbee > answers.txt` still asks on the screen. */
function terminalOutput(): NodeJS.WriteStream | undefined {
  if (!process.stdin.isTTY) return undefined;
  return [process.stdout, process.stderr].find((stream) => stream.isTTY);
}

async function atTerminal(talk: Talk, terminal: NodeJS.WriteStream, { paths, config }: LoadedConfig): Promise<number> {
  const { kind } = await talk.session.attached();
  const line = openPromptLine(terminal, openHistory(paths.state));
  try {
    return await converse({ talk, line, terminal }, config.model.default);
  } finally {
    line.close();
    if (kind === "embedded") talk.run.output.say("The node of this session ends with it.");
  }
}
