/**
 * What clients of the OpenAI dialect send, as schemas.
 *
 *  OS1 What the engine cannot do is refused by its name, never passed over; what would change nothing is taken.
 *  OS2 An answer is as long as it is: nobody who did not ask for a bound is cut at one.
 *
 * @see https://platform.openai.com/docs/api-reference
 * @module
 */
import { z } from "zod";
import type { Sampling } from "../../../machines/request.ts";
import { LIMITS } from "../../protocol/api.ts";
import { samplingShape } from "../../protocol/dialogue-api.ts";
import { hint, nothing, only } from "../only.ts";
import { type SamplingFields, samplingOf } from "../sampling.ts";
import { messages, toolChoice, tools } from "./chat-schema.ts";

const STOPS_MAX = 4;
/** Each of them is a job. */
const CHOICES_MAX = 8;

const text = z.string().max(LIMITS.promptChars);
const stop = z.string().min(1).max(LIMITS.stopChars);

/** Of every shape that makes text. */
const sampling = {
  model: z.string().min(1).max(4096),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  seed: z.int().min(0).max(4_294_967_295).nullish(),
  stop: z.union([stop, z.array(stop).max(STOPS_MAX)]).nullish(),
  n: z.int().min(1).max(CHOICES_MAX).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  // Not of that API, but known by every server of open models; 0 and -1 are all of them.
  top_k: z.int().min(-1).max(100_000).nullish(),
  min_p: samplingShape.min_p.nullish(),
  repetition_penalty: samplingShape.repeat_penalty.nullish(),
  logit_bias: z.record(z.string(), z.never({ error: "a bias is not possible here" })).nullish(),
  /** Said of the request, not to the model. */
  user: z.string().nullish(),
};

/** As many texts as were given, one or several. */
export const stopsOf = ({ stop: asked }: { readonly stop?: string | string[] | null | undefined }): string[] =>
  typeof asked === "string" ? [asked] : (asked ?? []);

interface Chosen extends Omit<SamplingFields, "repeat_penalty"> {
  readonly repetition_penalty?: number | null | undefined;
}

export const chosenBy = ({ top_k: topK, repetition_penalty, ...said }: Chosen): Sampling | undefined =>
  samplingOf({ ...said, top_k: (topK ?? 0) > 0 ? topK : undefined, repeat_penalty: repetition_penalty });

const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({
      name: z.string(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** Who says nothing of it has an answer end by itself, or where the context is full. */
export const NO_BOUND = LIMITS.outputTokens;

export const ANY_OBJECT = { type: "object", additionalProperties: true };

/** What the whole text is held to. */
export function schemaOf(format: z.infer<typeof responseFormat> | null | undefined): unknown {
  if (format?.type === "json_object") return ANY_OBJECT;
  return format?.type === "json_schema" ? format.json_schema.schema : undefined;
}

export const chatRequest = z.strictObject({
  ...sampling,
  messages,
  max_tokens: z.int().min(1).max(LIMITS.outputTokens).nullish(),
  max_completion_tokens: z.int().min(1).max(LIMITS.outputTokens).nullish(),
  response_format: responseFormat.nullish(),
  logprobs: only(false),
  top_logprobs: only(0),
  modalities: z.array(z.literal("text", { error: "only text is possible here" })).nullish(),
  tools: tools.nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: only(false),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: hint,
  service_tier: hint,
  reasoning_effort: hint,
  verbosity: hint,
  /** What the answer will probably be, to have it sooner. */
  prediction: z.object({ type: z.literal("content") }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

export const completionRequest = z.strictObject({
  ...sampling,
  prompt: z.union([text, z.tuple([text], { error: "one prompt, as text" })]),
  max_tokens: z.int().min(1).max(LIMITS.outputTokens).nullish(),
  best_of: only(1),
  echo: only(false),
  logprobs: nothing("logprobs"),
  suffix: nothing("suffix"),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

export const embeddingsRequest = z.strictObject({
  model: z.string().min(1).max(4096),
  input: z.union([text, z.array(text).min(1).max(LIMITS.embeddingTexts)], { error: "a text or a list of texts" }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: nothing("dimensions"),
  user: z.string().nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;
