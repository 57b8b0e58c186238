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
import { none, only } from "../only.ts";
import { cacheControl, nothing } from "./possible.ts";

const outputConfig = z.strictObject({
  effort: only("high"),
  format: z.strictObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) }).nullish(),
});

/** What a model is given to read. */
const prompt = {
  model: z.string().min(1).max(4096),
  messages,
  system: texts.nullish(),
  tools: tools.nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: z.object({ type: z.literal("disabled", { error: "thinking is not possible here" }) }).nullish(),
  output_config: outputConfig.nullish(),
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
  metadata: z.strictObject({ user_id: z.string().max(512).nullish() }).nullish(),
  service_tier: z.enum(["auto", "standard_only"]).nullish(),
  user_profile_id: z.string().max(512).nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;
