/**
 * What the Responses API answers, as schemas for the document of the API: a response, and each event of its stream.
 *
 * Nothing is parsed by them: tests hold what is sent against them, and against the types of the official client.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 * @module
 */
import { z } from "zod";

const status = z.enum(["in_progress", "completed", "incomplete"]);
const part = z.object({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(z.never()),
});

const item = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    id: z.string(),
    role: z.literal("assistant"),
    status,
    content: z.array(part),
  }),
  z.object({
    type: z.literal("function_call"),
    id: z.string(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status,
  }),
]);

const schemaOfText = z.record(z.string(), z.unknown());
const format = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    name: z.string(),
    schema: schemaOfText,
    strict: z.boolean().nullish(),
  }),
]);

const tool = z.object({
  type: z.literal("function"),
  name: z.string(),
  description: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullable(),
});

/** What was asked is told again. */
const asked = {
  created_at: z.int(),
  model: z.string(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  temperature: z.number().nullable(),
  top_p: z.number().nullable(),
  text: z.object({ format }),
  tools: z.array(tool),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    z.object({ type: z.literal("function"), name: z.string() }),
  ]),
  parallel_tool_calls: z.boolean(),
  metadata: z.record(z.string(), z.string()),
  truncation: z.literal("disabled"),
  reasoning: z.object({ effort: z.null(), summary: z.null() }),
  access_programs: z.null(),
  previous_response_id: z.null(),
};

const usage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.literal(0), cache_write_tokens: z.literal(0) }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.literal(0) }),
  total_tokens: z.int(),
});

export const response = z.object({
  id: z.string(),
  object: z.literal("response"),
  status: z.enum([...status.options, "failed"]),
  error: z.object({ code: z.enum(["server_error", "rate_limit_exceeded"]), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.literal("max_output_tokens") }).nullable(),
  ...asked,
  output: z.array(item),
  /** At its end. */
  usage: usage.optional(),
});

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), sequence_number: z.int(), ...shape });
const ofItem = { item_id: z.string(), output_index: z.int() };
const ofPart = { ...ofItem, content_index: z.literal(0) };
const logprobs = z.array(z.never());

export const responseEvent = z.discriminatedUnion("type", [
  event("response.created", { response }),
  event("response.in_progress", { response }),
  event("response.output_item.added", { output_index: z.int(), item }),
  event("response.content_part.added", { ...ofPart, part }),
  event("response.output_text.delta", { ...ofPart, delta: z.string(), logprobs }),
  event("response.output_text.done", { ...ofPart, text: z.string(), logprobs }),
  event("response.content_part.done", { ...ofPart, part }),
  event("response.function_call_arguments.delta", { ...ofItem, delta: z.string() }),
  event("response.function_call_arguments.done", { ...ofItem, arguments: z.string() }),
  event("response.output_item.done", { output_index: z.int(), item }),
  event("response.completed", { response }),
  event("response.incomplete", { response }),
  event("response.failed", { response }),
  event("error", { code: z.string(), message: z.string(), param: z.string().nullable() }),
]);
