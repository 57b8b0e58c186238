/**
 * Messages and tools as clients of the OpenAI dialect send them, as schemas, and what they mean.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolFunction, Tools } from "../../../machines/request.ts";
import { LIMITS } from "../../protocol/api.ts";
import { callId, toolName } from "../../protocol/dialogue-api.ts";
import { checkedMessages } from "../tools.ts";

const text = z.string().max(LIMITS.promptChars);
const part = z.object({ type: z.literal("text", { error: "only parts of text are possible here" }), text });
const content = z.union([text, z.array(part).max(LIMITS.messages)], { error: "a text, or parts of text" });
type Content = z.infer<typeof content>;

const toolCall = z.object({
  id: callId,
  type: z.literal("function", { error: "only functions are possible here" }),
  function: z.object({ name: toolName, arguments: text }),
});

const message = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "developer", "user"]), content, name: z.string().optional() }),
  z.object({
    role: z.literal("assistant"),
    content: content.nullish(),
    tool_calls: z.array(toolCall).max(LIMITS.callsInMessage).nullish(),
    name: z.string().optional(),
  }),
  z.object({ role: z.literal("tool"), content: content.nullish(), tool_call_id: callId }),
]);

export const messages = z.array(message).min(1).max(LIMITS.messages);

const functionTool = z.object({
  type: z.literal("function", { error: "only functions are possible here" }),
  function: z.object({
    name: toolName,
    description: z.string().max(LIMITS.descriptionChars).nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});

export const tools = z.array(functionTool).max(LIMITS.tools);
const chosenTool = z.object({ type: z.literal("function"), function: z.object({ name: toolName }) });
export const toolChoice = z.union([z.enum(["none", "auto", "required"]), chosenTool], {
  error: "none, auto, required or one function",
});

export const textOf = (given: Content | null | undefined): string =>
  typeof given === "string" ? given : (given ?? []).map((one) => one.text).join("");

export const messagesOf = (given: z.infer<typeof messages>): readonly ChatMessage[] =>
  checkedMessages(
    given.map((one): ChatMessage => {
      const said = textOf(one.content);
      if (one.role === "tool") return { role: "tool", content: said, callId: one.tool_call_id };
      if (one.role !== "assistant") return { role: one.role === "user" ? "user" : "system", content: said };
      const calls = one.tool_calls?.map(({ id, function: { name, arguments: args } }) => ({
        id,
        name,
        arguments: args,
      }));
      return { role: "assistant", content: said, ...(calls !== undefined && calls.length > 0 && { calls }) };
    }),
  );

export const functionsOf = (given: z.infer<typeof tools> | null | undefined): readonly ToolFunction[] | undefined =>
  given?.map(({ function: { name, description, parameters, strict } }) => ({
    name,
    description: description ?? undefined,
    parameters: parameters ?? undefined,
    strict: strict ?? undefined,
  }));

export const choiceOf = (given: z.infer<typeof toolChoice> | null | undefined): Tools["choice"] | "none" | undefined =>
  typeof given === "object" && given !== null ? { name: given.function.name } : (given ?? undefined);
