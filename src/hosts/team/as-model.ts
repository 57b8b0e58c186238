/**
 * The team as a model: `queenbee` at every door, so that any client that knows a model by name can ask it.
 *
 * Owns: what such a request means, and how a discussion reads as an answer. Does not own: dialects, discussions.
 *
 *  TMO1 `queenbee:MODE` says how it is answered; `queenbee` leaves it to the configuration and the gate.
 *  TMO2 Answered alone it is a job like any other, on the default model, with all that the request says; so is whatever
 *       only a model can do: a form, tools, vectors.
 *  TMO3 Who asks by a door has the answer alone. A discussion in which nobody could speak is an error, never an answer.
 *  TMO4 Whoever cancels it stops the discussion.
 *  TMO5 Who asks again under the same word has the same discussion, from its beginning.
 *  TMO6 A last word that a model puts together has no more tokens than the request allows; one that has as many may
 *       have been cut, and says so. Of a vote the answer is a line that somebody gave, and stands as it is.
 *
 * @module
 */
import type { JobRequest, ChatMessage } from "../../../machines/request.ts";
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { usageIn } from "../../../machines/rules/event-cost.ts";
import { isTeam, modeNamed } from "../../doors/run.ts";
import type { NodeSeat } from "../../doors/rbee.ts";
import type { TeamSeat } from "../../doors/team.ts";
import { errorData, ERRORS, isErrorCode } from "../../protocol/errors.ts";
import type { StreamItem } from "../../protocol/ports.ts";

/** The ids of discussions are told from those of jobs by it. */
const DISCUSSION = /^d[0-9a-f]{18}$/;

export function teamAsModel(seat: NodeSeat, team: TeamSeat): NodeSeat {
  return {
    ...seat,
    async submit(request, caller) {
      const { model } = request;
      if (!isTeam(model)) return seat.submit(request, caller);
      const plain: JobRequest = { ...request, model: undefined };
      const { asked, before } = chatOf(request);
      if (isOnlyForAModel(request) || asked === undefined) return seat.submit(plain, caller);
      const mode = modeNamed(model) ?? (await team.modeOf(asked));
      if (mode === "alone") return seat.submit(plain, caller);
      const { label, deadlineMs, maxTokens, idempotencyKey: word } = request;
      const made = {
        request: asked,
        mode,
        privacy: label,
        ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
        ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      };
      const { discussion } = await team.begin(made, { caller, before, word });
      return { job: discussion, state: "running", position: 0 };
    },
    async cancel(job, asker) {
      if (!DISCUSSION.test(job)) return seat.cancel(job, asker);
      await stopped(team, job);
    },
    read: (job, from, signal, asker) =>
      DISCUSSION.test(job) ? answerOf(team, job, signal) : seat.read(job, from, signal, asker),
  };
}

/** TMO2. */
const isOnlyForAModel = ({ capability, jsonSchema, tools }: JobRequest): boolean =>
  capability !== "text" || jsonSchema !== undefined || tools !== undefined;

interface Chat {
  readonly asked: string | undefined;
  readonly before: Logged<"opened">["before"];
}

/** The last word of the user's is the question; what the system was told comes before it. */
function chatOf({ prompt, messages }: JobRequest): Chat {
  if (messages === undefined) return { asked: prompt, before: [] };
  const last = messages.findLastIndex(({ role }) => role === "user");
  const question = messages[last];
  if (question === undefined) return { asked: undefined, before: [] };
  const told = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  return { asked: [...told, question.content].join("\n\n"), before: pairsOf(messages.slice(0, last)) };
}

const pairsOf = (messages: readonly ChatMessage[]): Chat["before"] =>
  messages.flatMap(({ role, content }, index) => {
    const answer = messages[index + 1];
    return role === "user" && answer?.role === "assistant" ? [{ request: content, answer: answer.content }] : [];
  });

/** TMO4. One that is over already needs no stop. */
async function stopped(team: TeamSeat, discussion: string): Promise<void> {
  try {
    await team.say(discussion, { type: "order", order: { order: "stop" } });
  } catch (thrown) {
    if (errorData(thrown).code !== "discussion.over") throw thrown;
  }
}

async function* answerOf(team: TeamSeat, discussion: string, signal: AbortSignal): AsyncGenerator<StreamItem> {
  const log: LogEvent[] = [];
  for await (const event of team.listen(discussion, 0, signal)) {
    if (event.type === "token") continue;
    log.push(event);
    if (event.type === "final") return yield* ended(discussion, log, event);
  }
}

/** TMO3. */
function* ended(job: string, log: readonly LogEvent[], final: Logged<"final">): Generator<StreamItem> {
  const spoken = log.filter((event) => event.type === "contributed");
  const failed = log.findLast((event) => event.type === "failed");
  if (spoken.length === 0) {
    const code = failed !== undefined && isErrorCode(failed.kind) ? failed.kind : "thinker.empty";
    const failure = { code, class: ERRORS[code].class, message: failed?.message ?? final.text };
    return yield { type: "end", end: { type: "error", failure } };
  }
  const { promptTokens, completionTokens } = usageIn(log);
  const { ms: totalMs } = final.worth;
  yield {
    type: "chunk",
    chunk: { job, attempt: 1, index: 0, kind: "text", text: final.text, tokens: completionTokens },
  };
  const usage = { promptTokens, completionTokens, firstTokenMs: totalMs, totalMs };
  const placed = { model: "queenbee", worker: "", attempts: 1, queuedMs: 0, loadMs: 0 };
  yield { type: "end", end: { type: "done", finish: finishOf(log, final), usage, ...placed } };
}

/** TMO6. */
function finishOf([opened]: readonly LogEvent[], { usage }: Logged<"final">): "stop" | "length" {
  const most = opened?.type === "opened" ? opened.config.answerTokensMax : undefined;
  return most !== undefined && (usage?.completionTokens ?? 0) >= most ? "length" : "stop";
}
