/**
 * Goal: a text that is held to a schema is a document of it, and no document that a client may want is kept out.
 * Method: the grammars as text, read by a small recogniser; documents made by them are checked by zod, which reads JSON
 *         schemas too.
 *
 * @see src/actors/engines: json-grammar.ts, JG1 to JG3; number-grammar.ts, NG1; json-schema.ts, JS1 JS2
 * @module
 */
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { DOCUMENT_END, grammarOf } from "../../../../../src/actors/engines/grammar/json-grammar.ts";
import { checkedParameters, checkSchema } from "../../../../../src/actors/engines/grammar/json-schema.ts";
import { integerGrammar, numberGrammar } from "../../../../../src/actors/engines/grammar/number-grammar.ts";
import { Gbnf } from "../../../../support/gbnf.ts";

const taken = (schema: object): ((document: unknown) => boolean) => {
  const grammar = new Gbnf(grammarOf(schema));
  return (document) =>
    [JSON.stringify(document), JSON.stringify(document, null, 2)].every((text) => grammar.matches(text + DOCUMENT_END));
};

const optional = {
  type: "object",
  properties: { a: { type: "boolean" }, b: { type: "null" }, c: { type: "boolean" } },
  required: ["b"],
};
const tree = {
  $defs: {
    node: {
      type: "object",
      properties: { of: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
      required: ["of"],
    },
  },
  $ref: "#/$defs/node",
};
const counted = {
  ...{ type: "object", properties: { a: { type: "boolean" } }, required: ["a"] },
  ...{ additionalProperties: { type: "integer" }, minProperties: 2, maxProperties: 3 },
};
const pair = {
  type: "array",
  prefixItems: [{ type: "string" }, { type: "null" }],
  minItems: 2,
  maxItems: 3,
  items: {},
};

describe("documents of a schema", () => {
  test.each<[string, object, readonly unknown[], readonly unknown[]]>([
    [
      "JG2 what is not required may be left out, in the order given",
      optional,
      [{ b: null }, { a: true, b: null }, { b: null, c: false }, { a: true, b: null, c: true }],
      [{}, { a: true }, { b: null, a: true }, { b: null, d: 1 }, { a: 1, b: null }],
    ],
    ["JG2 nothing is required", { type: "object", properties: { a: {} } }, [{}, { a: [1] }], [{ b: 1 }]],
    ["JG3 an object that names no property has any", { type: "object" }, [{}, { a: { b: [1, "x"] } }], [1]],
    ["JG3 an object with no property at all has none", { type: "object", properties: {} }, [{}], [{ a: 1 }]],
    [
      "properties are counted",
      counted,
      [{ a: true, b: 1 }],
      [{ a: true }, { a: true, b: 1, c: 2, d: 3 }, { a: true, b: "x" }],
    ],
    ["a schema refers to itself", tree, [{ of: null }, { of: { of: null } }], [{ of: 1 }, {}]],
    ["the root is referred to", { type: "array", items: { $ref: "#" } }, [[], [[], [[]]]], [[1]]],
    ["one of all stands for itself", { allOf: [{ type: "boolean" }], description: "d" }, [true], ["true"]],
    [
      "a list has its heads first",
      pair,
      [
        ["a", null],
        ["a", null, 1],
      ],
      [["a"], [null, "a"], ["a", null, 1, 1]],
    ],
    ["a text has its length", { type: "string", minLength: 2, maxLength: 3 }, ["ab", 'a"b'], ["a", "abcd"]],
    ["a text has its form", { type: "string", format: "uuid" }, ["123e4567-e89b-12d3-a456-426614174000"], ["123e"]],
    ["whoever says nothing takes anything", {}, [1, "a", null, [{}], { a: -1.5e3 }], []],
    ["a choice is one of these", { enum: ["a", 1, null, 'é"\n'] }, ["a", 1, null, 'é"\n'], ["b", 2]],
    ["a list of types is one of these", { type: ["integer", "null"] }, [1, null], ["1", 1.5]],
  ])("JG1 %s", (_what, schema, documents, others) => {
    checkSchema(schema);
    const isTaken = taken(schema);
    expect(documents.filter((document) => !isTaken(document))).toEqual([]);
    expect(others.filter(isTaken)).toEqual([]);
  });

  const scalar = fc.constantFrom<object>(
    ...[{ type: "boolean" }, { type: "integer", minimum: -3, maximum: 120 }, { type: ["string", "null"] }],
    ...[
      { enum: ["x", 7, null] },
      { type: "number", exclusiveMinimum: 0 },
      { type: "string", maxLength: 4 },
      { const: "c" },
    ],
  );
  const layer = (inner: fc.Arbitrary<object>): fc.Arbitrary<object> =>
    fc.oneof(
      inner,
      fc.record({ type: fc.constant("array"), items: inner, maxItems: fc.integer({ min: 0, max: 3 }) }),
      fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.tuple(fc.array(inner, { maxLength: 4 }), fc.integer({ min: 0, max: 15 })).map(([all, bits]) => {
        const named = all.map((schema, index): [string, object] => [`p${index}`, schema]);
        const required = named.map(([name]) => name).filter((_, index) => (bits >> index) % 2 === 1);
        return { type: "object", properties: Object.fromEntries(named), required, additionalProperties: false };
      }),
    );

  prop.prop([layer(layer(scalar)), fc.infiniteStream(fc.nat({ max: 1_000 }))])(
    "JG1 whatever the grammar makes is a document of the schema",
    (schema, chances) => {
      checkSchema(schema);
      const choose = (count: number): number => Number(chances.next().value ?? 0) % count;
      const text = new Gbnf(grammarOf(schema)).sample(choose).trimEnd();
      expect(z.fromJSONSchema(schema).safeParse(JSON.parse(text)).error, text).toBeUndefined();
    },
  );
});

describe("numbers", () => {
  const matches = (expression: string | undefined, value: number): boolean =>
    expression !== undefined && new Gbnf(`root ::= ${expression}`).matches(String(value));
  const bound = fc.option(fc.oneof(fc.integer({ min: -1_200, max: 1_200 }), fc.maxSafeInteger()), { nil: undefined });
  const bounds = fc.record({ min: bound, max: bound, isMinOpen: fc.boolean(), isMaxOpen: fc.boolean() });
  const isWithin = ({ min = -Infinity, max = Infinity, isMinOpen, isMaxOpen }: Bounds, value: number): boolean =>
    (isMinOpen ? value > min : value >= min) && (isMaxOpen ? value < max : value <= max);
  type Bounds = Readonly<{
    min?: number | undefined;
    max?: number | undefined;
    isMinOpen: boolean;
    isMaxOpen: boolean;
  }>;

  prop.prop([bounds, fc.integer({ min: -1_300, max: 1_300 }), fc.boolean()])(
    "NG1 a whole number is matched just when it lies between the bounds",
    (given, anywhere, isNear) => {
      const near = isNear ? (given.min ?? given.max ?? 0) + (anywhere % 3) : anywhere;
      const value = Math.abs(near) < 1e15 ? near : anywhere;
      expect(matches(integerGrammar(given), value)).toBe(isWithin(given, value));
      expect(matches(numberGrammar(given), value)).toBe(isWithin(given, value));
    },
  );

  prop.prop([bounds, fc.integer({ min: -13_000, max: 13_000 })])(
    "NG1 and so is a fraction, where one may be",
    (given, tenths) => {
      const value = tenths / 10;
      expect(matches(numberGrammar(given), value)).toBe(isWithin(given, value));
      if (!Number.isInteger(value)) expect(matches(integerGrammar(given), value)).toBe(false);
    },
  );
});

describe("what cannot be held", () => {
  test.each<[string, object]>([
    ["a keyword nobody knows", { type: "string", pattern: "a+" }],
    ["a form nobody knows", { type: "string", format: "email" }],
    ["a bound that is no whole number", { type: "number", minimum: 0.5 }],
    ["bounds that leave nothing", { type: "integer", minimum: 2, maximum: 1 }],
    ["items that differ", { type: "array", items: { type: "null" }, uniqueItems: true }],
    ["several at once", { allOf: [{ type: "string" }, { maxLength: 3 }] }],
    ["alternatives beside properties", { anyOf: [{ type: "null" }], properties: {} }],
    ["a count of what may be left out", { type: "object", properties: { a: {} }, maxProperties: 1 }],
    ["rules for names", { type: "object", propertyNames: { type: "string", maxLength: 3 } }],
    ["a reference to nowhere", { $ref: "#/$defs/none" }],
  ])("JS1 JS2 %s is refused where it is asked for, and left to the caller of a function", (_what, rule) => {
    expect(() => checkSchema(rule)).toThrow(expect.objectContaining({ code: "schema.unsupported" }));
    const parameters = { type: "object", properties: { a: rule }, required: ["a"] };
    const refused = (): object => checkedParameters({ parameters, strict: true });
    expect(refused).toThrow(expect.objectContaining({ code: "schema.unsupported", details: { at: "$.a" } }));
    expect(checkedParameters({ parameters })).toEqual(parameters);
    expect(new Gbnf(grammarOf(parameters)).sample(() => 0)).toMatch(/^\{"a":/);
  });

  test("JS3 what is too large is refused, held or not", () => {
    let deep: object = { type: "string" };
    for (let level = 0; level < 40; level += 1) deep = { type: "array", items: deep };
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, {}]));
    for (const properties of [{ deep }, wide, { long: { description: "d".repeat(40_000) } }]) {
      const given = { parameters: { type: "object", properties } };
      expect(() => checkedParameters(given)).toThrow(expect.objectContaining({ code: "schema.unsupported" }));
    }
  });
});
