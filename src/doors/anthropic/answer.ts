/**
 * A job as a message of the Anthropic dialect: whole, or as the events of a stream.
 *
 *  AM1 A stream ends with `message_stop` behind a `message_delta` that says why, or with an error: a break is never an
 *      end.
 *  AM2 What a stream says, put together, is what the whole answer says.
 *  AM3 An answer says why it ended: at a stop sequence and which, at the tokens that were asked for, where the context
 *      was full before that, at a call, or by itself.
 *  AM4 The head of a stream tells the tokens of the prompt where the engine has told them by then, and 0 where it has
 *      not; the delta at the end tells them in any case.
 *
 * @see https://docs.anthropic.com/en/api/messages-streaming
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer, EventSink, ServerEvent } from "../../protocol/route.ts";
import type { Ended, Heard, Running } from "../run.ts";
import { type Block, Content, named } from "./content.ts";
import type { MessagesRequest } from "./schema.ts";

type Counted = Pick<Ended["usage"], "promptTokens" | "completionTokens">;
type Said = Pick<MessagesRequest, "model" | "max_tokens" | "stream">;

export async function answerMessage(request: Said, running: Running): Promise<Answer> {
  const id = `msg_${running.job}`;
  if (request.stream === true) return { events: (sink) => relay(id, request, running, sink) };
  const content = new Content();
  for await (const part of running.heard) {
    if (part.type === "ended") {
      content.end();
      const { ended } = part;
      const json = messageOf(id, request.model, content.blocks, stopOf(ended, request), usageOf(ended.usage));
      return { status: 200, json };
    }
    if (part.type !== "prompt") content.hear(part);
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

/** @returns how many tokens the prompt takes */
export async function answerCount({ heard }: Running): Promise<Answer> {
  for await (const part of heard) {
    if (part.type === "ended") return { status: 200, json: { input_tokens: part.ended.usage.promptTokens } };
  }
  throw new RbeeError("stream.lost", "The count has no end.");
}

async function relay(id: string, request: Said, { heard }: Running, sink: EventSink): Promise<void> {
  const content = new Content();
  const send = async (events: readonly ServerEvent[]): Promise<void> => {
    for (const event of events) await sink.send(event);
  };
  let begun = false;
  for await (const part of heard) {
    if (!begun) await send([named("message_start", { message: opening(id, request.model, part) })]);
    begun = true;
    if (part.type === "ended") {
      const delta = { ...stopOf(part.ended, request), container: null };
      const ending = named("message_delta", { delta, usage: countsOf(part.ended.usage) });
      await send([...content.end(), ending, named("message_stop")]);
    } else if (part.type !== "prompt") {
      await send(content.hear(part));
    }
  }
}

/** AM4. */
function opening(id: string, model: string, first: Heard): object {
  const known = first.type === "ended" ? first.ended.usage.promptTokens : undefined;
  const promptTokens = first.type === "prompt" ? first.tokens : (known ?? 0);
  return messageOf(id, model, [], NO_STOP, usageOf({ promptTokens, completionTokens: 0 }));
}

interface Stop {
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly stop_details: null;
}

const NO_STOP: Stop = { stop_reason: null, stop_sequence: null, stop_details: null };

/** AM3. */
function stopOf({ finish, stop, usage }: Ended, { max_tokens: tokensMax }: Said): Stop {
  if (stop !== undefined) return { ...NO_STOP, stop_reason: "stop_sequence", stop_sequence: stop };
  if (finish !== "length") return { ...NO_STOP, stop_reason: finish === "tool_calls" ? "tool_use" : "end_turn" };
  const isShort = usage.completionTokens < tokensMax;
  return { ...NO_STOP, stop_reason: isShort ? "model_context_window_exceeded" : "max_tokens" };
}

const messageOf = (id: string, model: string, content: readonly Block[], stop: Stop, usage: object): object => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content,
  ...stop,
  container: null,
  diagnostics: null,
  usage,
});

/** Nobody counts what of the prompt was known already, so nothing is said of it. */
const countsOf = ({ promptTokens, completionTokens }: Counted): object => ({
  input_tokens: promptTokens,
  output_tokens: completionTokens,
  output_tokens_details: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  server_tool_use: null,
});

const usageOf = (counted: Counted): object => ({
  ...countsOf(counted),
  cache_creation: null,
  inference_geo: null,
  service_tier: null,
  speed: null,
});
