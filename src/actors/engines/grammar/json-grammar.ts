/**
 * A JSON schema as a grammar, in the notation that the sampler is held to.
 *
 * Owns what each keyword means for the text. Which schemas may be asked for is json-schema.ts; a keyword that this does
 * not know holds nothing here.
 *
 *  JG1 Every text of the grammar is a document that the known keywords of the schema allow.
 *  JG2 Properties come in the order given; one that is not required may be left out.
 *  JG3 An object with properties has no others, unless additionalProperties says so; one that names none has any.
 *
 * @module
 */
import { isCount, isList, isRecord, recordOf, type Schema } from "./json-parts.ts";
import { type Bounds, integerGrammar, numberGrammar } from "./number-grammar.ts";

const REF = /^#\/(\$defs|definitions)\/([^/]+)$/;

/** Ends every document, so that a model that will not stop is stopped. */
export const DOCUMENT_END = "\n\n\n\n";

/** `char` of a string. A line break and its indentation are as models write them, and no more. */
const COMMON = [
  `ws ::= | " " | "\\n" [ \\t]{0,32}`,
  `char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})`,
  `text ::= "\\"" char* "\\""`,
  `any ::= text | number | "true" | "false" | "null" | anyarray | anyobject`,
  `number ::= ${numberGrammar({})}`,
  `anyarray ::= "[" ws (any ("," ws any)*)? ws "]"`,
  `anyobject ::= "{" ws (text ":" " "? any ("," ws text ":" " "? any)*)? ws "}"`,
];

const DATE = `[0-9]{4} "-" ("0" [1-9] | "1" [012]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])`;
const CLOCK = `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{3})?`;
const ZONE = `("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])`;
const HEX = "[0-9a-f]";
const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: `${CLOCK} ${ZONE}`,
  "date-time": `${DATE} "T" ${CLOCK} ${ZONE}`,
  uuid: [8, 4, 4, 4, 12].map((count) => `${HEX}{${count}}`).join(` "-" `),
};
export const isFormat = (format: unknown): boolean => typeof format === "string" && Object.hasOwn(FORMATS, format);

/** @param instead what may stand in place of a document, as it is */
export const grammarOf = (schema: unknown, instead: readonly string[] = []): string =>
  new Rules(schema, instead).grammar;

/** What a reference names, of the schemas that are around it; nothing where it names none. */
export function referred(ref: unknown, around: readonly Schema[]): unknown {
  if (ref === "#") return around[0];
  const [, place = "", escaped = ""] = (typeof ref === "string" && REF.exec(ref)) || [];
  const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
  const holder = around.findLast((schema) => Object.hasOwn(recordOf(schema[place]), name));
  return holder && recordOf(holder[place])[name];
}

class Rules {
  readonly #rules: string[] = [];
  /** Each expression has one rule, and so has what is referred to, also where it refers to itself. */
  readonly #names = new Map<string, string>();
  readonly #references = new Map<unknown, string>();

  constructor(schema: unknown, instead: readonly string[]) {
    const document = `(${this.#value(schema, [])}) ${JSON.stringify(DOCUMENT_END)} [\\n]*`;
    const roots = [document, ...instead.map((text) => JSON.stringify(text))];
    this.#rules.unshift(`root ::= ${roots.join(" | ")}`, ...COMMON);
  }

  get grammar(): string {
    return this.#rules.join("\n");
  }

  /** @param around the schemas that it lies in, the outermost first */
  #value(schema: unknown, around: readonly Schema[]): string {
    if (!isRecord(schema)) return "any";
    const within = [...around, schema];
    const { $ref: ref, const: constant, enum: choices, oneOf, anyOf = oneOf, allOf, type } = schema;
    if (ref !== undefined) return this.#reference(ref, within);
    if (constant !== undefined) return literal(constant);
    if (isList(choices)) return choices.map(literal).join(" | ");
    if (isList(anyOf) && (type === undefined || anyOf.every(saysItsKind))) {
      return anyOf.map((one) => this.#rule(one, within)).join(" | ");
    }
    if (isList(allOf)) return this.#all(schema, allOf, around);
    const types: readonly unknown[] = Array.isArray(type) ? type : [type ?? impliedType(schema)];
    return types.map((one) => this.#ofType(one, schema, within)).join(" | ");
  }

  #rule(schema: unknown, around: readonly Schema[]): string {
    return this.#named(this.#value(schema, around));
  }

  #named(expression: string): string {
    if (/^\w*$/.test(expression)) return expression;
    const name = this.#names.get(expression) ?? `r${this.#names.size}`;
    if (!this.#names.has(expression)) this.#rules.push(`${name} ::= ${expression}`);
    this.#names.set(expression, name);
    return name;
  }

  #reference(ref: unknown, around: readonly Schema[]): string {
    const target = referred(ref, around);
    if (target === undefined) return "any";
    const known = this.#references.get(target);
    if (known !== undefined) return known;
    const name = `ref${this.#references.size}`;
    this.#references.set(target, name);
    this.#rules.push(`${name} ::= ${this.#value(target, around)}`);
    return name;
  }

  /** One stands for itself; of several objects the properties are put together. */
  #all(schema: Schema, parts: readonly unknown[], around: readonly Schema[]): string {
    const { allOf: _, ...own } = schema;
    const within = [...around, schema];
    if (parts.length === 1 && !saysItsKind(own)) return this.#rule(parts[0], within);
    const all = [own, ...parts.map((part) => recordOf(referred(recordOf(part)["$ref"], within) ?? part))];
    const properties = Object.assign({}, ...all.map((one) => recordOf(one["properties"])));
    const required = all.flatMap((one) => (isList(one["required"]) ? one["required"] : []));
    const { allOf: _nested, ...together } = Object.assign({}, ...all);
    return this.#value({ ...together, type: "object", properties, required }, around);
  }

  #ofType(type: unknown, schema: Schema, within: readonly Schema[]): string {
    switch (type) {
      case "string":
        return stringGrammar(schema);
      case "integer":
        return integerGrammar(boundsOf(schema)) ?? "number";
      case "number":
        return numberGrammar(boundsOf(schema)) ?? "number";
      case "boolean":
        return `"true" | "false"`;
      case "null":
        return `"null"`;
      case "array":
        return this.#array(schema, within);
      case "object":
        return this.#object(schema, within);
      default:
        return "any";
    }
  }

  #array({ items, prefixItems, minItems, maxItems }: Schema, within: readonly Schema[]): string {
    const heads = isList(prefixItems) ? prefixItems.map((one) => this.#rule(one, within)) : [];
    const counts = rest(minItems, maxItems, heads.length);
    const one = items === false ? "" : this.#rule(items, within);
    const inside = heads.length === 0 ? listOf(one, counts) : `${heads.join(` "," ws `)} ${following(one, counts)}`;
    return `"[" ws ${inside} ws "]"`;
  }

  /** JG2, JG3. */
  #object(schema: Schema, within: readonly Schema[]): string {
    const { properties, required, additionalProperties: others = properties === undefined } = schema;
    const entries = Object.entries(recordOf(properties));
    const isRequired = (name: string): boolean => isList(required) && required.includes(name);
    const counts = entries.every(([name]) => isRequired(name))
      ? rest(schema["minProperties"], schema["maxProperties"], entries.length)
      : NO_COUNTS;
    const other = others === false ? "" : this.#named(`text ":" " "? ${this.#rule(others, within)}`);
    // From the last to the first: what follows an entry, and what stands where none is yet.
    let behind = following(other, counts);
    let alone = entries.length === 0 ? listOf(other, counts) : listOf(other, NO_COUNTS);
    for (const [name, property] of entries.toReversed()) {
      const entry = this.#named(`${literal(name)} ":" " "? ${this.#rule(property, within)}`);
      const tail = this.#named(behind);
      alone = isRequired(name) ? `${entry} ${tail}` : `(${entry} ${tail} | ${alone})`;
      behind = `("," ws ${entry})${isRequired(name) ? "" : "?"} ${tail}`;
    }
    return `"{" ws ${alone} ws "}"`;
  }
}

/** How many more there may be. */
interface Counts {
  readonly least: number;
  readonly most: number | undefined;
}

const NO_COUNTS: Counts = { least: 0, most: undefined };

const rest = (least: unknown, most: unknown, given: number): Counts => ({
  least: Math.max(0, (countOf(least) ?? 0) - given),
  most: countOf(most) === undefined ? undefined : Math.max(0, (countOf(most) ?? 0) - given),
});

function listOf(one: string, { least, most }: Counts): string {
  if (one === "" || most === 0) return "";
  const more = following(one, { least: Math.max(0, least - 1), most: most && most - 1 });
  return least > 0 ? `${one} ${more}` : `(${one} ${more})?`;
}

const following = (one: string, { least, most }: Counts): string =>
  one === "" || most === 0 ? "" : `("," ws ${one}){${least},${most ?? ""}}`;

function stringGrammar({ format, minLength, maxLength }: Schema): string {
  const form = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (form !== undefined) return `"\\"" ${form} "\\""`;
  const [least, most] = [countOf(minLength) ?? 0, countOf(maxLength)];
  return least === 0 && most === undefined ? "text" : `"\\"" char{${least},${most ?? ""}} "\\""`;
}

/** A bound between two whole numbers is that of the wider range. */
export function boundsOf(schema: Schema): Bounds {
  const bound = (key: string): number | undefined => {
    const value = schema[key];
    return typeof value === "number" ? value : undefined;
  };
  const [min, above] = [bound("minimum"), bound("exclusiveMinimum")];
  const [max, below] = [bound("maximum"), bound("exclusiveMaximum")];
  const isMinOpen = above !== undefined && above >= (min ?? -Infinity);
  const isMaxOpen = below !== undefined && below <= (max ?? Infinity);
  const [low, high] = [isMinOpen ? above : min, isMaxOpen ? below : max];
  return {
    min: low && Math.floor(low),
    max: high && Math.ceil(high),
    isMinOpen: isMinOpen && Number.isInteger(low),
    isMaxOpen: isMaxOpen && Number.isInteger(high),
  };
}

function impliedType(schema: Schema): string {
  if (schema["properties"] !== undefined) return "object";
  return schema["items"] === undefined ? "any" : "array";
}

const KINDS = ["type", "$ref", "const", "enum", "oneOf", "anyOf", "allOf", "properties", "items"];
export const saysItsKind = (schema: unknown): boolean =>
  isRecord(schema) && KINDS.some((key) => schema[key] !== undefined);

const literal = (value: unknown): string => JSON.stringify(JSON.stringify(value));
const countOf = (value: unknown): number | undefined => (isCount(value) ? value : undefined);
