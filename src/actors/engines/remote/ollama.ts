/**
 * Ollama's own dialect as its client: chat as lines of JSON, embeddings, the list of what it has.
 *
 * Owns: what is sent and how it is read. Does not own: when it is asked, which failures are tried again (engine.ts).
 *
 *  OL1 An answer has ended with the line that says so, and why; lines that end before it are a break.
 *  OL2 A prompt that is too long is refused by the server: left to itself it would cut the beginning off in silence.
 *
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolCall } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { type Dialect, messagesOf, samplingOf, type Piece, type Vectors } from "./dialect.ts";
import { brokenBy, foreign } from "./failure.ts";
import { jsonIn, parse } from "./json.ts";

const tags = z.looseObject({
  models: z.array(z.looseObject({ name: z.string(), remote_host: z.string().nullish() })),
});
const line = z.looseObject({
  message: z.looseObject({ content: z.string().nullish() }).nullish(),
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
        messages: messagesOf(request).map(messageOf),
        stream: true,
        truncate: false,
        shift: false,
        options: {
          num_ctx: contextTokens,
          num_predict: tokensMax,
          temperature: request.temperature,
          ...samplingOf(request),
          seed: request.seed,
        },
        ...(request.jsonSchema === undefined ? {} : { format: request.jsonSchema }),
      },
    }),
    read: (lines) => piecesOf(name, lines),
    embed: (model, input) => ({ path: "api/embed", body: { model, input, truncate: false } }),
    vectors: (text) => vectorsIn(name, text),
    adapts: () => false,
  };
}

const messageOf = ({ role, content, calls = [] }: ChatMessage) => ({
  role,
  content,
  ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }),
});

const callOf = ({ name, arguments: given }: ToolCall) => ({
  function: { name, arguments: JSON.parse(given) as unknown },
});

async function* piecesOf(name: string, lines: AsyncIterable<string>): AsyncGenerator<Piece> {
  for await (const written of lines) {
    if (written.trim() === "") continue;
    const { message, done, done_reason: reason, prompt_eval_count, eval_count } = lineIn(name, written);
    const text = message?.content ?? "";
    if (text !== "") yield { type: "text", text };
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
