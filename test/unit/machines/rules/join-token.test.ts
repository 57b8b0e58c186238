/**
 * Goal: a join token lets in one machine, in its ten minutes, and nobody else.
 *
 * @see machines/rules/join-token.ts, JT1 JT2
 * @module
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isOver, type JoinTokenRow, spend, TOKEN_LIFE_MS } from "../../../../machines/rules/join-token.ts";

const AT = 1_000_000_000;
const DESK = { name: "desk", key: "11" };
const row: JoinTokenRow = { id: "t1", hash: "00", createdAt: AT };

test("JT1 it lasts ten minutes, and a clock that is set back by more than that ends it", () => {
  expect(TOKEN_LIFE_MS).toBe(10 * 60_000);
  const over = (afterMs: number): boolean => isOver(row, AT + afterMs);
  expect([over(0), over(TOKEN_LIFE_MS - 1), over(1 - TOKEN_LIFE_MS)]).toEqual([false, false, false]);
  expect([over(TOKEN_LIFE_MS), over(-TOKEN_LIFE_MS)]).toEqual([true, true]);
  expect(spend(row, DESK, AT + TOKEN_LIFE_MS)).toContain("ended");
  expect(spend({ ...row, spent: DESK }, DESK, AT + TOKEN_LIFE_MS)).toContain("ended");
});

test("JT2 whoever comes and however often, one joins: the first, and it is given its answer again", () => {
  const joiner = fc.record({ name: fc.constantFrom("desk", "lamp"), key: fc.constantFrom("11", "22") });
  fc.assert(
    fc.property(fc.array(joiner, { minLength: 1 }), (comers) => {
      let stands: JoinTokenRow | undefined = row;
      for (const comer of comers) {
        const spent = spend(stands, comer, AT);
        const isFirst = comer.name === comers[0]?.name && comer.key === comers[0]?.key;
        expect(typeof spent).toBe(isFirst ? "object" : "string");
        if (typeof spent !== "string") stands = spent;
      }
      expect(stands.spent).toEqual(comers[0]);
    }),
  );
  expect(spend(undefined, DESK, AT)).toContain("no such token");
});
