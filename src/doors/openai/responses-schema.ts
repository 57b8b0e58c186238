/**
 * What clients of the Responses API send, as schemas, and what it means as messages and tools.
 *
 *  OS1 What cannot be done is refused by its name, never passed over: nothing is kept here, so nothing is gone on with.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolCall, Tools } from "../../../machines/request.ts";
import { LIMITS } from "../../protocol/api.ts";
import { callId, toolName } from "../../protocol/dialogue-api.ts";
import { checkedMessages } from "../tools.ts";
import { only } from "../only.ts";

const absent = (what: string) => z.null({ error: `${what} is not possible here` }).optional();

const text = z.string().max(LIMITS.promptChars);
const part = z.object({
  type: z.enum(["input_text", "output_text"], { error: "only parts of text are possible here" }),
  text,
});
const content = z.union([text, z.array(part).max(LIMITS.messages)]);

const item = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message"), role: z.enum(["user", "system", "developer", "assistant"]), content }),
  z.object({ type: z.literal("function_call"), call_id: callId, name: toolName, arguments: text }),
  z.object({ type: z.literal("function_call_output"), call_id: callId, output: content }),
]);
type Item = z.infer<typeof item>;

/** A message may leave out that it is one. */
const typed = (given: unknown): unknown =>
  typeof given === "object" && given !== null && "role" in given ? { type: "message", ...given } : given;

const functionTool = z.object({
  type: z.literal("function", { error: "only functions are possible here" }),
  name: toolName,
  description: z.string().max(LIMITS.descriptionChars).nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  /** It always is. */
  strict: z.boolean().nullish(),
});

const format = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    name: z.string(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  }),
]);

export const responsesRequest = z.strictObject({
  model: z.string().min(1).max(4096),
  input: z.union([text, z.array(z.preprocess(typed, item)).min(1).max(LIMITS.messages)]),
  instructions: text.nullish(),
  max_output_tokens: z.int().min(1).max(LIMITS.outputTokens).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_obfuscation: only(false) }).nullish(),
  text: z.strictObject({ format: format.optional() }).nullish(),
  tools: z.array(functionTool).max(LIMITS.tools).nullish(),
  tool_choice: z
    .union([z.enum(["none", "auto", "required"]), z.object({ type: z.literal("function"), name: toolName })], {
      error: "none, auto, required or one function",
    })
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  store: only(false),
  previous_response_id: absent("previous_response_id"),
  conversation: absent("conversation"),
  prompt: absent("prompt"),
  reasoning: absent("reasoning"),
  max_tool_calls: absent("max_tool_calls"),
  background: only(false),
  top_logprobs: only(0),
  truncation: z.literal("disabled", { error: "nothing is ever cut here" }).nullish(),
  include: z.array(z.never({ error: "nothing more can be included here" })).nullish(),
  /** Said of the request, not to the model. */
  metadata: z.record(z.string(), z.string()).nullish(),
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
});
export type ResponsesRequest = z.infer<typeof responsesRequest>;

const textOf = (given: z.infer<typeof content>): string =>
  typeof given === "string" ? given : given.map((one) => one.text).join("");

export function messagesOf({ input, instructions }: ResponsesRequest): readonly ChatMessage[] {
  const system = instructions === null || instructions === undefined ? [] : [message("system", instructions)];
  const said = typeof input === "string" ? [message("user", input)] : dialogueOf(input);
  return checkedMessages([...system, ...said]);
}

const message = (role: ChatMessage["role"], said: string): ChatMessage => ({ role, content: said });

/** Calls one behind the other are of one turn, and so is what was said right before them. */
function dialogueOf(items: readonly Item[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const one of items) {
    if (one.type === "function_call_output") {
      messages.push({ role: "tool", content: textOf(one.output), callId: one.call_id });
    } else if (one.type === "message") {
      const role = one.role === "developer" ? "system" : one.role;
      messages.push(message(role, textOf(one.content)));
    } else {
      const last = messages.at(-1);
      const turn = last?.role === "assistant" ? messages.pop() : undefined;
      const call: ToolCall = { id: one.call_id, name: one.name, arguments: one.arguments };
      messages.push({ ...(turn ?? message("assistant", "")), calls: [...(turn?.calls ?? []), call] });
    }
  }
  return messages;
}

export const choiceOf = ({ tool_choice: given }: ResponsesRequest): Tools["choice"] | "none" | undefined =>
  typeof given === "object" && given !== null ? { name: given.name } : (given ?? undefined);
