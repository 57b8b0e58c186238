/**
 * Chat completions: what is asked as a job, and the shape of what is answered.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 * @module
 */
import type { Asked } from "../run.ts";
import { samplingOf } from "../sampling.ts";
import { type ChatRequest, stopsOf } from "./schema.ts";
import type { TextShape } from "./text.ts";

type Content = ChatRequest["messages"][number]["content"];

const textOf = (content: Content): string =>
  typeof content === "string" ? content : content.map((part) => part.text).join("");

export function chatJob(request: ChatRequest): Asked {
  const { model, messages, response_format: format, temperature, seed } = request;
  return {
    capability: "text",
    model,
    messages: messages.map(({ role, content }) => ({
      role: role === "developer" ? "system" : role,
      content: textOf(content),
    })),
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    temperature: temperature ?? undefined,
    seed: seed ?? undefined,
    sampling: samplingOf(request),
    stops: stopsOf(request),
    jsonSchema: format?.type === "json_schema" ? format.json_schema.schema : undefined,
  };
}

export const CHAT: TextShape = {
  idPrefix: "chatcmpl-",
  object: { whole: "chat.completion", chunk: "chat.completion.chunk" },
  whole: (text, finish) => ({
    index: 0,
    message: { role: "assistant", content: text, refusal: null },
    logprobs: null,
    finish_reason: finish,
  }),
  opening: () => choice({ role: "assistant", content: "", refusal: null }),
  chunk: (text) => choice({ content: text }),
  last: (finish) => ({ ...choice({}), finish_reason: finish }),
};

const choice = (delta: object): object => ({ index: 0, delta, logprobs: null, finish_reason: null });
