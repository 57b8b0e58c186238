/**
 * Requests from a pipe: the whole input is one, or with `--lines` each line. Only answers reach stdout.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { ERRORS, errorData } from "../../protocol/errors.ts";
import { failureText } from "../failure.ts";
import { type Ending, endingOf } from "../session/follow.ts";
import { loadingLine } from "../terminal/loading-line.ts";
import { readAll } from "../terminal/piped-input.ts";
import { Show } from "../team/show.ts";
import { requestIn, type Talk } from "./talk.ts";

export async function answerWhole(talk: Talk): Promise<number> {
  const { run } = talk;
  const request = (await readAll(run.interruption.signal)).trim();
  if (request === "") run.output.say("rbee: nothing was asked: the input is empty");
  else await answerOne(request, talk, endingOf(run));
  return 0;
}

/** A request that fails is told and the next one taken; the first failure gives the exit code. */
export async function answerLines(talk: Talk): Promise<number> {
  const { run } = talk;
  const ending = endingOf(run);
  let exitCode = 0;
  for await (const line of createInterface({ input: process.stdin, signal: run.interruption.signal })) {
    if (line.trim() === "") continue;
    try {
      await answerOne(line.trim(), talk, ending);
    } catch (error) {
      if (run.output.readerGone.aborted) break;
      run.interruption.signal.throwIfAborted();
      const data = errorData(error);
      run.output.say(failureText(data));
      exitCode ||= ERRORS[data.code].exitCode;
    }
  }
  run.interruption.signal.throwIfAborted();
  return exitCode;
}

/** Each stands alone: who asks through a pipe says all that there is to know. */
async function answerOne(request: string, talk: Talk, ending: Ending): Promise<void> {
  const show = new Show({ output: talk.run.output, terminal: undefined });
  const loading = loadingLine();
  try {
    await talk.session.discuss(
      requestIn(talk, request, talk.mode),
      { ...ending, accepted: () => {}, on: (event) => show.on(event) },
      (event) => loading.show(event),
    );
  } finally {
    loading.clear();
    await show.end();
  }
  ending.stop.throwIfAborted();
  show.hearing.outcome();
}
