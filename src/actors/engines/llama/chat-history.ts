/**
 * Messages as the history that a chat template renders, calls of functions and their answers among them.
 *
 *  CH1 The turn that is to be generated is the last item: an assistant message at the end is gone on with, and what a
 *      model says behind the answers to its calls belongs to the turn in which it called.
 *
 * @module
 */
import type {
  ChatHistoryItem,
  ChatModelFunctionCall,
  ChatModelFunctions,
  ChatModelResponse,
  GbnfJsonSchema,
} from "node-llama-cpp";
import type { ChatMessage, ToolCall, Tools } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { isRecord } from "../grammar/json-parts.ts";
import { checkedParameters } from "../grammar/json-schema.ts";

export function historyOf(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [];
  /** The model's turn while it is not over, and its calls by id. */
  let turn: ChatModelResponse | undefined;
  let calls = new Map<string, ChatModelFunctionCall>();
  for (const message of messages) {
    if (message.role === "tool") {
      answer(calls, message);
    } else if (message.role === "assistant") {
      if (turn === undefined || calls.size === 0) history.push((turn = { type: "model", response: [] }));
      calls = new Map(message.calls?.map((call, index) => [call.id, callOf(call, index === 0)]));
      if (message.content !== "" || calls.size === 0) turn.response.push(message.content);
      turn.response.push(...calls.values());
    } else {
      turn = undefined;
      history.push({ type: message.role, text: message.content });
    }
  }
  return turn === undefined ? [...history, { type: "model", response: [] }] : history;
}

function callOf({ name, arguments: args }: ToolCall, startsNewChunk: boolean): ChatModelFunctionCall {
  return { type: "functionCall", name, params: valueOf(args), result: undefined, startsNewChunk };
}

function answer(calls: ReadonlyMap<string, ChatModelFunctionCall>, { callId, content }: ChatMessage): void {
  const call = calls.get(callId ?? "");
  if (call === undefined) {
    throw new RbeeError("request.invalid", `messages: no call has the id ${callId ?? ""}.`, { field: "messages" });
  }
  call.result = valueOf(content);
}

/** As data where it is JSON, so that it is not quoted twice. */
function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : text;
  } catch {
    return text;
  }
}

/** @throws RbeeError schema.unsupported */
export function functionsOf({ functions }: Tools): ChatModelFunctions {
  return Object.fromEntries(
    functions.map((one) => [
      one.name,
      {
        ...(one.description !== undefined && { description: one.description }),
        // It is only written out, for the model to read.
        params: readable(checkedParameters(one)) as GbnfJsonSchema,
      },
    ]),
  );
}

/** Where a template writes types and no JSON, it knows alternatives by one name only. */
function readable(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if ((key === "anyOf" || key === "oneOf") && Array.isArray(value)) return ["oneOf", value.map(readable)];
    if (key === "items" || key === "additionalProperties") return [key, readable(value)];
    if (!isRecord(value) || !["properties", "$defs"].includes(key)) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readable(part)]))];
  });
  return Object.fromEntries(entries);
}
