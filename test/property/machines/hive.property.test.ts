/**
 * Goal: among commands of many terms in any order, a hive follows the newest and never an older one.
 * Method: random histories over five epochs, against the highest epoch seen.
 *
 * @see machines/hive.ts, H1 H2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type HiveContext, type HiveEvent, hiveMachine } from "../../../machines/hive.ts";
import { eventsOf, hiveSamples } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";

const command = fc
  .tuple(fc.constantFrom(...eventsOf(hiveSamples)), fc.integer({ min: 1, max: 5 }))
  .map(([event, epoch]): HiveEvent => ("epoch" in event ? { ...event, epoch } : event));
const OBEYING = ["measure", "stopWorker", "answerInventory", "stopAll", "killAll"];

describe("a hive's life", () => {
  test.prop([fc.array(command, { maxLength: 60, size: "max" })])(
    "H1 follows the newest queen, H2 and starts nothing while it drains",
    (events) => {
      const run = new Run<HiveEvent>(hiveMachine);
      let highest = 0;
      for (const event of events) {
        const before = run.state;
        const asked = run.send(event).map(({ type }) => type);
        if ("epoch" in event && event.epoch < highest)
          expect(asked.filter((type) => OBEYING.includes(type))).toEqual([]);
        if (asked.includes("decide")) expect(before).toMatch(/^serving/);
        if (asked.includes("measure")) expect(run.state).toMatch(/^serving/);
        const { epoch } = run.context as HiveContext;
        expect(epoch).toBeGreaterThanOrEqual(highest);
        highest = epoch;
      }
    },
  );
});
