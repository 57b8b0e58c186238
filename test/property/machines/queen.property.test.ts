/**
 * Goal: a queen's terms rise and she always comes to an end when told to, whatever she hears on the way.
 * Method: random histories with restarts and time; then the order to stop, and time alone.
 *
 * @see machines/queen.ts, K1 K2 K3
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { type QueenContext, queenMachine } from "../../../machines/queen.ts";
import { eventsOf, queenSamples } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";
import { TICK } from "../../support/walk-machine.ts";

const event = fc.constantFrom<QueenEvent | typeof TICK>(...eventsOf(queenSamples), TICK);
const history = fc.array(event, { maxLength: 60, size: "max" });
const live = (events: readonly (QueenEvent | typeof TICK)[], see: (run: Run<QueenEvent>, event: string) => void) => {
  const run = new Run<QueenEvent>(queenMachine);
  for (const each of events) {
    if (each.type === "tick") run.tick();
    else run.send(each);
    see(run, each.type);
  }
  return run;
};
const epochOf = (run: Run<QueenEvent>): number => (run.context as QueenContext).epoch;

describe("a queen's life", () => {
  test.prop([history])("K1 her epoch rises at each restart, strictly, and stands between them (RC1)", (events) => {
    let before = 1;
    live(events, (run, type) => {
      expect(epochOf(run)).toBe(type === "restored" ? before + 1 : before);
      before = epochOf(run);
    });
  });

  test.prop([history])(
    "K3 told to stop, time alone brings her to the end, and all who wait are answered (RS3)",
    (events) => {
      const run = live([...events, { type: "drain" }], () => {});
      const isLast = (): boolean => run.state === "stopped";
      const answered = run.asked("answerDrain").length;
      const wasLast = isLast();
      for (let phase = 0; phase < 2 && !isLast(); phase++) run.tick();
      expect(isLast()).toBe(true);
      expect(run.timers).toEqual([]);
      expect(run.asked("answerDrain").length).toBe(wasLast ? answered : answered + 1);
    },
  );

  test.prop([history])(
    "K2 from the order to stop on nothing is admitted or placed, until a new term (RS4)",
    (events) => {
      const run = live([{ type: "drain" }, ...events.filter(({ type }) => type !== "restored")], () => {});
      for (const name of ["admit", "place", "placeAll", "spawnWorker", "warm"]) expect(run.asked(name)).toEqual([]);
    },
  );
});
