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
import { toldAs } from "../json-schema.ts";
import { hint, only } from "../only.ts";
import { jobName, tools } from "./responses-tools.ts";

const absent = (what: string) => z.null({ error: `${what} is not possible here` }).optional();

const text = z.string().max(LIMITS.promptChars);
const part = z.object({
  type: z.enum(["input_text", "output_text"], { error: "only parts of text are possible here" }),
  text,
});
const content = z.union([text, z.array(part).max(LIMITS.messages)], { error: "a text, or parts of text" });
const namespace = toolName.nullish();

const message = z.object({
  type: z.literal("message"),
  role: z.enum(["user", "system", "developer", "assistant"]),
  content,
});
const item = z.discriminatedUnion("type", [
  message,
  z.object({ type: z.literal("function_call"), call_id: callId, name: toolName, namespace, arguments: text }),
  z.object({ type: z.literal("function_call_output"), call_id: callId, output: content }),
  /** What a model thought in an earlier turn is no part of the dialogue. */
  z.object({ type: z.literal("reasoning") }),
  /** Of what was told earlier. */
  z.object({ type: z.literal("item_reference"), id: z.string().max(255) }),
]);
export type Item = z.infer<typeof item>;

/** A message may leave out that it is one, and so may what is only named. */
function typed(given: unknown): unknown {
  if (typeof given !== "object" || given === null || "type" in given) return given;
  return { type: "role" in given ? "message" : "item_reference", ...given };
}

/** A text is short for what the user says. Taken in two steps, so that the item that is wrong is named. */
const dialogue = toldAs(
  z
    .union([text, z.array(z.unknown()).min(1).max(LIMITS.messages)], { error: "a text or a list of items" })
    .transform((given) =>
      typeof given === "string" ? [{ type: "message", role: "user", content: given }] : given.map(typed),
    )
    .pipe(z.array(item)),
  z.union([
    text,
    z
      .array(z.union([item, message.partial({ type: true })]))
      .min(1)
      .max(LIMITS.messages),
  ]),
);

/** How hard to think, and whether to say so. A model thinks as its own text does. */
const reasoning = z
  .object({ effort: hint, summary: hint, generate_summary: hint }, { error: "effort and summary are possible here" })
  .nullish();

/** What would be told of items that no answer has. */
const NOTHING_MORE = [
  "reasoning.encrypted_content",
  "web_search_call.action.sources",
  "web_search_call.results",
  "file_search_call.results",
  "code_interpreter_call.outputs",
  "computer_call_output.output.image_url",
] as const;

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
  input: dialogue,
  instructions: text.nullish(),
  max_output_tokens: z.int().min(1).max(LIMITS.outputTokens).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stream: z.boolean().nullish(),
  /** Padding, against those who count bytes on the way. */
  stream_options: z.object({ include_obfuscation: only(false) }).nullish(),
  text: z.strictObject({ format: format.nullish(), verbosity: hint }).nullish(),
  tools: tools.nullish(),
  tool_choice: z
    .union(
      [z.enum(["none", "auto", "required"]), z.object({ type: z.literal("function"), name: toolName, namespace })],
      {
        error: "none, auto, required or one function",
      },
    )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  store: only(false),
  previous_response_id: absent("previous_response_id"),
  conversation: absent("conversation"),
  prompt: absent("prompt"),
  reasoning,
  /** Of tools that a server runs itself. */
  max_tool_calls: z.int().min(1).nullish(),
  background: only(false),
  top_logprobs: only(0),
  truncation: z.literal("disabled", { error: "nothing is ever cut here" }).nullish(),
  include: z.array(z.enum(NOTHING_MORE, { error: "nothing more can be included here" })).nullish(),
  /** Said of the request, not to the model. */
  metadata: z.record(z.string(), z.string()).nullish(),
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: hint,
  service_tier: hint,
});
export type ResponsesRequest = z.infer<typeof responsesRequest>;

const textOf = (given: z.infer<typeof content>): string =>
  typeof given === "string" ? given : given.map((one) => one.text).join("");

export function messagesOf({ input, instructions }: ResponsesRequest): readonly ChatMessage[] {
  const system = instructions === null || instructions === undefined ? [] : [turnOf("system", instructions)];
  return checkedMessages([...system, ...dialogueOf(input)]);
}

const turnOf = (role: ChatMessage["role"], said: string): ChatMessage => ({ role, content: said });

/** Calls one behind the other are of one turn, and so is what was said right before them. */
function dialogueOf(items: readonly Item[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const one of items) {
    if (one.type === "function_call_output") {
      messages.push({ role: "tool", content: textOf(one.output), callId: one.call_id });
    } else if (one.type === "message") {
      const role = one.role === "developer" ? "system" : one.role;
      messages.push(turnOf(role, textOf(one.content)));
    } else if (one.type === "function_call") {
      const last = messages.at(-1);
      const turn = last?.role === "assistant" ? messages.pop() : undefined;
      const call: ToolCall = { id: one.call_id, name: jobName(one), arguments: one.arguments };
      messages.push({ ...(turn ?? turnOf("assistant", "")), calls: [...(turn?.calls ?? []), call] });
    }
  }
  return messages;
}

export const choiceOf = ({ tool_choice: given }: ResponsesRequest): Tools["choice"] | "none" | undefined =>
  typeof given === "object" && given !== null ? { name: jobName(given) } : (given ?? undefined);
