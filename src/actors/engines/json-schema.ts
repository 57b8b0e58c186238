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
/** All of it: the grammar grows with it, and the sampler looks at the whole grammar for each token. */
const SCHEMA_CHARS_MAX = 32 * 1024;
const PARTS_MAX = 256;
const CHOICES_MAX = 256;
const QUOTED_CHARS_MAX = 80;

const OBJECT = { type: "object", properties: {} };

const REF = /^#\/\$defs\/(.+)$/;

/** @throws RbeeError schema.unsupported, naming the keyword and its place */
export function checkSchema(schema: unknown): asserts schema is Readonly<Record<string, unknown>> {
  if (charsIn(schema) > SCHEMA_CHARS_MAX) refuse("$", `is longer than ${SCHEMA_CHARS_MAX} characters`);
  check(schema, "$", 0, new Set(), { left: PARTS_MAX });
}

/**
 * What a function takes, as a schema of an object also where nothing was said.
 *
 * @throws RbeeError schema.unsupported
 */
export function checkedParameters(parameters: unknown): Readonly<Record<string, unknown>> {
  const schema: unknown = isRecord(parameters) || parameters === undefined ? { ...OBJECT, ...parameters } : parameters;
  checkSchema(schema);
  if (schema["type"] !== "object") refuse("$", "is not of an object");
  return schema;
}

/** About as long as it is written out; counted no further than matters, and without a recursion that could be deep. */
function charsIn(schema: unknown): number {
  const left: unknown[] = [schema];
  let chars = 0;
  while (left.length > 0 && chars <= SCHEMA_CHARS_MAX) {
    const value = left.pop();
    chars += typeof value === "string" ? value.length : 1;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      chars += name.length;
      left.push(part);
    }
  }
  return chars;
}

interface Parts {
  left: number;
}

function check(schema: unknown, at: string, depth: number, outerDefs: ReadonlySet<string>, parts: Parts): void {
  if (!isRecord(schema)) refuse(at, "is no object");
  if (depth > DEPTH_MAX) refuse(at, `lies deeper than ${DEPTH_MAX} levels`);
  parts.left -= 1;
  if (parts.left < 0) refuse(at, `is one of more than ${PARTS_MAX} parts`);
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) refuse(at, `uses the keyword "${unknown}"`);
  const count = COUNTS.find((keyword) => schema[keyword] !== undefined && !isCount(schema[keyword]));
  if (count !== undefined) refuse(at, `has a ${count} that is not a whole number up to ${COUNT_MAX}`);
  const defs = new Set([...outerDefs, ...Object.keys(recordAt(schema, "$defs", at))]);
  checkKind(schema, at, defs);
  for (const [name, part] of partsOf(schema, at)) check(part, `${at}.${name}`, depth + 1, defs, parts);
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
  if (choices !== undefined && choices.length > CHOICES_MAX) refuse(at, `has an enum of more than ${CHOICES_MAX}`);
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

const cut = (text: string): string => (text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text);

function refuse(at: string, why: string): never {
  const [place, reason] = [cut(at), cut(why)];
  throw new RbeeError("schema.unsupported", `The schema at ${place} ${reason}.`, { at: place });
}
