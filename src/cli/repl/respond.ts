/**
 * One request at a terminal, from Enter to its answer, and what is typed meanwhile.
 *
 *  RS1 Ctrl-C stops the answer and keeps what was said; again, it leaves.
 *  RS2 A line that is sent while they talk is said to them; one that comes too late is the next request.
 *
 * @module
 */
import { errorData, RbeeError } from "../../protocol/errors.ts";
import type { DiscussionAccepted } from "../../protocol/discussion-api.ts";
import { failureText } from "../failure.ts";
import { loadingLine } from "../terminal/loading-line.ts";
import { Show } from "../team/show.ts";
import { command } from "./command.ts";
import { completionsOf, meaningOf, saidOf } from "./meaning.ts";
import type { PromptLine } from "./prompt-line.ts";
import { type ModeAsked, requestIn, type Talk } from "./talk.ts";

export interface Seat {
  readonly talk: Talk;
  readonly line: PromptLine;
  readonly terminal: NodeJS.WriteStream;
}

export interface Ended {
  /** What was typed and not said to anybody. */
  readonly next?: string | undefined;
  /** The person wants to leave, with this exit code. */
  readonly leave?: number | undefined;
}

export async function respond(request: string, mode: ModeAsked | undefined, seat: Seat): Promise<Ended> {
  const { talk, line, terminal } = seat;
  const { output, interruption } = talk.run;
  const [stop, left, ended] = [new AbortController(), new AbortController(), new AbortController()];
  line.onInterrupt = () => (stop.signal.aborted ? left : stop).abort(new RbeeError("interrupted", "it was stopped"));
  const show = new Show({ output, terminal, above: (draw) => line.above(draw) });
  const loading = loadingLine(terminal);
  let listening: Promise<Ended> = Promise.resolve({});
  const accepted = (begun: DiscussionAccepted): void => {
    talk.thread = begun.session;
    talk.hearing = show.hearing;
    if (begun.mode !== "alone") listening = listen(begun.discussion, { seat, show, stop, signal: ended.signal });
  };
  try {
    const following = {
      stop: stop.signal,
      leave: AbortSignal.any([left.signal, interruption.signal]),
      accepted,
      on: async (event: Parameters<Show["on"]>[0]) => show.on(event),
    };
    await talk.session.discuss(requestIn(talk, request, mode), following, (event) => loading.show(event));
  } catch (error) {
    if (!stop.signal.aborted || interruption.signal.aborted) throw error;
  } finally {
    line.onInterrupt = () => {};
    loading.clear();
    await show.end();
    ended.abort();
    await listening;
  }
  if (left.signal.aborted) return { leave: 130 };
  if (!stop.signal.aborted) show.hearing.outcome();
  else if (!show.hearing.isAnswered) output.say("(stopped)");
  return listening;
}

interface Listening {
  readonly seat: Seat;
  readonly show: Show;
  readonly stop: AbortController;
  readonly signal: AbortSignal;
}

/** RS2. Returns when they have ended, or when nothing more will be typed. */
async function listen(discussion: string, { seat, show, stop, signal }: Listening): Promise<Ended> {
  const { talk, line } = seat;
  line.completions = (typed) => completionsOf(typed, agentsOf(show));
  for (;;) {
    const said = await line.nextBelow(signal);
    if (said.type !== "line") return signal.aborted ? {} : { leave: 0 };
    const text = said.text.trim();
    if (text === "") continue;
    if (signal.aborted) return { next: text };
    if (text === "/quit") {
      stop.abort(new RbeeError("interrupted", "it was left"));
      return { leave: 0 };
    }
    try {
      const meaning = meaningOf(text);
      const told = saidOf(meaning, agentsOf(show));
      if (told !== undefined) await talk.session.say(discussion, told);
      else if (meaning.type === "command") await command(meaning, talk, (answer) => show.tell(answer));
    } catch (error) {
      if (errorData(error).code === "discussion.over") return { next: text };
      show.tell(`${text}\n${failureText(errorData(error))}`);
    }
  }
}

const agentsOf = ({ hearing }: Show): readonly string[] =>
  hearing.standing?.opened.agents.map(({ name }) => name) ?? [];
