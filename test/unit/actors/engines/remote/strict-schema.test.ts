/**
 * Goal: a server is asked for what the engine of this machine would hold a text to.
 *
 * @see src/actors/engines/remote/strict-schema.ts, SC1
 * @module
 */
import { expect, test } from "vitest";
import { strictSchema } from "../../../../../src/actors/engines/remote/strict-schema.ts";
import { loaded } from "../../../../support/remote-stage.ts";

const inner = { type: "object", properties: { a: { type: "string" } } };
const strictInner = { ...inner, required: ["a"], additionalProperties: false };

test("SC1 every property is required and no other allowed, wherever an object stands", () => {
  expect(strictSchema(inner)).toEqual(strictInner);
  expect(strictSchema({ type: "object" })).toEqual({
    type: "object",
    properties: {},
    required: [],
    additionalProperties: false,
  });
  const around = (part: object) => ({
    type: "object",
    properties: {
      list: { type: "array", items: part },
      either: { oneOf: [part, { type: "null" }] },
      both: { allOf: [part] },
    },
    $defs: { part },
    definitions: { any: { anyOf: [part] } },
    additionalProperties: part,
  });
  expect(strictSchema(around(inner))).toEqual({ ...around(strictInner), required: ["list", "either", "both"] });
});

test("SC1 what the schema allows by itself stays allowed, and values are no schemas", () => {
  const open = { type: "object", additionalProperties: true };
  expect(strictSchema(open)).toEqual({ ...open, properties: {}, required: [] });
  for (const value of [{ enum: [inner] }, { const: inner }, { type: "string", default: inner }]) {
    expect(strictSchema(value)).toEqual(value);
  }
});

test.each(["openai", "ollama"] as const)("SC1 that is what %s is asked for", async (dialect) => {
  const { generate, served } = await loaded({ dialect });
  await generate({ jsonSchema: inner, maxTokens: 200 });
  expect(served.work.at(-1)?.body).toContain(JSON.stringify(["a"]));
});
