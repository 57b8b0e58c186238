/**
 * `rbee infer`: one prompt, one model, the answer to stdout as it comes.
 *
 *  IN1 stdout holds the answer and nothing else, ended by a newline; with `--json` one event a line, the last
 *      `done` or `error`.
 *  IN2 Interrupted, terminated or no longer read, it cancels the job; what was said stays said.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { TaskBody, TaskEvent } from "../../protocol/api.ts";
import { ERRORS, errorData, RbeeError } from "../../protocol/errors.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { toldOf } from "../failure.ts";
import { loadingLine } from "../terminal/loading-line.ts";
import { modelName } from "../model-name.ts";
import { refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { Session } from "../session/session.ts";
import { speaker } from "../terminal/speaker.ts";

export const infer: RunCommand = (run) => (run.options.on("--json") ? inferJson(run) : inferText(run));

async function inferText(run: Run): Promise<number> {
  const speaking = speaker(run.output);
  const loading = loadingLine();
  try {
    return await follow(run, async (event) => {
      loading.show(event);
      if (event.type === "token") await speaking.say(event.token);
    });
  } finally {
    loading.clear();
    await speaking.end();
  }
}

async function inferJson(run: Run): Promise<number> {
  const line = (event: object): Promise<void> => run.output.data(`${JSON.stringify(event)}\n`);
  let text = "";
  try {
    return await follow(run, async (event) => {
      if (event.type === "token") text += event.token;
      if (event.type === "done") await line({ ...event, text });
      // The error is told once, below, with its advice, however it came about.
      else if (event.type !== "error") await line(event);
    });
  } catch (thrown) {
    const error = errorData(thrown);
    await line({ type: "error", ...toldOf(error) });
    return ERRORS[error.code].exitCode;
  }
}

async function follow(run: Run, on: (event: TaskEvent) => Promise<void>): Promise<number> {
  const { env, cwd, interruption, output } = run;
  const task = await taskFrom(run);
  const loaded = loadConfig({ flags: {}, env, cwd });
  const session = new Session(run, loaded, { cold: true });
  try {
    await session.ask(task, AbortSignal.any([interruption.signal, output.readerGone]), on);
    return 0;
  } catch (error) {
    // `rbee infer | head -1` has what it wanted.
    if (output.readerGone.aborted && !interruption.signal.aborted) return 0;
    throw error;
  } finally {
    await session.close();
  }
}

async function taskFrom({ options, cwd }: Run): Promise<TaskBody> {
  const model = options.text("--model");
  const node = options.text("--node");
  const maxTokens = options.number("--max-tokens");
  const temperature = options.number("--temperature");
  const seed = options.number("--seed");
  const deadlineMs = options.durationMs("--deadline");
  const schemaFile = options.text("--schema");
  return {
    prompt: options.required("--prompt"),
    ...(model === undefined ? {} : { model: modelName(model, cwd) }),
    ...(node === undefined ? {} : { node }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
    ...(schemaFile === undefined ? {} : { json_schema: await readSchema(path.resolve(cwd, schemaFile)) }),
  };
}

async function readSchema(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((error: Error) => refuse(`--schema: ${error.message}`));
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === "object" && schema !== null && !Array.isArray(schema)) return { ...schema };
  } catch (error) {
    throw new RbeeError(
      "usage.invalid",
      `--schema: ${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return refuse(`--schema: ${file} holds no JSON object`);
}
