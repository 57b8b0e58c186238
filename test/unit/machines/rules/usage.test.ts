/**
 * Goal: what models took is summed exactly, and where nobody bills anything there is no money.
 *
 * @see machines/rules/usage.ts, US1 US2
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_USAGE, plus, priced, UNTOLD, type Usage } from "../../../../machines/rules/usage.ts";

const tokens = fc.nat(1_000_000);
const usage: fc.Arbitrary<Usage> = fc.record(
  { promptTokens: tokens, completionTokens: tokens, costMicros: tokens },
  { requiredKeys: ["promptTokens", "completionTokens"] },
);

describe("what models took", () => {
  test("US1 is the same sum in whatever order, and nothing is lost of it", () => {
    fc.assert(
      fc.property(fc.array(usage), (all) => {
        const sum = all.reduce(plus, NO_USAGE);
        expect(all.toReversed().reduce(plus, NO_USAGE)).toEqual(sum);
        expect(sum.promptTokens).toBe(all.reduce((so, { promptTokens }) => so + promptTokens, 0));
        const billed = all.flatMap(({ costMicros }) => costMicros ?? []);
        expect(sum.costMicros).toBe(billed.length === 0 ? undefined : billed.reduce((so, one) => so + one, 0));
      }),
    );
  });

  test("US1 is priced for a million tokens, in whole millionths, and not at all where nobody bills it", () => {
    const said = { promptTokens: 1_000_000, completionTokens: 3 };
    expect(priced(said, { input: 2.5, output: 0.1 }).costMicros).toBe(2_500_001);
    expect(priced(said, { input: 0, output: 0 }).costMicros).toBe(0);
    expect(priced(said, undefined)).toEqual(said);
  });

  test("US2 with something of which nobody knows all it is the least, wherever that comes, and is priced as that", () => {
    const known = { promptTokens: 3, completionTokens: 2 };
    expect([plus(known, UNTOLD), plus(UNTOLD, known)]).toEqual([
      { ...known, isPart: true },
      { ...known, isPart: true },
    ]);
    expect(plus(known, NO_USAGE)).toEqual(known);
    expect(priced(plus(known, UNTOLD), { input: 1, output: 1 })).toEqual({ ...known, costMicros: 5, isPart: true });
  });
});
