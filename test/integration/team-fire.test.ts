/**
 * Goal: whatever dies or breaks at whatever moment of a discussion, it goes on by itself at once with those
 *       whose turn it was, and nothing that was said in it is lost or stands there twice (TL7, TL8, TS7, TS8).
 * Method: each fault once, in an order and at points drawn from a printed seed, on the real program; each log is read
 *         by the checker.
 *
 * @see test/support/team-fire.ts; a hundred points, and what hangs, in the long test
 * @module
 */
import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import { median, QUICK_FAULTS, TeamFire, toldOf } from "../support/team-fire.ts";

const SEED = Number(process.env["RBEE_SEED"]);

test(`TL7 TL8 discussions struck at any point lose nothing, double nothing and go on (seed ${SEED})`, async () => {
  const fire = await TeamFire.begin(SEED);
  for (const fault of new Prng(SEED).shuffled(QUICK_FAULTS)) await fire.round(fault);
  const ended = await fire.end();
  console.log(toldOf(ended));
  // A second; on a machine that others use, what a start takes there.
  expect(median(ended.resumed.map(({ ms }) => ms))).toBeLessThan(Math.max(1_000, median(ended.startsMs)));
}, 180_000);
