/**
 * `rbee ask`: one request to the team; its answer to stdout, and at a terminal all that is said on the way to it.
 *
 *  AK1 Without a terminal stdout holds the answer alone, ended by a newline; with `--json` one event a line, the last
 *      `done` or `error`.
 *  AK2 The first Ctrl-C ends it with what there is, the second at once; both are exit 130.
 *
 * @module
 */
import type { DiscussionAccepted, DiscussionEvent, DiscussionRequest } from "../../protocol/discussion-api.ts";
import { ERRORS, errorData } from "../../protocol/errors.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { toldOf } from "../failure.ts";
import { endingOf } from "../session/follow.ts";
import { loadingLine } from "../terminal/loading-line.ts";
import { refuse } from "../options.ts";
import { readAll } from "../terminal/piped-input.ts";
import type { Run, RunCommand } from "../run.ts";
import { Session } from "../session/session.ts";
import { doneLine } from "../team/done-line.ts";
import { Hearing } from "../team/hearing.ts";
import { Show, watched } from "../team/show.ts";

export const ask: RunCommand = async (run) => (run.options.on("--json") ? askJson(run) : askText(run));

async function askText(run: Run): Promise<number> {
  const show = new Show({ output: run.output, terminal: watched() });
  try {
    await answered(run, { on: (event) => show.on(event), accepted: () => {} });
  } finally {
    await show.end();
  }
  if (!run.output.readerGone.aborted) show.hearing.outcome();
  return 0;
}

async function askJson(run: Run): Promise<number> {
  const line = (event: object): Promise<void> => run.output.data(`${JSON.stringify(event)}\n`);
  const hearing = new Hearing();
  const beganAt = performance.now();
  let session = "";
  try {
    await answered(run, {
      accepted: (accepted) => {
        session = accepted.session;
      },
      async on(event) {
        hearing.hear(event);
        await line(event);
      },
    });
    if (!run.output.readerGone.aborted) await line(doneLine(hearing, session, beganAt));
    return 0;
  } catch (thrown) {
    const error = errorData(thrown);
    await line({ type: "error", ...(session !== "" && { session }), ...toldOf(error) });
    return ERRORS[error.code].exitCode;
  }
}

interface Told {
  accepted(accepted: DiscussionAccepted): void;
  on(event: DiscussionEvent): Promise<void>;
}

async function answered(run: Run, told: Told): Promise<void> {
  const { env, cwd, interruption, output } = run;
  const request = await requestFrom(run);
  const session = new Session(run, loadConfig({ flags: {}, env, cwd }));
  const loading = loadingLine();
  const { signal } = interruption;
  try {
    await session.discuss(request, { ...told, ...endingOf(run) }, (event) => loading.show(event));
    signal.throwIfAborted();
  } catch (error) {
    // `rbee ask ... | head -1` has what it wanted.
    if (!output.readerGone.aborted || signal.aborted) throw error;
  } finally {
    loading.clear();
    await session.close();
  }
}

async function requestFrom({ args, options, interruption }: Run): Promise<DiscussionRequest> {
  const [text] = args;
  const mode = options.text("--mode") === undefined ? undefined : options.oneOf("--mode", MODES);
  const session = options.text("--session");
  const deadlineMs = options.durationMs("--deadline");
  if (text === undefined && process.stdin.isTTY) refuse("what is asked? rbee ask TEXT, or through a pipe");
  const request = (text ?? (await readAll(interruption.signal))).trim();
  if (request === "") refuse("nothing was asked: the text is empty");
  return {
    request,
    ...(mode === undefined ? {} : { mode }),
    ...(session === undefined ? {} : { session }),
    ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
    ...(options.on("--private") ? { privacy: "private" as const } : {}),
  };
}

const MODES = ["auto", "alone", "vote", "discuss"] as const;
