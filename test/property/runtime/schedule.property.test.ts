/**
 * Goal: no schedule of errands, crashes, cuts, losses of power and slow or full disks loses, repeats or reorders a
 * durable message, or leaves an ask without its one end (RM1-RM5, RM8, RM11, RM12); a seed run twice is one run (RX1).
 * Method: three hosts of couriers with mailboxes of four on virtual time; fast-check makes and shrinks the schedules.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { CourierWorld, schedules } from "../../support/courier-world.ts";

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("three hosts of couriers", () => {
  test.prop([seeds, schedules], { numRuns: 1500, interruptAfterTimeLimit: 5000 })(
    "RM1 RM2 RM3 RM5 RM8 RM11 any schedule of faults keeps the books in order, and then completes them",
    (seed, schedule) => {
      const world = new CourierWorld(seed);
      world.go(schedule);
      world.settle();
    },
  );

  test.prop([seeds, schedules], { numRuns: 200, interruptAfterTimeLimit: 2500 })(
    "RX1 the same seed and schedule give the same trace, run twice",
    (seed, schedule) => {
      const hashes = [1, 2].map(() => {
        const world = new CourierWorld(seed);
        world.go(schedule);
        world.settle();
        return world.sim.hash;
      });
      expect(hashes[0]).toBe(hashes[1]);
    },
  );
});
