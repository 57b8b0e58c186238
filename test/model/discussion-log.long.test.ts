/**
 * Goal: no order of answers, failures, votes, words, ticks and crashes breaks a promise of a larger discussion's log.
 * Method: as in discussion-log.model.test.ts, for a minute.
 *
 * @module
 */
import { expect, test } from "vitest";
import { long } from "../simulation/team/sizes.ts";
import { walk } from "../simulation/team/walk.ts";

test.each(long)("every discussion of $name keeps every promise, and ends", { timeout: 600_000 }, (size) => {
  const { broken, states, ended } = walk(size);
  console.log(`${size.name}: ${states} states, ${ended} ends`);
  expect(broken).toBeUndefined();
});
