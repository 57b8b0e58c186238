/**
 * `GET /openapi.json`: the API of a node as an OpenAPI 3.1 document, made of its routes.
 *
 * Owns: how a route stands in the document. Does not own: any shape; the schemas are those that parse.
 *
 *  OD1 Every route that is served stands in the document, this one among them, and nothing else.
 *  OD2 The schema of a request in it is the one by which the request is parsed: it allows no more and no less than JSON
 *      Schema can say of that.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 * @module
 */
import { z } from "zod";
import { errorBody } from "../protocol/api.ts";
import type { Route } from "../protocol/route.ts";
import { RBEE_VERSION } from "../protocol/version.ts";

type Json = Readonly<Record<string, unknown>>;

/** The routes, and the document of them. OD1. */
export function documented(routes: readonly Route[]): readonly Route[] {
  let made: Json | undefined;
  const all: Route[] = [
    ...routes,
    {
      method: "GET",
      path: "/openapi.json",
      doc: { summary: "This document." },
      handle: () => ({ status: 200, json: (made ??= documentOf(all)) }),
    },
  ];
  return all;
}

export function documentOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = (paths[templateOf(route.path)] ??= {});
    path[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "rbee",
      version: RBEE_VERSION,
      description:
        "One cluster of the machines you own. On loopback no key is needed; elsewhere every request needs one.",
    },
    servers: [{ url: "/" }],
    security: [{}, { bearer: [] }, { header: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Made by `rbee key create`." },
        header: { type: "apiKey", in: "header", name: "x-api-key" },
      },
      schemas: { Error: schemaOf(errorBody) },
    },
  };
}

const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

/** `postV2TasksIdEvents`: what a generated client calls it. */
const operationId = ({ method, path }: Route): string =>
  method.toLowerCase() + path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase());

function operationOf(route: Route): Json {
  const { doc } = route;
  const parameters = [...pathParameters(route), ...queryParameters(doc?.query)];
  return {
    operationId: operationId(route),
    summary: doc?.summary ?? "",
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(doc?.body === undefined ? {} : { requestBody: { required: true, ...jsonOf(schemaOf(doc.body)) } }),
    responses: { [doc?.status ?? 200]: successOf(doc), default: failureOf(route) },
  };
}

const jsonOf = (schema: Json): Json => ({ content: { "application/json": { schema } } });

const pathParameters = ({ path }: Route): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));

const queryParameters = (query: z.ZodObject | undefined): Json[] =>
  Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema),
  }));

/** A stream's schema is that of what each event holds. */
function successOf(doc: Route["doc"]): Json {
  const content = {
    ...(doc?.answer === undefined ? {} : { "application/json": { schema: schemaOf(doc.answer) } }),
    ...(doc?.events === undefined ? {} : { "text/event-stream": { schema: schemaOf(doc.events) } }),
  };
  return { description: "As asked.", ...(Object.keys(content).length === 0 ? {} : { content }) };
}

const failureOf = ({ refusal }: Route): Json =>
  refusal === undefined
    ? { description: "Refused or failed.", ...jsonOf({ $ref: "#/components/schemas/Error" }) }
    : { description: "Refused or failed, in the dialect's own form." };

/** OD2. What stands for nothing in TypeScript is absent in JSON, and so is never right when it is there. */
function schemaOf(schema: z.core.$ZodType): Json {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    // What is sent, before a default or a transformation; an answer may hold more than is told of it.
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "undefined") jsonSchema.not = {};
    },
  });
  return made;
}
