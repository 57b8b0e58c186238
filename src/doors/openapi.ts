/**
 * `GET /openapi.json`: the API of a node as an OpenAPI 3.1 document, made of its routes.
 *
 * Owns: how a route stands in the document. Does not own: any shape; the schemas are those that parse.
 *
 *  OD1 Every route that is served stands in the document, this one among them, and nothing else.
 *  OD2 The schema of a request in it is the one by which the request is parsed: it allows no more and no less than JSON
 *      Schema can say of that. So is that of a header by which a request says that it is asked again, or by when.
 *  OD3 What is answered stands in it to the field, whole and in events, as asked or refused, in every dialect.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 * @module
 */
import { z } from "zod";
import { errorBody } from "../protocol/api.ts";
import type { Route, StreamFraming } from "../protocol/route.ts";
import { RBEE_VERSION } from "../protocol/version.ts";
import { type Json, jsonSchemaOf } from "./json-schema.ts";

/** The routes, and the document of them. OD1. */
export function documented(routes: readonly Route[]): readonly Route[] {
  let made: Json | undefined;
  const all: Route[] = [
    ...routes,
    {
      method: "GET",
      path: "/openapi.json",
      doc: { summary: "This document.", answer: z.record(z.string(), z.unknown()) },
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
      schemas: { Error: jsonSchemaOf(errorBody) },
    },
  };
}

const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

/** `postV2TasksIdEvents`: what a generated client calls it. */
const operationId = ({ method, path }: Route): string =>
  method.toLowerCase() + path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase());

function operationOf(route: Route): Json {
  const { doc } = route;
  const parameters = [
    ...pathParameters(route),
    ...parametersOf("query", doc?.query),
    ...parametersOf("header", doc?.headers),
  ];
  return {
    operationId: operationId(route),
    summary: doc?.summary ?? "",
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(doc?.body === undefined ? {} : { requestBody: { required: true, ...jsonOf(jsonSchemaOf(doc.body)) } }),
    responses: { ...successOf(doc), default: failureOf(route) },
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

const parametersOf = (place: "query" | "header", schemas: z.ZodObject | undefined): Json[] =>
  Object.entries(schemas?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: !z.safeParse(schema, undefined).success,
    schema: jsonSchemaOf(schema),
  }));

const STREAMS: Readonly<Record<StreamFraming, { readonly media: string; readonly says: string }>> = {
  sse: {
    media: "text/event-stream",
    says: "As asked. Of a stream the schema is that of each event; the name of one that has a name is its `type`.",
  },
  ndjson: { media: "application/x-ndjson", says: "As asked. Of a stream the schema is that of each line." },
};

/** A route that says nothing of its answer never answers as asked. */
function successOf(doc: Route["doc"]): Json {
  const { answer, events, text, framing = "sse", status = 200 } = doc ?? {};
  const stream = STREAMS[framing];
  const content = {
    ...(answer !== undefined && { "application/json": { schema: jsonSchemaOf(answer) } }),
    ...(events !== undefined && { [stream.media]: { schema: jsonSchemaOf(events) } }),
    ...(text !== undefined && { [text]: { schema: { type: "string" } } }),
  };
  if (Object.keys(content).length === 0) return {};
  return { [status]: { description: events === undefined ? "As asked." : stream.says, content } };
}

const failureOf = ({ doc }: Route): Json => ({
  description: "Refused or failed.",
  ...jsonOf(doc?.refused === undefined ? { $ref: "#/components/schemas/Error" } : jsonSchemaOf(doc.refused)),
});
