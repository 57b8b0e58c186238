/**
 * Goal: the door has as many connections as the machine has room for, and never those that the node itself needs.
 * Cites CN1 of src/hosts/seats/connections.ts.
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { connectionsMax } from "../../../../src/hosts/seats/connections.ts";
import { descriptorsMax } from "../../../../src/hosts/real/kernel.ts";

const descriptors = fc.integer({ min: 1_024, max: 10_000_000 });
const asked = fc.oneof(fc.constant("auto" as const), fc.integer({ min: 16, max: 1_000_000 }));

test.prop([asked, descriptors])("CN1 768 descriptors are left to the node, whatever was asked for", (wanted, has) => {
  expect(has - connectionsMax(wanted, has)).toBeGreaterThanOrEqual(768);
});

test.prop([fc.integer({ min: 16, max: 1_000_000 })])(
  "what was asked for is what there is where there is room",
  (wanted) => {
    expect(connectionsMax(wanted, wanted + 768)).toBe(wanted);
  },
);

test.each([
  [1_024, 256],
  [20_000, 10_000],
  [1_048_576, 65_536],
  [undefined, 896],
])("auto of %s descriptors takes half, as far as there is room: %s", (has, max) => {
  expect(connectionsMax("auto", has)).toBe(max);
});

test("a process knows how many descriptors it may have", () => {
  const known = descriptorsMax();
  if (process.platform === "linux") expect(known).toBeGreaterThan(0);
  else expect(known).toBeUndefined();
});
