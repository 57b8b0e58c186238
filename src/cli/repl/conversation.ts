/**
 * A conversation at a terminal.
 *
 * Owns: what a line means, what Ctrl-C means when, the words around the answers. Does not own: keys (prompt-line.ts).
 *
 *  CV1 Ctrl-C stops a running answer and keeps what was said; at an empty prompt it leaves on the second press.
 *  CV2 A failed request is told and the conversation goes on.
 *  CV3 Every line of ours fits 80 columns and says the same without colour.
 *
 * @module
 */
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import type { Attached } from "../attach.ts";
import { failureText } from "../failure.ts";
import { loadingLine } from "../loading-line.ts";
import { modelName } from "../model-name.ts";
import type { Run } from "../run.ts";
import { speaker } from "../speaker.ts";
import { statusText } from "../status-text.ts";
import { wrapped } from "../wrap.ts";
import type { PromptLine } from "./prompt-line.ts";
import { ask, type Talk } from "./talk.ts";

const HELP = `  /model NAME  the model that answers from now on, as file:/path/m.gguf
  /model       which model answers now
  /why         why the last answer came as it did
  /status      the queen, the hives and their workers
  /help        this page
  /quit        leave (also Ctrl-D)
  Ctrl-C stops an answer that is running. Each message stands alone.
  A text of several lines can be pasted; Enter sends it.`;

const COMMANDS = ["/model", "/why", "/status", "/help", "/quit"];

/**
 * @param defaultModel the one that this machine's configuration names
 * @returns the exit code: 0, or 130 when it was left with Ctrl-C
 */
export async function converse(talk: Talk, line: PromptLine, defaultModel: string | undefined): Promise<number> {
  const { output, interruption } = talk.run;
  const attached = await talk.session.attached();
  const ours = attached.kind === "named" || attached.kind === "cluster" ? undefined : (defaultModel ?? "starter");
  output.say(greeting(attached, talk.model ?? ours));
  let leaving = false;
  for (;;) {
    const said = await line.next(interruption.signal);
    interruption.signal.throwIfAborted();
    if (said.type === "end") return 0;
    if (said.type === "interrupt") {
      if (leaving) return 130;
      output.say("Ctrl-C again leaves, and so does Ctrl-D.");
      leaving = true;
      continue;
    }
    leaving = false;
    const text = said.text.trim();
    if (text === "/quit") return 0;
    if (text !== "") await orTell(talk.run, () => (isCommand(text) ? command(text, talk) : respond(text, talk, line)));
  }
}

const WHERE = {
  embedded: "a node of its own runs here while you stay.",
  holder: "you use the node that runs on this machine already.",
  cluster: "you use the queen of the cluster that this machine has joined.",
  named: "you use the queen that RBEE_QUEEN names.",
} as const;

/** @param model undefined where a queen that somebody else configured decides */
function greeting({ kind }: Attached, model: string | undefined): string {
  return `rbee: ${WHERE[kind]}\n${whoAnswers(model)}\n/help lists what you can type, Ctrl-D leaves.`;
}

function whoAnswers(model: string | undefined): string {
  if (model === undefined) return "Her default model answers.";
  if (model !== "starter") return `${model} answers.`;
  return "starter answers: a very small model that ships with rbee. A better one:\n  /model file:/path/to/model.gguf";
}

/** `/etc/hosts?` is a question, not a command. */
const isCommand = (text: string): boolean => /^\/[a-z]+(\s|$)/.test(text);

async function command(text: string, talk: Talk): Promise<void> {
  const { output, cwd } = talk.run;
  const [name = "", argument] = text.split(/\s+(.*)/s);
  if (name === "/help") output.say(HELP);
  else if (name === "/why") output.say(talk.job === undefined ? NOTHING_YET : await wordsOf(talk.job, talk));
  else if (name === "/status") output.say(statusText(await talk.session.status()).trimEnd());
  else if (name === "/model") {
    if (argument) talk.model = modelName(argument, cwd);
    output.say(`${talk.model ?? "the default model"} answers`);
  } else output.say(`there is no ${name}; the nearest is ${nearest(name, COMMANDS)}`);
}

const NOTHING_YET = "nothing was asked yet";
const wordsOf = async (job: string, { session }: Talk): Promise<string> => wrapped((await session.why(job)).words);

async function respond(prompt: string, talk: Talk, line: PromptLine): Promise<void> {
  const { output, interruption } = talk.run;
  const stopped = new AbortController();
  line.onInterrupt = () => stopped.abort(new RbeeError("interrupted", "the answer was stopped"));
  const speaking = speaker(output);
  const loading = loadingLine();
  try {
    await ask(talk, prompt, AbortSignal.any([stopped.signal, interruption.signal]), async (event) => {
      loading.show(event);
      if (event.type === "token") await speaking.say(event.token);
    });
  } catch (error) {
    if (!stopped.signal.aborted || interruption.signal.aborted) throw error;
  } finally {
    line.onInterrupt = () => {};
    loading.clear();
    await speaking.end();
  }
  if (stopped.signal.aborted) output.say("(stopped)");
}

async function orTell(run: Run, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    run.interruption.signal.throwIfAborted();
    run.output.say(failureText(errorData(error)));
  }
}
