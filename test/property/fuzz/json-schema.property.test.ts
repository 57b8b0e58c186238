/**
 * Goal: whatever a client gives as a JSON schema, it is one that the grammar can hold, or refused with
 *       schema.unsupported and a sentence that a person can read; in bounded time and memory.
 * Method: values of any shape, schemas that are nearly right, and schemas made to hurt: deep, wide, going in circles.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkSchema } from "../../../src/actors/engines/grammar/json-schema.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import { stopwatch } from "../../support/children.ts";
import { anyValue } from "./hostile.ts";
import { within } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const MESSAGE_CHARS_MAX = 1_000;
const ONE_CHECK_MS = 2_000;

const keyword = fc.constantFrom(
  ..."type const enum oneOf $ref $defs properties required additionalProperties items prefixItems format".split(" "),
  ..."minProperties maxItems minLength title description pattern allOf not __proto__ constructor".split(" "),
);
const words = fc.oneof(
  anyValue,
  fc.constantFrom("string", "object", "array", "#/$defs/a", "date", "null", -1, 2001, 1e9),
);
const part = fc.dictionary(keyword, words, { maxKeys: 4 });
const layer = (inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.dictionary(keyword, fc.oneof(words, inner, fc.array(inner, { maxLength: 2 })), { maxKeys: 4 });
const nearly = layer(layer(layer(part)));

const nested = (depth: number, wrap: (inner: object) => object): object => {
  let schema: object = { type: "string" };
  for (let level = 0; level < depth; level += 1) schema = wrap(schema);
  return schema;
};
const many = (count: number, prefix: string): Record<string, object> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, { type: "string" }]));

const depth = fc.constantFrom(10, 40, 1_000, 100_000);
const width = fc.constantFrom(10, 1_000, 4_000);
const hurting = fc.oneof(
  depth.map((levels) => nested(levels, (inner) => ({ type: "object", properties: { a: inner } }))),
  depth.map((levels) => nested(levels, (inner) => ({ type: "array", items: inner }))),
  depth.map((levels) => nested(levels, (inner) => ({ oneOf: [inner] }))),
  depth.map((levels) => nested(levels, (inner) => ({ $defs: { a: inner }, $ref: "#/$defs/a" }))),
  width.map((count) => ({ type: "object", properties: many(count, "p") })),
  width.map((count) => ({ $defs: many(count, "d"), type: "object", properties: many(count, "p") })),
  width.map((count) => ({ enum: Array.from({ length: count }, (_, index) => `choice ${index}`) })),
  width.map((count) => ({ oneOf: Array.from({ length: count }, () => ({ type: "string" })) })),
  width.map((count) => ({ type: Array.from({ length: count }, () => "string") })),
  width.map((count) => ({ [`k${"x".repeat(count * 250)}`]: 1 })),
  width.map((count) => ({ type: "x".repeat(count * 250) })),
  width.map((count) => ({ $ref: `#/$defs/${"x".repeat(count * 250)}` })),
);

function check(schema: unknown): void {
  const elapsedMs = stopwatch();
  try {
    checkSchema(schema);
  } catch (thrown) {
    const { code, message, details } = errorData(thrown);
    expect(code, message.slice(0, 200)).toBe("schema.unsupported");
    expect(message.length).toBeLessThan(MESSAGE_CHARS_MAX);
    expect(String(details?.["at"]).length).toBeLessThan(MESSAGE_CHARS_MAX);
  }
  expect(elapsedMs(), "ms for one check").toBeLessThan(ONE_CHECK_MS);
}

describe("a JSON schema of anything", () => {
  test(`any value is a schema that can be held, or schema.unsupported (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(fc.property(fc.oneof(anyValue, nearly), check), { numRuns: 1_000 }),
    ));

  test(`one that is made to hurt is refused or held as quickly as another (seed ${SEED})`, () =>
    within({ ms: 60_000, mebibytes: 256 }, () => fc.assert(fc.property(hurting, check), { numRuns: 80 })));
});
