/**
 * What a server sends as JSON, held to the form that is expected.
 *
 * @module
 */
import type { z } from "zod";
import { foreign } from "./failure.ts";

/** @throws RbeeError endpoint.foreign */
export function parse<Value>(name: string, schema: z.ZodType<Value>, text: string): Value {
  const read = schema.safeParse(jsonIn(name, text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw foreign(name, `what is not expected at ${issue?.path.map(String).join(".") || "its beginning"}`);
}

export function jsonIn(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw foreign(name, "what is no JSON");
  }
}
