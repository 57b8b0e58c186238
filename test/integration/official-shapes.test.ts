/**
 * Goal: every byte of JSON that a real node sends in a dialect is what the official clients of it declare, made strict.
 * Method: one real node with the starter; raw requests, so that no client mends anything; each answer, event and line
 * laid against the published types, and against the document of the API.
 *
 * @see src/protocol/route.ts, SH1; src/doors/openapi.ts, OD3
 */
import { createParser } from "eventsource-parser";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, post, type Reply } from "../support/http.ts";
import { startNode } from "../support/node-harness.ts";
import { breachesOf, type ContractName } from "../support/official/contracts.ts";
import { untoldIn } from "../support/official/documented.ts";
import { temporaryHome } from "../support/temporary.ts";

const messages = [{ role: "user", content: "What is a hive?" }];
const parameters = {
  type: "object",
  properties: { loud: { type: "boolean" }, unit: { enum: ["C", "F"] } },
  required: ["loud", "unit"],
};
const schema = { type: "object", properties: { pass: { type: "boolean" } }, required: ["pass"] };
const named = { name: "weather", description: "The weather here.", parameters };
const forChat = { tools: [{ type: "function", function: named }], tool_choice: "required" };
const forResponses = { tools: [{ type: "function", ...named }], tool_choice: { type: "function", name: "weather" } };
const claudeTools = [{ name: "weather", description: "The weather here.", input_schema: parameters }];

let port: number;

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const { home, remove } = temporaryHome();
  const node = await startNode({ home, lastly: (end) => void ends.push(end) });
  port = Number(new URL(node.ready.url).port);
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

const EVENTS: Readonly<Record<string, ContractName>> = {
  "/v1/chat/completions": "openai chat chunk",
  "/v1/completions": "openai completion chunk",
  "/v1/responses": "openai response event",
  "/v1/messages": "anthropic event",
  "/api/generate": "ollama generate line",
  "/api/chat": "ollama chat line",
  "/api/pull": "ollama pull",
};

/** The data of each event, or each line; the word that ends a stream is none. */
function partsOf({ text, headers }: Reply): unknown[] {
  if (headers["content-type"]?.startsWith("application/x-ndjson") === true) {
    return text.trimEnd().split("\n").map(parsed);
  }
  const parts: unknown[] = [];
  const onEvent = ({ event, data }: { readonly event?: string | undefined; readonly data: string }): void => {
    if (data === "[DONE]") return;
    const part = parsed(data);
    // A name says again what the event itself says.
    if (event !== undefined) expect(part).toHaveProperty("type", event);
    parts.push(part);
  };
  createParser({ onEvent }).feed(text);
  return parts;
}

const parsed = (json: string): unknown => JSON.parse(json);

const text = { model: "starter", temperature: 0 };
const chat = { ...text, messages };
const claude = { ...text, messages, max_tokens: 40 };

describe("SH1 OD3 an answer", () => {
  test.each<readonly [ContractName, string, object]>([
    ["openai chat", "/v1/chat/completions", chat],
    ["openai chat", "/v1/chat/completions", { ...chat, max_tokens: 2, n: 2, temperature: 1 }],
    ["openai chat", "/v1/chat/completions", { ...chat, ...forChat }],
    ["openai chat", "/v1/chat/completions", { ...chat, ...forChat, max_tokens: 3 }],
    [
      "openai chat",
      "/v1/chat/completions",
      { ...chat, response_format: { type: "json_schema", json_schema: { name: "verdict", schema } } },
    ],
    ["openai completion", "/v1/completions", { ...text, prompt: "A hive", n: 2 }],
    ["openai response", "/v1/responses", { ...text, input: "What is a hive?", instructions: "Be brief." }],
    [
      "openai response",
      "/v1/responses",
      { ...text, input: "What is a hive?", max_output_tokens: 2, metadata: { a: "b" } },
    ],
    ["openai response", "/v1/responses", { ...text, input: messages, ...forResponses }],
    [
      "openai response",
      "/v1/responses",
      { ...text, input: "Go", text: { format: { type: "json_schema", name: "verdict", schema } } },
    ],
    ["openai embeddings", "/v1/embeddings", { model: "starter", input: ["a hive", "a worker"] }],
    ["openai embeddings base64", "/v1/embeddings", { model: "starter", input: "a hive", encoding_format: "base64" }],
    ["anthropic message", "/v1/messages", claude],
    ["anthropic message", "/v1/messages", { ...claude, stop_sequences: ["hive"], system: "Be brief." }],
    ["anthropic message", "/v1/messages", { ...claude, max_tokens: 2 }],
    ["anthropic message", "/v1/messages", { ...claude, tools: claudeTools, tool_choice: { type: "any" } }],
    ["anthropic count", "/v1/messages/count_tokens", { model: "starter", messages, tools: claudeTools }],
    ["ollama generate", "/api/generate", { model: "starter", prompt: "A hive", stream: false }],
    ["ollama generate line", "/api/generate", { model: "starter" }],
    ["ollama chat", "/api/chat", { model: "starter", messages, stream: false }],
    ["ollama chat", "/api/chat", { model: "starter", messages, stream: false, format: schema }],
    ["ollama embed", "/api/embed", { model: "starter", input: ["a hive", "a worker"] }],
    ["ollama embeddings", "/api/embeddings", { model: "starter", prompt: "a hive" }],
    ["ollama show", "/api/show", { model: "starter" }],
    ["ollama pull", "/api/pull", { model: "starter", stream: false }],
    ["ollama status", "/api/copy", { source: "starter", destination: "starter" }],
  ])("%s at %s: %j", async (name, path, body) => {
    const reply = await post(port, path, body);
    expect(reply.status, reply.text).toBe(200);
    expect(breachesOf(name, reply.json())).toEqual([]);
    expect(untoldIn(`POST ${path}`, 200, "application/json", reply.json())).toEqual([]);
  });

  test.each<readonly [ContractName, string]>([
    ["openai models", "/v1/models"],
    ["openai model", "/v1/models/starter"],
    ["ollama tags", "/api/tags"],
    ["ollama ps", "/api/ps"],
    ["ollama version", "/api/version"],
  ])("%s at %s", async (name, path) => {
    expect(breachesOf(name, (await ask({ port, path })).json())).toEqual([]);
  });
});

describe("SH1 OD3 each event of a stream", () => {
  const withUsage = { stream: true, stream_options: { include_usage: true } };

  test.each<readonly [string, object, number]>([
    ["/v1/chat/completions", { ...chat, ...withUsage }, 4],
    ["/v1/chat/completions", { ...chat, ...withUsage, max_tokens: 3, n: 2, temperature: 1 }, 6],
    ["/v1/chat/completions", { ...chat, ...forChat, stream: true }, 4],
    ["/v1/completions", { ...text, ...withUsage, prompt: "A hive" }, 4],
    ["/v1/responses", { ...text, input: "What is a hive?", stream: true }, 8],
    ["/v1/responses", { ...text, input: "What is a hive?", stream: true, max_output_tokens: 2 }, 8],
    ["/v1/responses", { ...text, input: messages, ...forResponses, stream: true }, 6],
    ["/v1/messages", { ...claude, stream: true }, 6],
    ["/v1/messages", { ...claude, stream: true, tools: claudeTools, tool_choice: { type: "any" } }, 6],
    ["/api/generate", { model: "starter", prompt: "A hive" }, 3],
    ["/api/chat", { model: "starter", messages }, 3],
    ["/api/chat", { model: "starter", messages, tools: forChat.tools }, 2],
    ["/api/pull", { model: "starter" }, 1],
  ])("%s: %j", async (path, body, least) => {
    const reply = await post(port, path, body);
    expect(reply.status, reply.text).toBe(200);
    const parts = partsOf(reply);
    expect(parts.length).toBeGreaterThanOrEqual(least);
    const media = path.startsWith("/api/") ? "application/x-ndjson" : "text/event-stream";
    for (const part of parts) {
      expect(breachesOf(EVENTS[path] ?? "openai error", part)).toEqual([]);
      expect(untoldIn(`POST ${path}`, 200, media, part)).toEqual([]);
    }
  });
});

describe("SH1 OD3 a refusal", () => {
  test.each<readonly [ContractName, string, object, number]>([
    ["openai error", "/v1/chat/completions", { ...chat, logprobs: true }, 400],
    ["openai error", "/v1/chat/completions", { ...chat, model: "hf:nobody/nothing/of-this.gguf.no" }, 404],
    ["openai error", "/v1/responses", { ...text, input: "x", previous_response_id: "resp_1" }, 400],
    ["openai error", "/v1/embeddings", { model: "starter", input: [] }, 400],
    ["anthropic error", "/v1/messages", { ...claude, container: "c1" }, 400],
    ["anthropic error", "/v1/messages", { ...claude, model: "file:/etc/passwd" }, 403],
    ["ollama error", "/api/chat", { model: "starter", messages, think: true }, 400],
    ["ollama error", "/api/show", { model: "nobody" }, 404],
  ])("%s at %s", async (name, path, body, status) => {
    const reply = await post(port, path, body);
    expect([reply.status, path], reply.text).toEqual([status, path]);
    expect(breachesOf(name, reply.json())).toEqual([]);
    expect(untoldIn(`POST ${path}`, "default", "application/json", reply.json())).toEqual([]);
  });

  test("openai error of a model that is not here", async () => {
    const reply = await ask({ port, path: "/v1/models/nobody" });
    expect(reply.status).toBe(404);
    expect(breachesOf("openai error", reply.json())).toEqual([]);
  });
});
