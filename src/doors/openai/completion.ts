/**
 * Completions of one prompt, the older shape of text.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 * @module
 */
import type { Asked } from "../run.ts";
import { type CompletionRequest, chosenBy, stopsOf } from "./schema.ts";
import type { TextShape } from "./text.ts";

/** What that API does when nobody says how much. */
const TOKENS_DEFAULT = 16;

export function completionJob(request: CompletionRequest): Asked {
  const { model, prompt, max_tokens: maxTokens, temperature, seed } = request;
  return {
    capability: "text",
    model,
    prompt: typeof prompt === "string" ? prompt : prompt[0],
    maxTokens: maxTokens ?? TOKENS_DEFAULT,
    temperature: temperature ?? undefined,
    seed: seed ?? undefined,
    sampling: chosenBy(request),
    stops: stopsOf(request),
  };
}

export const COMPLETION: TextShape = {
  idPrefix: "cmpl-",
  object: { whole: "text_completion", chunk: "text_completion" },
  noUsage: {},
  choice(index) {
    const made = (text: string, finish: string | null): object => {
      return { text, index, logprobs: null, finish_reason: finish };
    };
    return {
      whole: ({ text }, finish) => made(text, finish),
      opening: () => undefined,
      piece: (piece) => (piece.type === "text" ? made(piece.text, null) : undefined),
      last: (finish) => made("", finish),
    };
  },
};
