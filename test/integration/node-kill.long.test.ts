/**
 * Goal: no process outlives its parent, no accepted job is lost or ends twice, no reader is shown a token twice, and
 *       nothing is held in the end that was not before, whatever dies when (RS1, RS2, RS6, RJ1, RJ2, RJ3).
 * Method: two hundred rounds of a storm on the real program, from a printed seed.
 */
import { expect, test } from "vitest";
import { Storm } from "../support/storm.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const ROUNDS = 200;

test(`RS1 RJ1 RJ2 in ${ROUNDS} rounds nothing outlives its parent, and every job ends once (seed ${SEED})`, async () => {
  const storm = await Storm.begin(SEED);
  for (let round = 1; round <= ROUNDS; round += 1) await storm.round();
  expect(await storm.end()).toBe(3 * ROUNDS);
}, 3_000_000);
