/**
 * Turns what a schema refuses into request.invalid with the field, what was found there and what is allowed.
 *
 * @module
 */
import type { z } from "zod";
import { RbeeError } from "./errors.ts";

const FOUND_CHARS_MAX = 80;

/** @throws RbeeError request.invalid, for the first thing that is wrong */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new RbeeError("request.invalid", "The request was refused.");
  const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const field = path.map(String).join(".") || "(body)";
  const found = excerpt(valueAt(value, path));
  throw new RbeeError("request.invalid", `${field}: ${issue.message}; found ${found}.`, {
    field,
    found,
    allowed: issue.message,
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > FOUND_CHARS_MAX ? `${text.slice(0, FOUND_CHARS_MAX)}…` : text;
}
