/**
 * Messages and tools as clients of the Anthropic dialect send them, as schemas. What they mean is in ask.ts.
 *
 * @see https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview
 * @module
 */
import { z } from "zod";
import { LIMITS } from "../../protocol/api.ts";
import { callId, toolName } from "../../protocol/dialogue-api.ts";
import { toldAs } from "../json-schema.ts";
import { none } from "../only.ts";
import { cacheControl, nothing } from "./possible.ts";

const EXAMPLES_MAX = 20;

const text = z.string().max(LIMITS.promptChars);

/** A text is short for one block of it. Taken in two steps, so that the block that is wrong is named. */
const blocks = <One extends z.ZodType>(block: One) =>
  toldAs(
    z
      .union([text, z.array(z.unknown()).max(LIMITS.messages)], { error: "a text or a list of blocks" })
      .transform((given) => (typeof given === "string" ? [{ type: "text", text: given }] : given))
      .pipe(z.array(block)),
    z.union([text, z.array(block).max(LIMITS.messages)]),
  );

const textBlock = z.strictObject({
  type: z.literal("text", { error: "only blocks of text are possible here" }),
  text,
  cache_control: cacheControl,
  citations: none("citations"),
});

/** Nobody but the model itself calls anything. */
const caller = z
  .strictObject({ type: z.literal("direct", { error: "only direct calls are possible here" }) })
  .nullish();

const toolUse = z.strictObject({
  type: z.literal("tool_use"),
  id: callId,
  name: toolName,
  input: z.record(z.string(), z.unknown()),
  caller,
  toolset_name: nothing("a toolset"),
  cache_control: cacheControl,
});

/** What a model thought in an earlier turn is no part of the dialogue. */
const thought = z.object({ type: z.literal("thinking") });
const hiddenThought = z.object({ type: z.literal("redacted_thinking") });

export const texts = blocks(textBlock);

const toolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: callId,
  content: texts.nullish(),
  is_error: z.boolean().nullish(),
  toolset_name: nothing("a toolset"),
  cache_control: cacheControl,
});

const assistantBlock = z.discriminatedUnion("type", [textBlock, toolUse, thought, hiddenThought], {
  error: "only text and tool_use are possible here",
});
const userBlock = z.discriminatedUnion("type", [textBlock, toolResult], {
  error: "only text and tool_result are possible here",
});

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), content: blocks(userBlock) }),
  z.strictObject({ role: z.literal("assistant"), content: blocks(assistantBlock) }),
  z.strictObject({ role: z.literal("system"), content: texts }),
]);
export type Message = z.infer<typeof message>;
export type Block = Message["content"][number];

export const messages = z.array(message).min(1).max(LIMITS.messages);

const tool = z.strictObject({
  type: z.literal("custom", { error: "only custom tools are possible here" }).nullish(),
  name: toolName,
  description: z.string().max(LIMITS.descriptionChars).nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
  /** When input is told, and when the model is told of a tool: both at once here. */
  eager_input_streaming: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  allowed_callers: z.array(z.literal("direct", { error: "only direct calls are possible here" })).nullish(),
  input_examples: z.array(z.record(z.string(), z.unknown())).max(EXAMPLES_MAX).nullish(),
  cache_control: cacheControl,
});

export const tools = z.array(tool).max(LIMITS.tools);

const oneCall = { disable_parallel_tool_use: z.boolean().nullish() };
export const toolChoice = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({ type: z.enum(["auto", "any"]), ...oneCall }),
  z.strictObject({ type: z.literal("tool"), name: toolName, ...oneCall }),
]);
