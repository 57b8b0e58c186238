/**
 * CP1 of copy.ts: what a wire of the simulation gives is what the codec would give, and nothing of it is shared.
 *
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { pack, unpack } from "../../src/runtime/journal.ts";
import { copyOf } from "./copy.ts";

const leaf = fc.oneof(
  fc.string(),
  // The codec does not tell -0 from 0.
  fc.double({ noNaN: true }).map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.uint8Array(),
);
const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("plain")),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("plain"),
      { noNullPrototype: true },
    ),
  ),
}));

/** Every object and array in it. */
function partsOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (value instanceof Uint8Array) return [value];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

test.prop([plain])("CP1 a copy is what the codec would give back, and shares no part", (value) => {
  const copy = copyOf(value);
  expect(copy).toEqual(unpack(pack(value)));
  const parts = new Set(partsOf(value));
  expect(partsOf(copy).filter((part) => parts.has(part))).toEqual([]);
});

test.prop([plain])("CP1 what the codec refuses is refused", (value) => {
  const odd = Symbol("none");
  for (const given of [odd, [value, odd], { value, odd }]) {
    expect(() => pack(given)).toThrow(/symbol/i);
    expect(() => copyOf(given)).toThrow(/symbol/i);
  }
});
