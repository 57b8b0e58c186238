/**
 * Chat completions: what is asked as a job, and the shape of what is answered.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 * @module
 */
import type { Piece } from "../pieces.ts";
import type { Asked } from "../run.ts";
import { toolsOf } from "../tools.ts";
import { choiceOf, functionsOf, messagesOf } from "./chat-schema.ts";
import { type ChatRequest, chosenBy, NO_BOUND, schemaOf, stopsOf } from "./schema.ts";
import type { ChoiceShape, TextShape } from "./text.ts";

export function chatJob(request: ChatRequest): Asked {
  const { model, messages, temperature, seed } = request;
  const jsonSchema = schemaOf(request.response_format);
  return {
    capability: "text",
    model,
    messages: messagesOf(messages),
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? NO_BOUND,
    temperature: temperature ?? undefined,
    seed: seed ?? undefined,
    sampling: chosenBy(request),
    stops: stopsOf(request),
    tools: toolsOf({
      functions: functionsOf(request.tools),
      choice: choiceOf(request.tool_choice),
      parallel: request.parallel_tool_calls ?? undefined,
    }),
    jsonSchema,
  };
}

export const CHAT: TextShape = {
  idPrefix: "chatcmpl-",
  object: { whole: "chat.completion", chunk: "chat.completion.chunk" },
  noUsage: { usage: null },
  choice: (index) => new ChatChoice(index),
};

class ChatChoice implements ChoiceShape {
  readonly #index: number;
  #calls = 0;

  constructor(index: number) {
    this.#index = index;
  }

  readonly whole: ChoiceShape["whole"] = ({ text, calls }, finish) => {
    const called = calls.map(({ id, name, arguments: args }) => ({
      id,
      type: "function",
      function: { name, arguments: args },
    }));
    const content = calls.length > 0 && text === "" ? null : text;
    const message = { role: "assistant", content, refusal: null, ...(calls.length > 0 && { tool_calls: called }) };
    return { index: this.#index, message, logprobs: null, finish_reason: finish };
  };

  opening(): object {
    return this.#delta({ role: "assistant", content: "", refusal: null });
  }

  piece(piece: Piece): object | undefined {
    switch (piece.type) {
      case "text":
        return this.#delta({ content: piece.text });
      case "call": {
        const { id, name } = piece;
        this.#calls += 1;
        return this.#call({ id, type: "function", function: { name, arguments: "" } });
      }
      case "arguments":
        return this.#call({ function: { arguments: piece.json } });
      case "vector":
        return undefined;
    }
  }

  readonly last: ChoiceShape["last"] = (finish) => this.#delta({}, finish);

  #call(call: object): object {
    return this.#delta({ tool_calls: [{ index: this.#calls - 1, ...call }] });
  }

  #delta(delta: object, finish: string | null = null): object {
    return { index: this.#index, delta, logprobs: null, finish_reason: finish };
  }
}
