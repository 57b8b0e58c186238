/**
 * Goal: whatever a request says of where it comes from, it is a short plain name and a trace of the standard's form, or
 * nothing.
 *
 * @see src/net/caller.ts, CA1 CA2
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestIdOf, traceparentOf } from "../../../src/net/caller.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const STEP = "b7ad6b7169203331";

describe("the name of a request", () => {
  test("CA1 is what its sender says where that is short and plain, and fresh each time where it is not", () => {
    for (const own of ["a", "req_0/1:2+3=4@5.6-7", "x".repeat(128)]) expect(requestIdOf(own)).toBe(own);
    expect(requestIdOf(undefined)).not.toBe(requestIdOf(undefined));
    fc.assert(
      fc.property(fc.string(), (given) => {
        expect(requestIdOf(given)).toMatch(/^[\w.:+/=@-]{1,128}$/);
      }),
    );
    for (const odd of ["", "two words", "x".repeat(129), "a\nb", "a\n", "ü", ["a", "b"]]) {
      expect(requestIdOf(odd)).toMatch(/^req_[0-9a-f-]{36}$/);
    }
  });
});

describe("the context of a trace", () => {
  test("CA2 is kept as the standard has it, of a later version what every version has", () => {
    expect(traceparentOf(`00-${TRACE}-${STEP}-01`)).toBe(`00-${TRACE}-${STEP}-01`);
    expect(traceparentOf(`cc-${TRACE}-${STEP}-01-what-will-be`)).toBe(`cc-${TRACE}-${STEP}-01`);
  });

  test.each([
    undefined,
    "",
    `00-${TRACE}-${STEP}`,
    `00-${TRACE}-${STEP}-01-more`,
    `00-${TRACE.toUpperCase()}-${STEP}-01`,
    `00-${"0".repeat(32)}-${STEP}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `ff-${TRACE}-${STEP}-01`,
    `cc-${TRACE}-${STEP}-01.more`,
    ` 00-${TRACE}-${STEP}-01`,
  ])("CA2 %j is none", (given) => {
    expect(traceparentOf(given)).toBeUndefined();
  });
});
