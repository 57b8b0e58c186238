/**
 * Chat: messages, and the one that answers them.
 *
 * @module
 */
import type { ToolCall } from "../../../machines/request.ts";
import type { Asked } from "../run.ts";
import { toolsOf } from "../tools.ts";
import { functionsOf, messagesOf } from "./dialogue.ts";
import { makingOf } from "./making.ts";
import type { ChatRequest } from "./schema.ts";
import type { TextShape } from "./text.ts";

export function chatJob(request: ChatRequest): Asked {
  const making = makingOf(request);
  const tools = toolsOf({
    functions: functionsOf(request.tools),
    choice: undefined,
    parallel: undefined,
  });
  return { ...making, messages: messagesOf(request.messages ?? []), tools };
}

export const CHAT: TextShape = ({ text, calls }) => ({
  message: { role: "assistant", content: text, ...(calls.length > 0 && { tool_calls: calls.map(callOf) }) },
});

/** Their arguments are an object here, and no text; that they have an id is said nowhere (OM1 of dialogue.ts). */
const callOf = ({ name, arguments: args }: ToolCall): object => ({
  function: { name, arguments: args === "" ? {} : (JSON.parse(args) as unknown) },
});
