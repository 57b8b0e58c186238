/**
 * The OpenAI dialect as its client: chat completions as a stream, embeddings, the list of models.
 *
 * Owns: what is sent and how it is read. Does not own: when it is asked, which failures are tried again (engine.ts).
 *
 *  OA1 An answer has ended when a finish was told and the stream was closed by its `[DONE]`: one of both is a break.
 *  OA2 What the server would withhold is refused: it is no answer to what was asked.
 *  OA3 The older word for the most tokens is known everywhere; a server that wants the newer one says so, once.
 *  OA4 A function that has to be called is the only one the server is told of, and that something has to be called is
 *      known everywhere: a choice by its name is not, and would be passed over in silence.
 *  OA5 A model without a chat template can call nothing.
 *
 * @module
 */
import { z } from "zod";
import type { ChatMessage, ToolCall, Tools } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { noTools } from "../call-syntax.ts";
import type { GenerateRequest } from "../engine.ts";
import {
  type Dialect,
  functionsOf,
  type Listed,
  messagesOf,
  type Piece,
  samplingOf,
  seedOf,
  type Told,
  type Vectors,
} from "./dialect.ts";
import { brokenBy, foreign } from "./failure.ts";
import { jsonIn, parse } from "./json.ts";
import { eventsOf } from "./lines.ts";
import { strictSchema } from "./strict-schema.ts";

/** OA3. */
const NEW_LIMIT = "max_completion_tokens";
const DONE = "[DONE]";

const list = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      /** As vLLM tells it. */
      max_model_len: z.int().positive().nullish().catch(undefined),
      /** As llama.cpp's own server does. */
      meta: z.looseObject({ n_ctx: z.int().positive().nullish() }).nullish().catch(undefined),
    }),
  ),
});
const usage = z.looseObject({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0).optional() });
const callPiece = z.looseObject({
  index: z.int().min(0).nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const chunk = z.looseObject({
  choices: z.array(
    z.looseObject({
      delta: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(callPiece).nullish() }).nullish(),
      /** Of a completion, which has no messages. */
      text: z.string().nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: usage.nullish(),
});
const embeddings = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()) })),
  usage: usage.nullish(),
});

type Ended = Extract<Piece, { type: "ended" }>;

/** @param raw a model without a chat template: what is asked is completed as it stands */
export function openaiDialect(name: string, raw = false): Dialect {
  let limit: "max_tokens" | typeof NEW_LIMIT = "max_tokens";
  return {
    listPath: "models",
    list: (text) => parse(name, list, text).data.map(listed),
    generate: (model, request, tokensMax) => ({
      path: raw ? "completions" : "chat/completions",
      body: {
        model,
        ...(raw ? rawBody(request) : chatBody(request)),
        [limit]: tokensMax,
        temperature: request.temperature,
        ...samplingOf(request),
        // As vLLM calls it; who knows one of both passes the other over.
        repetition_penalty: request.sampling?.repeatPenalty,
        seed: seedOf(request),
        stream: true,
        stream_options: { include_usage: true },
      },
    }),
    read: (lines) => piecesOf(name, lines),
    embed: (model, input) => ({ path: "embeddings", body: { model, input, encoding_format: "float" } }),
    vectors: (text, count) => vectorsIn(name, text, count),
    adapts({ code, message }) {
      if (code !== "endpoint.refused" || limit === NEW_LIMIT || !message.includes(NEW_LIMIT)) return false;
      limit = NEW_LIMIT;
      return true;
    },
  };
}

function listed({ id, max_model_len, meta }: z.infer<typeof list>["data"][number]): Listed {
  return { name: id, also: undefined, at: undefined, contextTokens: max_model_len ?? meta?.n_ctx ?? undefined };
}

const chatBody = (request: GenerateRequest) => ({
  messages: messagesOf(request).map(messageOf),
  ...(request.tools === undefined ? {} : toolsBody(request.tools)),
  ...(request.jsonSchema === undefined ? {} : { response_format: formatOf(request.jsonSchema) }),
});

/** OA4. */
const toolsBody = (tools: Tools) => ({
  tools: functionsOf(tools),
  tool_choice: tools.choice === "auto" ? "auto" : "required",
  ...(tools.parallel && typeof tools.choice === "string" ? {} : { parallel_tool_calls: false }),
});

/** A schema of completions is llama.cpp's own word. OA5 */
function rawBody(request: GenerateRequest) {
  if (request.tools !== undefined) throw noTools("it has no chat template");
  return {
    prompt: messagesOf(request)
      .map(({ content }) => content)
      .join("\n\n"),
    ...(request.jsonSchema === undefined ? {} : { json_schema: strictSchema(request.jsonSchema) }),
  };
}

const messageOf = ({ role, content, calls = [], callId }: ChatMessage) => ({
  role,
  content,
  ...(callId === undefined ? {} : { tool_call_id: callId }),
  ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }),
});

const callOf = ({ id, name, arguments: given }: ToolCall) => ({
  id,
  type: "function",
  function: { name, arguments: given },
});

const formatOf = (schema: unknown) => ({
  type: "json_schema",
  json_schema: { name: "answer", strict: true, schema: strictSchema(schema) },
});

async function* piecesOf(name: string, lines: AsyncIterable<string>): AsyncGenerator<Piece> {
  let finish: Ended["finish"] | undefined;
  let counted: Told | undefined;
  for await (const data of eventsOf(lines)) {
    if (data === DONE) {
      if (finish === undefined) throw new RbeeError("endpoint.failed", `${name} is done and never said why`);
      return yield { type: "ended", finish, usage: counted };
    }
    const { choices, usage: told } = chunkIn(name, data);
    if (told != null) counted = { promptTokens: told.prompt_tokens, completionTokens: told.completion_tokens ?? 0 };
    const [choice] = choices;
    const text = choice?.delta?.content ?? choice?.text ?? "";
    if (text !== "") yield { type: "text", text };
    for (const { index, function: called } of choice?.delta?.tool_calls ?? []) {
      const [what, more] = [called?.name ?? undefined, called?.arguments ?? ""];
      yield { type: "call", index: index ?? undefined, name: what, arguments: more };
    }
    if (choice?.finish_reason != null) finish = finishOf(name, choice.finish_reason);
  }
}

function chunkIn(name: string, data: string): z.infer<typeof chunk> {
  const json = jsonIn(name, data);
  if (typeof json === "object" && json !== null && "error" in json && json.error != null) throw brokenBy(name, json);
  const found = chunk.safeParse(json);
  if (!found.success) throw foreign(name, "what is no piece of an answer");
  return found.data;
}

/** OA2. */
function finishOf(name: string, reason: string): Ended["finish"] {
  if (reason === "stop" || reason === "length" || reason === "tool_calls") return reason;
  throw new RbeeError("endpoint.refused", `${name} ended its answer with ${JSON.stringify(reason.slice(0, 40))}`);
}

function vectorsIn(name: string, text: string, count: number): Vectors {
  const { data, usage: told } = parse(name, embeddings, text);
  const byIndex = new Map(data.map(({ index, embedding }) => [index, embedding]));
  const vectors = Array.from({ length: count }, (_, index) => byIndex.get(index) ?? []);
  return { vectors, promptTokens: told?.prompt_tokens ?? 0 };
}
