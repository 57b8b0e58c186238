/**
 * A conversation at a terminal.
 *
 * Owns: what is done with each line, what Ctrl-C means when, the words around the answers. Does not own: keys
 * (prompt-line.ts), what a line means (meaning.ts), one request and its answer (respond.ts).
 *
 *  CV1 Ctrl-C stops a running answer and keeps what was said; at an empty prompt it leaves on the second press.
 *  CV2 A failed request is told and the conversation goes on.
 *  CV3 Every line of ours fits 80 columns and says the same without colour.
 *  CV4 What is asked here is asked in one session: each request knows what was asked and answered before it.
 *
 * @module
 */
import { errorData } from "../../protocol/errors.ts";
import type { Attached } from "../session/attach.ts";
import { failureText } from "../failure.ts";
import type { Run } from "../run.ts";
import { command } from "./command.ts";
import { completionsOf, meaningOf, modeOf } from "./meaning.ts";
import { type Ended, respond, type Seat } from "./respond.ts";

/**
 * @param defaultModel the one that this machine's configuration names
 * @returns the exit code: 0, or 130 when it was left with Ctrl-C
 */
export async function converse(seat: Seat, defaultModel: string | undefined): Promise<number> {
  const { talk, line } = seat;
  const { output, interruption } = talk.run;
  const attached = await talk.session.attached();
  const ours = attached.kind === "named" || attached.kind === "cluster" ? undefined : (defaultModel ?? "starter");
  output.say(greeting(attached, talk.model ?? ours));
  let leaving = false;
  for (;;) {
    line.completions = (typed) => completionsOf(typed, []);
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
    let text: string | undefined = said.text.trim();
    while (text !== undefined && text !== "") {
      const { next, leave }: Ended = await orTell(talk.run, text, seat);
      if (leave !== undefined) return leave;
      text = next;
    }
  }
}

/** CV2. */
async function orTell(run: Run, text: string, seat: Seat): Promise<Ended> {
  try {
    return await act(text, seat);
  } catch (error) {
    run.interruption.signal.throwIfAborted();
    run.output.say(failureText(errorData(error)));
    return {};
  }
}

async function act(text: string, seat: Seat): Promise<Ended> {
  const { talk } = seat;
  const meaning = meaningOf(text);
  if (meaning.type === "words") return respond(text, talk.mode, seat);
  const { name, argument } = meaning;
  if (name === "/quit") return { leave: 0 };
  const mode = modeOf(name);
  if (mode !== undefined && argument !== "") return respond(argument, mode, seat);
  await command(meaning, talk, talk.run.output.say);
  return {};
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
