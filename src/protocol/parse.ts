/**
 * Turns what a schema refuses into request.invalid with the field, what was found there and what is allowed.
 *
 * @module
 */
import type { z } from "zod";
import { RbeeError } from "./errors.ts";

const FOUND_CHARS_MAX = 80;
/** No request needs more; what is packed, cloned or shown further in goes a level deeper on the stack for each. */
const LEVELS_MAX = 100;

/** @throws RbeeError request.invalid, for the first thing that is wrong */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  if (isDeeper(value, LEVELS_MAX)) {
    const allowed = `at most ${LEVELS_MAX} levels`;
    throw new RbeeError("request.invalid", `(body): nested too deep, allowed are ${allowed}.`, {
      field: "(body)",
      allowed,
    });
  }
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

/** Level by level, since what it looks for is what a recursion would not survive. */
function isDeeper(value: unknown, levelsMax: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levelsMax) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
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
