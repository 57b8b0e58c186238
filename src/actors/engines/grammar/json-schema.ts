/**
 * Which JSON schemas a text is held to.
 *
 *  JS1 A schema that is asked for is held to the letter, or refused with the place of the keyword that cannot be held:
 *      no text breaks a rule that was asked for.
 *  JS2 The arguments of a function that is not `strict` are held to what can be held of their schema. The model reads
 *      all of it, and who calls the function checks the rest.
 *  JS3 A schema is bounded in depth, size and parts, held or not.
 *
 * @module
 */
import type { ToolFunction } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { boundsOf, isFormat, referred, saysItsKind } from "./json-grammar.ts";
import { COUNT_MAX, isCount, isList, isRecord, recordOf, type Schema } from "./json-parts.ts";
import { integerGrammar, numberGrammar } from "./number-grammar.ts";

const ANNOTATIONS = "title description default examples deprecated readOnly writeOnly $schema $id $comment";
const RULES = "type const enum oneOf anyOf allOf $ref $defs definitions properties required additionalProperties";
const MORE_RULES = "items prefixItems format propertyNames uniqueItems";
const BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const COUNTS = ["minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength"];
const KEYWORDS = new Set([...`${ANNOTATIONS} ${RULES} ${MORE_RULES}`.split(" "), ...BOUNDS, ...COUNTS]);
const SCALARS = new Set(["string", "number", "integer", "boolean", "null"]);
const DEPTH_MAX = 32;
/** All of it: the grammar grows with it, and the sampler looks at the whole grammar for each token. */
const SCHEMA_CHARS_MAX = 32 * 1024;
const PARTS_MAX = 256;
const CHOICES_MAX = 256;
const QUOTED_CHARS_MAX = 80;

const OBJECT = { type: "object", properties: {} };

/** JS1. @throws RbeeError schema.unsupported, naming the keyword and its place */
export function checkSchema(schema: unknown): asserts schema is Schema {
  check(schema, true);
}

/**
 * What a function takes, as a schema of an object also where nothing was said.
 *
 * @throws RbeeError schema.unsupported
 */
export function checkedParameters({ parameters, strict = false }: Pick<ToolFunction, "parameters" | "strict">): Schema {
  const schema: unknown = parameters === undefined ? OBJECT : parameters;
  check(schema, strict);
  if ((schema["type"] ?? "object") !== "object") refuse("$", "is not of an object");
  return { ...schema, type: "object" };
}

function check(schema: unknown, isStrict: boolean): asserts schema is Schema {
  if (!isRecord(schema)) refuse("$", "is no object");
  if (charsIn(schema) > SCHEMA_CHARS_MAX) refuse("$", `is longer than ${SCHEMA_CHARS_MAX} characters`);
  new Walk(isStrict).check(schema, "$", []);
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

class Walk {
  readonly #isStrict: boolean;
  #partsLeft = PARTS_MAX;

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** @param around the schemas that it lies in, the outermost first */
  check(schema: unknown, at: string, around: readonly Schema[]): void {
    this.#partsLeft -= 1;
    if (around.length > DEPTH_MAX) refuse(at, `lies deeper than ${DEPTH_MAX} levels`);
    if (this.#partsLeft < 0) refuse(at, `is one of more than ${PARTS_MAX} parts`);
    if (typeof schema === "boolean") return;
    if (!isRecord(schema)) return this.#isStrict ? refuse(at, "is no object") : undefined;
    const within = [...around, schema];
    if (isList(schema["enum"]) && schema["enum"].length > CHOICES_MAX) {
      refuse(at, `has an enum of more than ${CHOICES_MAX}`);
    }
    if (this.#isStrict) checkRules(schema, at, within);
    for (const [name, part] of partsOf(schema)) this.check(part, `${at}.${name}`, within);
  }
}

function checkRules(schema: Schema, at: string, within: readonly Schema[]): void {
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) refuse(at, `uses the keyword "${unknown}"`);
  const count = COUNTS.find((keyword) => schema[keyword] !== undefined && !isCount(schema[keyword]));
  if (count !== undefined) refuse(at, `has a ${count} that is not a whole number up to ${COUNT_MAX}`);
  for (const key of ["properties", "$defs", "definitions"]) {
    if (schema[key] !== undefined && !isRecord(schema[key])) refuse(at, `has ${key} that are no object`);
  }
  for (const key of ["enum", "oneOf", "anyOf", "allOf", "prefixItems"]) {
    if (schema[key] !== undefined && !isList(schema[key])) refuse(at, `has ${key} that is no list, or an empty one`);
  }
  checkKind(schema, at, within);
  checkNumbers(schema, at);
  checkObject(schema, at);
  if (schema["uniqueItems"] === true) refuse(at, "asks for items that differ");
}

function checkKind(schema: Schema, at: string, within: readonly Schema[]): void {
  const { $ref: ref, type, format, oneOf, anyOf, allOf, const: constant, enum: choices } = schema;
  if (ref !== undefined) {
    const isThere = isRecord(referred(ref, within));
    return isThere ? undefined : refuse(at, `refers to ${JSON.stringify(ref)}, which is not below $defs`);
  }
  if (format !== undefined && !isFormat(format)) refuse(at, `asks for the format ${JSON.stringify(format)}`);
  if (constant !== undefined || choices !== undefined) return;
  const kinds = [oneOf, anyOf, allOf, schema["properties"]].filter((kind) => kind !== undefined);
  if (kinds.length > 1) refuse(at, "has alternatives beside other rules");
  if (isList(allOf) && (allOf.length > 1 || type !== undefined)) refuse(at, "has an allOf of more than one");
  if (oneOf !== undefined || anyOf !== undefined || allOf !== undefined) return;
  if (type === "object" || type === "array" || (type === undefined && !hasRules(schema))) return;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const allScalar = types.length > 0 && types.every((one) => typeof one === "string" && SCALARS.has(one));
  if (!allScalar) refuse(at, `has the type ${JSON.stringify(type) ?? "undefined"}`);
}

/** Whoever says nothing takes anything. */
const hasRules = (schema: Schema): boolean =>
  saysItsKind(schema) || [...BOUNDS, ...COUNTS, "format"].some((key) => schema[key] !== undefined);

function checkNumbers(schema: Schema, at: string): void {
  const odd = BOUNDS.find((key) => schema[key] !== undefined && !Number.isInteger(schema[key]));
  if (odd !== undefined) refuse(at, `has a ${odd} that is no whole number`);
  const bounds = boundsOf(schema);
  const types = [schema["type"]].flat();
  if (types.includes("integer") && integerGrammar(bounds) === undefined) refuse(at, "leaves no number");
  if (types.includes("number") && numberGrammar(bounds) === undefined) refuse(at, "leaves no number");
}

/** Entries are counted where it is known how many there are. */
function checkObject(schema: Schema, at: string): void {
  const { propertyNames, minProperties, maxProperties } = schema;
  const names = recordOf(propertyNames);
  const saysMore = propertyNames !== undefined && (Object.keys(names).length > 1 || names["type"] !== "string");
  if (saysMore) refuse(at, "has rules for the names of properties");
  if (minProperties === undefined && maxProperties === undefined) return;
  const required: readonly unknown[] = isList(schema["required"]) ? schema["required"] : [];
  const optional = Object.keys(recordOf(schema["properties"])).find((name) => !required.includes(name));
  if (optional !== undefined) refuse(at, "counts properties that may be left out");
}

function partsOf(schema: Schema): [string, unknown][] {
  const parts: [string, unknown][] = [];
  for (const key of ["properties", "$defs", "definitions"]) parts.push(...Object.entries(recordOf(schema[key])));
  for (const key of ["oneOf", "anyOf", "allOf", "prefixItems"]) {
    const list = schema[key];
    if (isList(list)) parts.push(...list.map((part, index): [string, unknown] => [`${key}[${index}]`, part]));
  }
  for (const key of ["items", "additionalProperties"]) if (schema[key] !== undefined) parts.push([key, schema[key]]);
  return parts;
}

const cut = (text: string): string => (text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text);

function refuse(at: string, why: string): never {
  const [place, reason] = [cut(at), cut(why)];
  throw new RbeeError("schema.unsupported", `The schema at ${place} ${reason}.`, { at: place });
}
