/**
 * Ollama's own dialect as its client: chat as lines of JSON, embeddings, the list of what it has.
 *
 * Owns: what is sent and how it is read. Does not own: when it is asked, which failures are tried again (engine.ts).
 *
 *  OL1 An answer has ended with the line that says so, and why; lines that end before it are a break.
 *  OL2 A prompt that is too long is refused by the server: left to itself it would cut the beginning off in silence.
 *  OL3 Its calls come whole. Nothing can be made to be called there: one function that has to be is the only one there
 *      is, and an answer without a call is then a failure (hearing.ts).
 *
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolCall } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { type Dialect, functionsOf, messagesOf, type Piece, samplingOf, seedOf, type Vectors } from "./dialect.ts";
import { brokenBy, foreign } from "./failure.ts";
import { jsonIn, parse } from "./json.ts";
import { strictSchema } from "./strict-schema.ts";

const tags = z.looseObject({
  models: z.array(z.looseObject({ name: z.string(), remote_host: z.string().nullish() })),
});
const call = z.looseObject({
  function: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()).nullish() }),
});
const line = z.looseObject({
  message: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(call).nullish() }).nullish(),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().min(0).nullish(),
  eval_count: z.int().min(0).nullish(),
});
const embedded = z.looseObject({
  embeddings: z.array(z.array(z.number())),
  prompt_eval_count: z.int().min(0).nullish(),
});

/** A name without a tag means this one. */
const LATEST = ":latest";

export function ollamaDialect(name: string): Dialect {
  return {
    listPath: "api/tags",
    list: (text) =>
      parse(name, tags, text).models.map(({ name: model, remote_host }) => ({
        name: model,
        also: model.endsWith(LATEST) ? model.slice(0, -LATEST.length) : undefined,
        at: remote_host || undefined,
        contextTokens: undefined,
      })),
    generate: (model, request, tokensMax, contextTokens) => ({
      path: "api/chat",
      body: {
        model,
        messages: dialogueOf(messagesOf(request)),
        ...(request.tools === undefined ? {} : { tools: functionsOf(request.tools) }),
        stream: true,
        truncate: false,
        shift: false,
        options: {
          num_ctx: contextTokens,
          num_predict: tokensMax,
          temperature: request.temperature,
          ...samplingOf(request),
          seed: seedOf(request),
        },
        ...(request.jsonSchema === undefined ? {} : { format: strictSchema(request.jsonSchema) }),
      },
    }),
    read: (lines) => piecesOf(name, lines),
    embed: (model, input) => ({ path: "api/embed", body: { model, input, truncate: false } }),
    vectors: (text) => vectorsIn(name, text),
    adapts: () => false,
  };
}

/** What answers a call names it: by its function, and by its id where the server keeps those. */
function dialogueOf(messages: readonly ChatMessage[]): readonly object[] {
  const names = new Map<string | undefined, string>();
  return messages.map(({ role, content, calls = [], callId }) => {
    for (const { id, name } of calls) names.set(id, name);
    if (role === "tool") return { role, content, tool_name: names.get(callId), tool_call_id: callId };
    return calls.length === 0 ? { role, content } : { role, content, tool_calls: calls.map(callOf) };
  });
}

const callOf = ({ id, name, arguments: given }: ToolCall) => ({
  id,
  function: { name, arguments: JSON.parse(given) as unknown },
});

async function* piecesOf(name: string, lines: AsyncIterable<string>): AsyncGenerator<Piece> {
  for await (const written of lines) {
    if (written.trim() === "") continue;
    const { message, done, done_reason: reason, prompt_eval_count, eval_count } = lineIn(name, written);
    const text = message?.content ?? "";
    if (text !== "") yield { type: "text", text };
    for (const { function: told } of message?.tool_calls ?? []) {
      yield { type: "call", index: undefined, name: told.name, arguments: JSON.stringify(told.arguments ?? {}) };
    }
    if (!done) continue;
    if (reason !== "stop" && reason !== "length") {
      throw new RbeeError("endpoint.failed", `${name} is done and does not say with what`);
    }
    const usage = { promptTokens: prompt_eval_count ?? 0, completionTokens: eval_count ?? 0 };
    return yield { type: "ended", finish: reason, usage };
  }
}

function lineIn(name: string, written: string): z.infer<typeof line> {
  const json = jsonIn(name, written);
  if (typeof json === "object" && json !== null && "error" in json) throw brokenBy(name, json);
  const found = line.safeParse(json);
  if (!found.success) throw foreign(name, "what is no piece of an answer");
  return found.data;
}

function vectorsIn(name: string, text: string): Vectors {
  const { embeddings, prompt_eval_count } = parse(name, embedded, text);
  return { vectors: embeddings, promptTokens: prompt_eval_count ?? 0 };
}
