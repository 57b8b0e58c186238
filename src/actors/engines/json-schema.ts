/**
 * Which JSON schemas the grammar can hold a text to.
 *
 * The engine's converter leaves out silently what it does not know, so that a text could break a rule that was asked
 * for. Here such a schema is refused with the place of the keyword. The grammar makes every property required, in the
 * order given.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";

const ANNOTATIONS = "title description default examples $schema $id $comment";
const RULES = "type const enum oneOf $ref $defs properties required additionalProperties items prefixItems format";
const COUNTS = ["minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength"];
const KEYWORDS = new Set([...ANNOTATIONS.split(" "), ...RULES.split(" "), ...COUNTS]);
const SCALARS = new Set(["string", "number", "integer", "boolean", "null"]);
/** The grammar parser's own bound on repetitions. */
const COUNT_MAX = 2_000;
const FORMATS: ReadonlySet<unknown> = new Set(["date-time", "time", "date"]);
const DEPTH_MAX = 32;

const REF = /^#\/\$defs\/(.+)$/;

/** @throws RbeeError schema.unsupported, naming the keyword and its place */
export function checkSchema(schema: unknown): asserts schema is Readonly<Record<string, unknown>> {
  check(schema, "$", 0, new Set());
}

function check(schema: unknown, at: string, depth: number, outerDefs: ReadonlySet<string>): void {
  if (!isRecord(schema)) refuse(at, "is no object");
  if (depth > DEPTH_MAX) refuse(at, `lies deeper than ${DEPTH_MAX} levels`);
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) refuse(at, `uses the keyword "${unknown}"`);
  const count = COUNTS.find((keyword) => schema[keyword] !== undefined && !isCount(schema[keyword]));
  if (count !== undefined) refuse(at, `has a ${count} that is not a whole number up to ${COUNT_MAX}`);
  const defs = new Set([...outerDefs, ...Object.keys(recordAt(schema, "$defs", at))]);
  checkKind(schema, at, defs);
  for (const [name, part] of partsOf(schema, at)) check(part, `${at}.${name}`, depth + 1, defs);
}

function checkKind(schema: Readonly<Record<string, unknown>>, at: string, defs: ReadonlySet<string>): void {
  const { $ref: ref, type, format, oneOf, const: constant, enum: choices } = schema;
  if (ref !== undefined) {
    const name = typeof ref === "string" ? REF.exec(ref)?.[1] : undefined;
    if (name === undefined || !defs.has(name)) refuse(at, `refers to ${JSON.stringify(ref)}, which is not below $defs`);
    return;
  }
  if (format !== undefined && !FORMATS.has(format)) refuse(at, `asks for the format ${JSON.stringify(format)}`);
  if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0)) refuse(at, "has an empty enum");
  if (oneOf !== undefined || constant !== undefined || choices !== undefined) return;
  if (type === "object" || type === "array") return;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const allScalar = types.length > 0 && types.every((one) => typeof one === "string" && SCALARS.has(one));
  if (!allScalar) refuse(at, `has the type ${JSON.stringify(type) ?? "undefined"}`);
}

function partsOf(schema: Readonly<Record<string, unknown>>, at: string): [string, unknown][] {
  const parts: [string, unknown][] = [];
  for (const key of ["properties", "$defs"]) parts.push(...Object.entries(recordAt(schema, key, at)));
  for (const key of ["oneOf", "prefixItems"]) {
    const list = schema[key] ?? [];
    if (!Array.isArray(list)) refuse(at, `has a ${key} that is no list`);
    parts.push(...list.map((part: unknown, index): [string, unknown] => [`${key}[${index}]`, part]));
  }
  if (schema["items"] !== undefined) parts.push(["items", schema["items"]]);
  const more = schema["additionalProperties"];
  if (more !== undefined && typeof more !== "boolean") parts.push(["additionalProperties", more]);
  return parts;
}

function recordAt(
  schema: Readonly<Record<string, unknown>>,
  key: string,
  at: string,
): Readonly<Record<string, unknown>> {
  const value = schema[key] ?? {};
  if (!isRecord(value)) refuse(at, `has ${key} that are no object`);
  return value;
}

const isCount = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(at: string, why: string): never {
  throw new RbeeError("schema.unsupported", `The schema at ${at} ${why}.`, { at });
}
