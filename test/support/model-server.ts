/**
 * Somebody else's server of models, on loopback: it speaks OpenAI's dialect or Ollama's, and misbehaves on request.
 *
 * Owns: both dialects as a server says them, and what goes wrong. The model behind it is the simulated engine, so what
 * it writes follows from prompt and seed. Knows nothing of a test runner: programs use it as well.
 *
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import type { Tools } from "../../machines/request.ts";
import type { GenerateEnd, GenerateRequest, OutputKind } from "../../src/actors/engines/engine.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { SimEngine } from "../simulation/sim-engine.ts";

export interface ServerAsked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What goes wrong from now on. */
export interface Mood {
  /** Takes the request in its own way. @returns whether it did */
  readonly instead?: (asked: ServerAsked, response: ServerResponse) => boolean;
  /** Of a stream: after so many pieces it falls silent, is cut, ends as if that were all, or tells an error. */
  readonly after?: { readonly pieces: number; readonly does: "stall" | "cut" | "end" | "error" };
  /** All but the last word of an answer's end. */
  readonly neverDone?: boolean;
}

export interface ModelServerOptions {
  readonly dialect: "openai" | "ollama";
  readonly models?: readonly string[];
  readonly contextTokens?: number;
  /** Without it nobody is let in. */
  readonly key?: string;
  readonly port?: number;
  /** The model calls whatever it may. */
  readonly isEager?: boolean;
}

const SLOTS = 4;
/** Models of this name cannot call anything. */
export const WITHOUT_TOOLS = "plain";
const immediately = {
  monotonicMs: () => performance.now(),
  wallMs: () => 0,
  after: (_delayMs: number, run: () => void) => void setImmediate(run),
};

export class ModelServer {
  mood: Mood = {};
  readonly asked: ServerAsked[] = [];
  /** Clients that went before the end of their answer. */
  left = 0;
  readonly #options: ModelServerOptions;
  readonly #engine: SimEngine;
  readonly #server: Server;

  private constructor(options: ModelServerOptions) {
    this.#options = options;
    const { contextTokens = 4096 } = options;
    const files = new Map([["model", { contextTokens }]]);
    this.#engine = new SimEngine({ clock: immediately, files });
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const made = new ModelServer(options);
    const spec = { modelPath: "model", contextTokens: 1e6, slots: SLOTS, threads: 1, gpu: "none" } as const;
    await made.#engine.load(spec, () => {}, new AbortController().signal);
    made.#server.listen(options.port ?? 0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As it stands in a configuration. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/${this.#options.dialect === "openai" ? "v1/" : ""}`;
  }

  /** What was generated or embedded for clients, in the order of the asking. */
  get work(): readonly ServerAsked[] {
    return this.asked.filter(({ method }) => method === "POST");
  }

  /** Nobody is let in any more; who is being answered hears the end of it. */
  shut(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = request;
    const asked = { method, path, headers, body: await textOf(request) };
    this.asked.push(asked);
    response.once("close", () => void (this.left += response.writableFinished ? 0 : 1));
    if (this.mood.instead?.(asked, response) === true) return;
    const { key } = this.#options;
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) {
      return json(response, 401, { error: { message: `Incorrect key provided: ${headers.authorization}` } });
    }
    if (method === "GET") return this.#list(path, response);
    const body = JSON.parse(asked.body) as Record<string, unknown>;
    if (!this.#models.includes(String(body["model"]))) {
      return json(response, 404, { error: { message: `no model ${String(body["model"])}`, code: "model_not_found" } });
    }
    try {
      await (/embed/.test(path) ? this.#embed(body, response) : this.#chat(body, response));
    } catch (thrown) {
      const { code, message, details } = errorData(thrown);
      if (response.headersSent) throw thrown;
      const found = { n_prompt_tokens: details?.["promptTokens"], n_ctx: details?.["contextTokens"] };
      const name = code === "context.overflow" ? "exceed_context_size_error" : code;
      json(response, 400, { error: { message, type: name, ...found } });
    }
  }

  get #models(): readonly string[] {
    return this.#options.models ?? ["model"];
  }

  #list(path: string, response: ServerResponse): void {
    const isOllama = this.#options.dialect === "ollama";
    if (path === "/health") return json(response, 200, { status: "ok" });
    if (path !== (isOllama ? "/api/tags" : "/v1/models")) return json(response, 404, "nothing is here");
    if (isOllama) return json(response, 200, { models: this.#models.map((name) => ({ name })) });
    const { contextTokens } = this.#options;
    const meta = contextTokens === undefined ? null : { n_ctx: contextTokens };
    json(response, 200, { object: "list", data: this.#models.map((id) => ({ id, object: "model", meta })) });
  }

  async #chat(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    if (body["tools"] !== undefined && body["model"] === WITHOUT_TOOLS) {
      return json(response, 400, { error: { message: `${WITHOUT_TOOLS} does not support tools` } });
    }
    const openai = "prompt" in body ? completionSays : chatSays();
    const say = this.#options.dialect === "openai" ? openai : ollamaSays();
    let pieces = 0;
    const end = await this.#engine.generate(
      requestIn(this.#options.isEager === true ? { ...body, tool_choice: "required" } : body),
      async (text, _tokens, kind) => {
        await this.#maybeBreak(pieces, response);
        pieces += 1;
        if (!response.headersSent) response.writeHead(200, { "content-type": say.type });
        if (!response.write(say.piece(text, kind)))
          await Promise.race([once(response, "drain"), once(response, "close")]);
      },
      gone.signal,
    );
    await this.#maybeBreak(pieces, response);
    if (end.finish === "abort") return;
    if (!response.headersSent) response.writeHead(200, { "content-type": say.type });
    const last = say.end(end);
    response.end(this.mood.neverDone === true ? last.slice(0, -1).join("") : last.join(""));
  }

  /** Never returns once it has broken. */
  async #maybeBreak(pieces: number, response: ServerResponse): Promise<void> {
    const { after } = this.mood;
    if (after === undefined || pieces < after.pieces) return;
    const isOllama = this.#options.dialect === "ollama";
    const error = JSON.stringify(isOllama ? { error: "out of luck" } : { error: { message: "out of luck" } });
    if (after.does === "cut") response.destroy();
    if (after.does === "end") response.end();
    if (after.does === "error") response.end(isOllama ? `${error}\n` : `data: ${error}\n\n`);
    await once(response, "close");
    throw new Error("its client is gone");
  }

  async #embed(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    const { vectors, promptTokens } = await this.#engine.embed(body["input"] as string[], new AbortController().signal);
    // Of another length than one, as many models have them, and in no order.
    const scaled = vectors.map((vector) => [...vector].map((number) => number * 3));
    if (this.#options.dialect === "ollama") {
      return json(response, 200, { embeddings: scaled, prompt_eval_count: promptTokens });
    }
    const data = scaled.map((embedding, index) => ({ object: "embedding", index, embedding })).toReversed();
    json(response, 200, { object: "list", data, usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } });
  }
}

function requestIn(body: Record<string, unknown>): GenerateRequest {
  const options = (body["options"] ?? {}) as Record<string, unknown>;
  const format = body["response_format"] as { readonly json_schema: { readonly schema: unknown } } | undefined;
  const jsonSchema = format?.json_schema.schema ?? body["format"] ?? body["json_schema"];
  return {
    tools: toolsIn(body),
    sampling: samplingIn({ ...body, ...options }),
    input: { prompt: JSON.stringify(body["messages"] ?? body["prompt"]) },
    said: "",
    maxTokens: Number(body["max_tokens"] ?? body["max_completion_tokens"] ?? options["num_predict"]),
    temperature: Number(body["temperature"] ?? options["temperature"]),
    seed: Number(body["seed"] ?? options["seed"]),
    ...(jsonSchema === undefined ? {} : { jsonSchema }),
  };
}

function toolsIn({ tools, tool_choice: choice, parallel_tool_calls: parallel }: Record<string, unknown>) {
  if (tools === undefined) return undefined;
  const functions = (tools as readonly { readonly function: Tools["functions"][number] }[]).map(
    (tool) => tool.function,
  );
  return { functions, choice: choice === "required" ? choice : "auto", parallel: parallel !== false } as const;
}

function samplingIn(given: Record<string, unknown>): GenerateRequest["sampling"] {
  const number = (name: string): number | undefined => (given[name] === undefined ? undefined : Number(given[name]));
  return {
    topK: number("top_k"),
    topP: number("top_p"),
    minP: number("min_p"),
    repeatPenalty: number("repeat_penalty"),
    presencePenalty: number("presence_penalty"),
    frequencyPenalty: number("frequency_penalty"),
  };
}

interface Says {
  readonly type: string;
  piece(text: string, kind: OutputKind): string;
  end(end: GenerateEnd): readonly string[];
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const openaiSays = (choice: (text: string, kind: OutputKind) => object): Says => ({
  type: "text/event-stream",
  piece: (text, kind) => data({ choices: [{ index: 0, ...choice(text, kind), finish_reason: null }] }),
  end: ({ finish, promptTokens, completionTokens }) => [
    ": a comment, as some servers keep a connection with\n\n",
    data({ choices: [{ index: 0, ...choice("", "text"), finish_reason: finish }] }),
    data({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } }),
    "data: [DONE]\n\n",
  ],
});
function chatSays(): Says {
  let index = -1;
  return openaiSays((text, kind) => {
    if (kind === "text") return { delta: { content: text } };
    if (kind === "arguments") return { delta: { tool_calls: [{ index, function: { arguments: text } }] } };
    index += 1;
    const called = { name: text, arguments: "" };
    return { delta: { tool_calls: [{ index, id: `call_${index}`, type: "function", function: called }] } };
  });
}
const completionSays = openaiSays((text) => ({ text }));

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
/** It tells calls when they are whole, and ends with "stop" behind them. */
function ollamaSays(): Says {
  let begun: { readonly name: string; json: string } | undefined;
  const whole = (): string => {
    const said = begun;
    begun = undefined;
    if (said === undefined) return "";
    const called = { name: said.name, arguments: JSON.parse(said.json) as object };
    return line({ message: { role: "assistant", content: "", tool_calls: [{ function: called }] }, done: false });
  };
  return {
    type: "application/x-ndjson",
    piece(text, kind) {
      if (kind === "text") return line({ message: { role: "assistant", content: text }, done: false });
      const before = kind === "call" ? whole() : "";
      if (kind === "call") begun = { name: text, json: "" };
      if (kind === "arguments" && begun !== undefined) begun.json += text;
      return before;
    },
    end: ({ finish, promptTokens, completionTokens }) => [
      finish === "tool_calls" ? whole() : "",
      line({
        message: { role: "assistant", content: "" },
        done: true,
        done_reason: finish === "tool_calls" ? "stop" : finish,
        prompt_eval_count: promptTokens,
        eval_count: completionTokens,
      }),
    ],
  };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
