/**
 * What clients of the Anthropic dialect send, as schemas.
 *
 *  AS1 What the engine cannot do is refused by its name, never passed over; what would change nothing is taken.
 *
 * @see https://docs.anthropic.com/en/api/messages
 * @module
 */
import { z } from "zod";
import { LIMITS } from "../../protocol/api.ts";
import { samplingShape } from "../../protocol/dialogue-api.ts";
import { messages, texts, toolChoice, tools } from "./dialogue-schema.ts";
import { hint, none, only } from "../only.ts";
import { cacheControl, nothing } from "./possible.ts";

const format = z.strictObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) }).nullish();

const outputConfig = z.strictObject({
  effort: hint,
  format,
  /** How much may be spent; the model reads it elsewhere. */
  task_budget: z.record(z.string(), z.unknown()).nullish(),
});

/** At most so much is thought, and none is as well. A model thinks as its own text does. */
const thinking = z.object({ type: z.enum(["disabled", "enabled", "adaptive"]) }).nullish();

/** What may be left out of a prompt that grows long. Nothing is: what does not fit is refused with both numbers. */
const contextManagement = z
  .object({
    edits: z
      .array(z.object({ type: z.string().max(64) }))
      .max(16)
      .nullish(),
  })
  .nullish();

/** What a model is given to read. */
const prompt = {
  model: z.string().min(1).max(4096),
  messages,
  system: texts.nullish(),
  tools: tools.nullish(),
  tool_choice: toolChoice.nullish(),
  thinking,
  output_config: outputConfig.nullish(),
  /** As it was called before. */
  output_format: format,
  context_management: contextManagement,
  cache_control: cacheControl,
  mcp_servers: none("servers of tools"),
  speed: only("standard"),
};

export const countRequest = z.strictObject(prompt);
export type CountRequest = z.infer<typeof countRequest>;

export const messagesRequest = z.strictObject({
  ...prompt,
  max_tokens: z.int().min(1).max(LIMITS.outputTokens),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string().min(1).max(LIMITS.stopChars)).max(LIMITS.stops).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: samplingShape.top_p.nullish(),
  top_k: samplingShape.top_k.nullish(),
  container: nothing("a container"),
  inference_geo: nothing("a choice of where"),
  diagnostics: nothing("a diagnosis"),
  /** Said of the request, not to the model. */
  metadata: z.object({ user_id: z.string().max(4096).nullish() }).nullish(),
  service_tier: z.enum(["auto", "standard_only"]).nullish(),
  user_profile_id: z.string().max(512).nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;
