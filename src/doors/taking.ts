/**
 * A route that takes a body: the schema by which it is parsed is the one that the document of the API tells, beside
 * what is told of its answer.
 *
 * @module
 */
import type { z } from "zod";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, Route, RouteDoc } from "../protocol/route.ts";

export const taking = <Body extends z.ZodType>(
  summary: string,
  body: Body,
  told: Omit<RouteDoc, "summary" | "body">,
  handle: (request: z.output<Body>, call: Call) => Answer | Promise<Answer>,
): Required<Pick<Route, "doc" | "handle">> => ({
  doc: { summary, body, ...told },
  handle: (call) => handle(parseWith(body, call.body), call),
});
