/**
 * Goal: what is refused before a route has it is refused in the form of that route's dialect, with its status.
 * Method: every route of a node that takes a body, over a real server, with nobody behind it.
 *
 * @see src/net/serve.ts, S1 S5 S6; src/protocol/route.ts, SH1
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anthropicError } from "../../src/doors/anthropic/refusal.ts";
import { ollamaError } from "../../src/doors/ollama/refusal.ts";
import { openaiError } from "../../src/doors/openai/refusal.ts";
import { createServer, type RunningServer } from "../../src/net/serve.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import { errorBodyOf, type Route } from "../../src/protocol/route.ts";
import { ask, type Reply } from "../support/http.ts";
import { nodeRoutes } from "../support/node-routes.ts";
import { breachesOf } from "../support/official/contracts.ts";

const BODY_BYTES_MAX = 1_000;
const JSON_TYPE = { "content-type": "application/json" };
/** For who sits at the node alone: nobody else gets as far as a body. */
const LOCAL = ["/v2/keys", "/v2/tokens"];
const taking = nodeRoutes().filter(
  ({ method, doc, path }) => method === "POST" && doc?.body !== undefined && !LOCAL.includes(path),
);

let server: RunningServer;

beforeAll(async () => {
  server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: nodeRoutes(),
    hosts: [],
    origins: [],
    bodyBytesMax: BODY_BYTES_MAX,
  });
});
afterAll(() => server.close(0));

const send = (path: string, body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<Reply> =>
  ask({ port: server.port, method: "POST", path, headers, body });

/** The names of everything in it, however deep: what a dialect's form is made of. */
const formOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => name !== "details")
          .map(([name, inner]) => [name, formOf(inner)]),
      )
    : "";

const isIn = ({ refusal = errorBodyOf }: Route, code: ErrorCode, reply: Reply): void => {
  expect(formOf(reply.json())).toEqual(formOf(refusal({ code, message: "" }, "r")));
  expect(reply.text).toContain(code);
  const official = OFFICIAL.find(([refuses]) => refuses === refusal)?.[1];
  if (official !== undefined) expect(breachesOf(official, reply.json())).toEqual([]);
};

const OFFICIAL = [
  [openaiError, "openai error"],
  [anthropicError, "anthropic error"],
  [ollamaError, "ollama error"],
] as const;

describe.each(taking.map((route) => [route.path, route] as const))("%s refuses in its own form", (path, route) => {
  test("what is too large, of a wrong type, or no JSON", async () => {
    const large = await send(path, JSON.stringify({ x: "x".repeat(route.bodyBytesMax ?? BODY_BYTES_MAX) }));
    const form = await send(path, "a=1", { "content-type": "application/x-www-form-urlencoded" });
    const broken = await send(path, "{");
    expect([large.status, form.status, broken.status]).toEqual([413, 415, 400]);
    isIn(route, "request.too.large", large);
    isIn(route, "request.media.type", form);
    isIn(route, "request.invalid", broken);
  });

  test("a field that nobody knows, by its name", async () => {
    const reply = await send(path, JSON.stringify({ ...SOUND[path], wrod: 1 }));
    expect(reply.status).toBe(400);
    isIn(route, "request.invalid", reply);
    expect(reply.text).toContain("wrod");
  });

  test("a stranger", async () => {
    const stranger = await send(path, "{}", { ...JSON_TYPE, host: "evil.example" });
    expect(stranger.status).toBe(403);
    isIn(route, "request.forbidden", stranger);
  });
});

const PEM = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";

/** What a request needs, so that only one thing is wrong with it. */
const SOUND: Readonly<Record<string, object>> = {
  "/v2/tasks": { prompt: "Hi" },
  "/v1/workers/stop": { worker: "w1" },
  "/v2/hives/drain": { name: "beta" },
  "/v2/hives/resume": { name: "beta" },
  "/v1/workers/ready": { worker: "w1" },
  "/v2/registry/workers/ready": { worker: "w1" },
  "/v1/cluster/join": { token: "x".repeat(22), name: "beta", request: PEM },
  "/v1/cluster/renew": { request: PEM },
  "/v1/chat/completions": { model: "m", messages: [{ role: "user", content: "Hi" }] },
  "/v1/completions": { model: "m", prompt: "Hi" },
  "/v1/responses": { model: "m", input: "Hi" },
  "/v1/embeddings": { model: "m", input: "Hi" },
  "/v1/messages": { model: "m", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] },
  "/v1/messages/count_tokens": { model: "m", messages: [{ role: "user", content: "Hi" }] },
  "/api/generate": { model: "m", prompt: "Hi" },
  "/api/chat": { model: "m", messages: [{ role: "user", content: "Hi" }] },
  "/api/embed": { model: "m", input: "Hi" },
  "/api/embeddings": { model: "m", prompt: "Hi" },
  "/api/show": { model: "m" },
  "/api/pull": { model: "m" },
  "/api/copy": { source: "m", destination: "n" },
  "/v1/models/download": { model: "hf:o/r:Q8_0" },
  "/v2/knowledge": { text: "Hi" },
  "/v2/knowledge/search": { text: "Hi" },
  "/v2/discussions": { request: "Hi" },
  "/v2/discussions/:id/say": { text: "Hi" },
  "/v2/discussions/:id/fork": { seq: 0 },
};
