/**
 * Goal: no process outlives its parent, no accepted job is lost or ends twice, no reader is shown a token twice, and
 *       nothing is held in the end that was not before, whatever dies when (RS1, RS2, RS6, RJ1, RJ2, RJ3).
 * Method: a storm on the real program: each fault once, in an order and at moments drawn from a printed seed; two
 *         hundred rounds in the long test.
 */
import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import { FAULTS, Storm } from "../support/storm.ts";

const SEED = Number(process.env["RBEE_SEED"]);

test(`RS1 RJ1 RJ2 whatever dies, nothing outlives its parent, and every job ends once (seed ${SEED})`, async () => {
  const storm = await Storm.begin(SEED);
  for (const fault of new Prng(SEED).shuffled(FAULTS)) await storm.round(fault);
  expect(await storm.end()).toBe(3 * FAULTS.length);
}, 300_000);
