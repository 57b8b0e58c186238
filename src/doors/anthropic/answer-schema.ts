/**
 * What the Anthropic dialect answers, as schemas for the document of the API: a message, each event of its stream, the
 * count of a prompt.
 *
 * Nothing is parsed by them: tests hold what is sent against them, and against the types of the official client.
 *
 * @see https://docs.anthropic.com/en/api/messages-streaming
 * @module
 */
import { z } from "zod";
import { anthropicRefusal } from "./refusal.ts";

const textBlock = z.object({ type: z.literal("text"), text: z.string(), citations: z.null() });
const toolUse = z.object({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  caller: z.object({ type: z.literal("direct") }),
});
const block = z.discriminatedUnion("type", [textBlock, toolUse]);

const counts = {
  input_tokens: z.int(),
  output_tokens: z.int(),
  output_tokens_details: z.null(),
  cache_creation_input_tokens: z.null(),
  cache_read_input_tokens: z.null(),
  server_tool_use: z.null(),
};

const REASONS = ["end_turn", "max_tokens", "stop_sequence", "tool_use", "model_context_window_exceeded"] as const;
const stop = {
  /** Null until it has ended. */
  stop_reason: z.enum(REASONS).nullable(),
  stop_sequence: z.string().nullable(),
  stop_details: z.null(),
  container: z.null(),
};

export const message = z.object({
  id: z.string(),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: z.string(),
  content: z.array(block),
  ...stop,
  diagnostics: z.null(),
  usage: z.object({
    ...counts,
    cache_creation: z.null(),
    inference_geo: z.null(),
    service_tier: z.null(),
    speed: z.null(),
  }),
});

const delta = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text_delta"), text: z.string() }),
  z.object({ type: z.literal("input_json_delta"), partial_json: z.string() }),
]);
const index = z.int();

export const messageEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message }),
  z.object({ type: z.literal("content_block_start"), index, content_block: block }),
  z.object({ type: z.literal("content_block_delta"), index, delta }),
  z.object({ type: z.literal("content_block_stop"), index }),
  z.object({ type: z.literal("message_delta"), delta: z.object(stop), usage: z.object(counts) }),
  z.object({ type: z.literal("message_stop") }),
  anthropicRefusal,
]);

export const tokensCount = z.object({ input_tokens: z.int() });
