/**
 * Messages and tools as clients of the Ollama dialect send them, as schemas, and what they mean.
 *
 *  OM1 Calls without ids are known by their place. What a tool says is the answer to the call of its id, else to the
 *      first call of its name that has none yet, else to the first of any.
 *
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolCall, ToolFunction } from "../../../machines/request.ts";
import { LIMITS } from "../../protocol/api.ts";
import { callId, toolName } from "../../protocol/dialogue-api.ts";
import { none } from "../only.ts";
import { checkedMessages } from "../tools.ts";

const text = z.string().max(LIMITS.promptChars);

const toolCall = z.object({
  id: callId.nullish(),
  function: z.object({ name: toolName, arguments: z.record(z.string(), z.unknown()).nullish() }),
});

const message = z.strictObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: text.nullish(),
  /** What a model thought in an earlier turn is no part of the dialogue. */
  thinking: text.nullish(),
  images: none("images"),
  tool_calls: z.array(toolCall).max(LIMITS.callsInMessage).nullish(),
  /** Of a tool: what was called, by its name or by the call's id. */
  tool_name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
});
type Message = z.output<typeof message>;

export const messages = z.array(message).max(LIMITS.messages);

export const tools = z
  .array(
    z.object({
      type: z.literal("function", { error: "only functions are possible here" }).nullish(),
      function: z.object({
        name: toolName,
        description: z.string().max(LIMITS.descriptionChars).nullish(),
        parameters: z.record(z.string(), z.unknown()).nullish(),
      }),
    }),
  )
  .max(LIMITS.tools);

export const functionsOf = (given: z.output<typeof tools> | null | undefined): readonly ToolFunction[] | undefined =>
  given?.map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? undefined,
    parameters: parameters ?? undefined,
  }));

/** @throws RbeeError request.invalid for a call without its answer, or an answer without its call */
export function messagesOf(given: readonly Message[]): readonly ChatMessage[] {
  let open: readonly ToolCall[] = [];
  const dialogue = given.map((said, at): ChatMessage => {
    const content = said.content ?? "";
    if (said.role === "tool") {
      const call = answeredBy(said, open);
      open = open.filter((other) => other !== call);
      return { role: "tool", content, callId: call?.id ?? "" };
    }
    open = callsOf(said, at);
    return { role: said.role, content, ...(open.length > 0 && { calls: open }) };
  });
  return checkedMessages(dialogue);
}

/** OM1. */
const answeredBy = ({ tool_name: name, tool_call_id: id }: Message, open: readonly ToolCall[]): ToolCall | undefined =>
  open.find((call) => call.id === id) ?? open.find((call) => call.name === name) ?? open[0];

const callsOf = ({ role, tool_calls: calls }: Message, at: number): readonly ToolCall[] =>
  role !== "assistant"
    ? []
    : (calls ?? []).map(({ id, function: { name, arguments: args } }, index) => ({
        id: id ?? `call_${at}_${index}`,
        name,
        arguments: JSON.stringify(args ?? {}),
      }));
