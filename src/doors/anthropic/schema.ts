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

const STOPS_MAX = 16;
const STOP_CHARS_MAX = 256;

/** Taken only at the value that changes nothing. */
const only = <Value extends number | string>(value: Value) =>
  z.literal(value, { error: `only ${value} is possible here` }).nullish();
const none = (what: string) => z.array(z.never({ error: `${what} are not possible here` })).nullish();
const nothing = (what: string) => z.null({ error: `${what} is not possible here` }).optional();

const text = z.string().max(LIMITS.promptChars);
/** What is kept for the next request makes that one quicker, and no answer another. */
const cacheControl = z.object({ type: z.literal("ephemeral") }).nullish();

const textBlock = z.strictObject({
  type: z.literal("text", { error: "only blocks of text are possible here" }),
  text,
  cache_control: cacheControl,
  citations: none("citations"),
});
const content = z.union([text, z.array(textBlock).max(LIMITS.messages)]);

const message = z.strictObject({ role: z.enum(["user", "assistant", "system"]), content });

const outputConfig = z.strictObject({
  effort: only("high"),
  format: z.strictObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) }).nullish(),
});

/** What a model is given to read. */
const prompt = {
  model: z.string().min(1).max(4096),
  messages: z.array(message).min(1).max(LIMITS.messages),
  system: content.nullish(),
  tools: none("tools"),
  tool_choice: z.object({ type: z.enum(["none", "auto"], { error: "tools are not possible here" }) }).nullish(),
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
  stop_sequences: z.array(z.string().min(1).max(STOP_CHARS_MAX)).max(STOPS_MAX).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: only(1),
  top_k: nothing("top_k"),
  container: nothing("a container"),
  inference_geo: nothing("a choice of where"),
  diagnostics: nothing("a diagnosis"),
  /** Said of the request, not to the model. */
  metadata: z.strictObject({ user_id: z.string().max(512).nullish() }).nullish(),
  service_tier: z.enum(["auto", "standard_only"]).nullish(),
  user_profile_id: z.string().max(512).nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;
