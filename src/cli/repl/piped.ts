/**
 * Requests from a pipe: the whole input is one, or with `--lines` each line. Only answers reach stdout.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { LIMITS } from "../../protocol/api.ts";
import { ERRORS, errorData, RbeeError } from "../../protocol/errors.ts";
import { failureText } from "../failure.ts";
import { loadingLine } from "../loading-line.ts";
import { speaker } from "../speaker.ts";
import { ask, type Talk } from "./talk.ts";

export async function answerWhole(talk: Talk): Promise<number> {
  const { run } = talk;
  const request = (await readAll(run.interruption.signal)).trim();
  if (request === "") run.output.say("rbee: nothing was asked: the input is empty");
  else await answerOne(request, talk);
  return 0;
}

/** A request that fails is told and the next one taken; the first failure gives the exit code. */
export async function answerLines(talk: Talk): Promise<number> {
  const { run } = talk;
  let exitCode = 0;
  for await (const line of createInterface({ input: process.stdin, signal: run.interruption.signal })) {
    if (line.trim() === "") continue;
    try {
      await answerOne(line.trim(), talk);
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

async function answerOne(request: string, talk: Talk): Promise<void> {
  const { output, interruption } = talk.run;
  const speaking = speaker(output);
  const loading = loadingLine();
  try {
    await ask(talk, request, AbortSignal.any([interruption.signal, output.readerGone]), async (event) => {
      loading.show(event);
      if (event.type === "token") await speaking.say(event.token);
    });
  } finally {
    loading.clear();
    await speaking.end();
  }
}

async function readAll(signal: AbortSignal): Promise<string> {
  const stop = (): void => void process.stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  process.stdin.setEncoding("utf8");
  let text = "";
  try {
    for await (const piece of process.stdin) {
      text += String(piece);
      if (text.length > LIMITS.promptChars) {
        throw new RbeeError("request.too.large", `the input is longer than ${LIMITS.promptChars} characters`);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return text;
}
