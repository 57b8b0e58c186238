/**
 * Goal: no order of answers, failures, votes, words, ticks and crashes breaks a promise of a discussion's log.
 * Method: every discussion of a small size, breadth first; each event judged by the checker that shares no code.
 *
 * @see machines/rules/discuss.ts, machines/rules/standing.ts, machines/README.md; larger ones in the long test
 * @module
 */
import { expect, test } from "vitest";
import { REASONS } from "../../machines/rules/log.ts";
import { type NamedSize, quick } from "../simulation/team/sizes.ts";
import { walk, type Walked } from "../simulation/team/walk.ts";

const walked = new Map<string, Walked>();
function walkOf(size: NamedSize): Walked {
  const { name } = size;
  const found = walked.get(name) ?? walk(size);
  walked.set(name, found);
  return found;
}

test.each(quick)("every discussion of $name keeps every promise, and ends (TS1 to TS17, TL1 to TL6, TL8)", (size) => {
  const { broken, ended, states } = walkOf(size);
  expect(broken).toBeUndefined();
  expect(ended).toBeGreaterThan(10);
  expect(states).toBeGreaterThan(ended);
});

test("the walks come to an end for every reason that there is", () => {
  expect(new Set(quick.flatMap((size) => walkOf(size).reasons))).toEqual(new Set(REASONS));
});
