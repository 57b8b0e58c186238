/**
 * Goal: the document of the API is valid, complete, and says of each request what its parser says.
 * Method: the routes of every door over seats that nobody sits in; a validator of OpenAPI at a pinned version.
 *
 * @see src/doors/openapi.ts, OD1 OD2
 * @module
 */
import { Ajv } from "ajv";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test, vi } from "vitest";
import { documentOf } from "../../../src/doors/openapi.ts";
import type { Call, Route } from "../../../src/protocol/route.ts";
import { hiveDoorRoutes, nodeRoutes, workerDoorRoutes } from "../../support/node-routes.ts";

const DOORS = [
  ["queen", nodeRoutes()],
  ["hive", hiveDoorRoutes()],
  ["worker", workerDoorRoutes()],
] as const;
const ALL = DOORS.flatMap(([door, routes]) =>
  routes.map((route) => [`${route.method} ${route.path} of a ${door}`, route] as const),
);

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: object } } };
  readonly responses: Readonly<Record<string, unknown>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const template = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");
const pathsOf = (routes: readonly Route[]): Paths => documentOf(routes)["paths"] as Paths;
const paths = pathsOf(nodeRoutes());

const CALL: Call = {
  params: {},
  query: {},
  headers: {},
  body: undefined,
  local: true,
  signal: new AbortController().signal,
};

describe("the document of the API", () => {
  test.each(DOORS)("of a %s is valid OpenAPI 3.1", async (_door, routes) => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(documentOf(routes)));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(validator.version).toBe("3.1");
  });

  test.each(DOORS)(
    "OD1 of a %s has each route that is served, itself among them, under a name of its own, and no other",
    async (_door, routes) => {
      const served = routes.map(({ method, path }) => `${method} ${template(path)}`);
      const told = Object.entries(pathsOf(routes)).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(told.toSorted()).toEqual(served.toSorted());
      const operations = Object.values(pathsOf(routes)).flatMap((methods) => Object.values(methods));
      expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
      const itself = routes.find(({ path }) => path === "/openapi.json");
      expect(await itself?.handle(CALL)).toEqual({ status: 200, json: documentOf(routes) });
    },
  );

  test.each(ALL)("%s says in a few words what it does", (_name, route) => {
    expect(route.doc?.summary).toMatch(/^[A-Z].{5,100}\.$/);
  });
});

describe("the schema of a request", () => {
  test.each(ALL)("OD2 of %s is the one that parses, and a route without one reads no body", async (_name, route) => {
    const schema = route.doc?.body;
    const body = { nonsense: 1 };
    const read = vi.fn<() => unknown>(() => body);
    const call: Call = Object.defineProperty({ ...CALL }, "body", { get: read });
    const parsed = schema === undefined ? undefined : vi.spyOn(schema, "safeParse");
    try {
      await Promise.resolve()
        .then(() => route.handle(call))
        .catch(() => {});
      if (parsed === undefined) expect(read).not.toHaveBeenCalled();
      else expect(parsed).toHaveBeenCalledWith(body);
    } finally {
      parsed?.mockRestore();
    }
  });

  test("OD2 says what is needed, what is allowed, and that nothing else is", () => {
    const task = paths["/v2/tasks"]?.["post"]?.requestBody?.content["application/json"].schema;
    expect(task).toMatchObject({
      type: "object",
      additionalProperties: false,
      properties: {
        max_tokens: { type: "integer", minimum: 1 },
        privacy: { default: "private", enum: ["public", "internal", "private", "secret"] },
      },
    });
    expect(task).not.toHaveProperty("required");
    const chat = paths["/v1/chat/completions"]?.["post"]?.requestBody?.content["application/json"].schema;
    expect(chat).toMatchObject({ required: ["model", "messages"], additionalProperties: false });
    const stop = paths["/v1/workers/stop"]?.["post"]?.requestBody?.content["application/json"].schema;
    expect(stop).toMatchObject({ required: ["worker"] });
    const info = paths["/v1/models/info"]?.["get"];
    expect(info).toMatchObject({
      parameters: [
        { name: "model", in: "query", required: true },
        { name: "node", in: "query", required: false },
      ],
    });
    expect(paths["/v1/models/download/progress"]?.["get"]).toMatchObject({
      parameters: [{ required: false }, { required: false }],
    });
    expect(paths["/v2/tasks/{id}"]?.["get"]).toMatchObject({
      parameters: [{ name: "id", in: "path", required: true }],
    });
  });

  test("OD2 has the header by which it is asked again wherever one is read, and nowhere else", () => {
    const word = { name: "idempotency-key", in: "header", required: false, schema: { type: "string", maxLength: 255 } };
    const read = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
        parameters.some(({ in: place }) => place === "header") ? [`${method} ${path}`] : [],
      ),
    );
    expect(read.toSorted()).toEqual(
      [
        ...["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings"],
        ...["/v1/messages", "/v1/messages/count_tokens", "/v2/discussions"],
        ...["/api/generate", "/api/chat", "/api/embed", "/api/embeddings"],
      ]
        .map((path) => `post ${path}`)
        .toSorted(),
    );
    expect(paths["/v2/discussions"]?.["post"]?.parameters).toMatchObject([word]);
    const deadline = { name: "x-request-deadline", in: "header", required: false, schema: { type: "string" } };
    expect(paths["/v1/completions"]?.["post"]?.parameters).toMatchObject([word, deadline]);
  });

  test("OD2 what is taken in steps is told by all that it takes: a text, or blocks of their kinds", () => {
    const { schema } = paths["/v1/messages"]?.["post"]?.requestBody?.content["application/json"] ?? {};
    const takes = new Ajv({ strict: false }).compile(schema ?? {});
    const asked = { model: "m", max_tokens: 1 };
    const saying = (role: string, content: unknown): boolean => takes({ ...asked, messages: [{ role, content }] });
    const text = { type: "text", text: "Go" };
    const result = { type: "tool_result", tool_use_id: "a" };
    expect([saying("user", "Go"), saying("user", [text, result]), saying("assistant", [text])]).toEqual([
      true,
      true,
      true,
    ]);
    expect([saying("user", 1), saying("assistant", [result]), saying("user", [{ type: "image" }])]).toEqual([
      false,
      false,
      false,
    ]);
    const responses = paths["/v1/responses"]?.["post"]?.requestBody?.content["application/json"].schema;
    const responds = new Ajv({ strict: false }).compile(responses ?? {});
    const input = { role: "user", content: "Go" };
    expect(responds({ model: "m", input: [input] })).toBe(true);
    expect(responds({ model: "m", input: [{ type: "message", ...input }] })).toBe(true);
    expect(responds({ model: "m", input: [{ type: "image", ...input }] })).toBe(false);
  });

  test("OD2 what is refused whenever it is there is told so", () => {
    const embeddings = paths["/v1/embeddings"]?.["post"]?.requestBody?.content["application/json"].schema;
    expect(embeddings).toMatchObject({ properties: { dimensions: { not: {} } } });
  });
});
