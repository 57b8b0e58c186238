/**
 * Messages and tools of a request, from the words of any dialect, put in order and checked against each other.
 *
 *  TO1 A call may be made only of what is there, and is answered, once, before anything else is said.
 *  TO2 Who has to call something has something to call.
 *
 * @module
 */
import type { ChatMessage, ToolFunction, Tools } from "../../machines/request.ts";
import type { DialogueMessage } from "../protocol/dialogue-api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { isJsonObject } from "../protocol/json.ts";

export interface AskedTools {
  readonly functions: readonly ToolFunction[] | undefined;
  readonly choice: Tools["choice"] | "none" | undefined;
  readonly parallel: boolean | undefined;
}

/** @returns nothing where nothing is to be called */
export function toolsOf({ functions = [], choice, parallel }: AskedTools): Tools | undefined {
  const names = new Set(functions.map(({ name }) => name));
  if (names.size < functions.length) throw invalid("tools", "two have one name", "names that are different");
  if (typeof choice === "object" && !names.has(choice.name)) {
    throw invalid("tool_choice", choice.name, "the name of a tool");
  }
  if (choice === "required" && names.size === 0) throw invalid("tool_choice", choice, "tools to choose from");
  if (names.size === 0 || choice === "none") return undefined;
  return { functions, choice: choice ?? "auto", parallel: parallel ?? true };
}

export const messagesOf = (messages: readonly DialogueMessage[]): readonly ChatMessage[] =>
  checkedMessages(
    messages.map((message): ChatMessage => {
      const { role, content } = message;
      if (message.role === "tool") return { role, content, callId: message.tool_call_id };
      const calls = message.role === "assistant" ? message.tool_calls : undefined;
      return calls === undefined ? { role, content } : { role, content, calls };
    }),
  );

/** TO1. @param fieldOf what the client calls the message at an index */
export function checkedMessages(
  messages: readonly ChatMessage[],
  fieldOf = (index: number): string => `messages.${index}`,
): readonly ChatMessage[] {
  let open = new Set<string>();
  for (const [index, { role, calls = [], callId = "" }] of messages.entries()) {
    const field = fieldOf(index);
    if (role === "tool" && !open.delete(callId)) throw invalid(field, callId, "the id of a call before it");
    if (role === "tool") continue;
    if (open.size > 0) throw invalid(field, role, `an answer to the call ${[...open].join(", ")}`);
    open = new Set(calls.map(({ id }) => id));
    if (open.size < calls.length) throw invalid(field, "one id twice", "an id for each call");
    for (const { arguments: args } of calls)
      if (!isJsonObject(args)) throw invalid(field, args, "arguments as a JSON object");
  }
  if (open.size > 0) throw invalid("messages", "calls without an answer", `an answer to ${[...open].join(", ")}`);
  return messages;
}

function invalid(field: string, given: string, allowed: string): RbeeError {
  const found = given.slice(0, 80);
  return new RbeeError("request.invalid", `${field}: found ${found}; allowed: ${allowed}`, { field, found, allowed });
}
