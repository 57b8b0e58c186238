/**
 * Goal: in lives of any length, with many attempts and time, a job ends once and holds no slot it does not use.
 * Method: random events and ticks on the machine; then the rest of its life is driven to the end.
 *
 * @see machines/job.ts, J1 J3 J5
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type JobEvent, jobMachine } from "../../../machines/job.ts";
import { eventsOf, jobSamples } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";
import { TICK } from "../../support/walk-machine.ts";

const attempt = fc.integer({ min: 1, max: 6 });
const LOST = { code: "worker.lost", class: "transient", message: "" } as const;
const event = fc.oneof(
  fc.constantFrom<JobEvent>(...eventsOf(jobSamples)),
  attempt.map((n): JobEvent => ({ type: "assigned", attempt: n, worker: "w/worker/main", why: "" })),
  attempt.map((n): JobEvent => ({ type: "adopted", attempt: n, worker: "w/worker/main", why: "" })),
  attempt.map((n): JobEvent => ({ type: "worker.lost", attempt: n, message: "" })),
  attempt.map((n): JobEvent => ({ type: "execute.failed", key: String(n), ...LOST })),
);
const rarely = (each: fc.Arbitrary<typeof TICK>) => ({ arbitrary: each, weight: 1 });
const history = fc.array(fc.oneof({ arbitrary: event, weight: 40 }, rarely(fc.constant(TICK))), {
  maxLength: 60,
  size: "max",
});

const live = (events: readonly (JobEvent | typeof TICK)[], attemptsMax: number): Run<JobEvent> => {
  const run = new Run<JobEvent>(jobMachine, { deadlineMs: 1000, attemptsMax });
  for (const each of events) {
    if (each.type === "tick") run.tick();
    else run.send(each);
  }
  return run;
};
const announced = (run: Run<JobEvent>): number => run.asked("announceDone").length + run.asked("announceFailed").length;

describe("a job's life", () => {
  test.prop([history, fc.integer({ min: 1, max: 5 })])(
    "J1 is announced exactly once, whatever came before (RJ1)",
    (events, attemptsMax) => {
      const run = live(events, attemptsMax);
      expect(announced(run)).toBeLessThanOrEqual(1);
      run.tick();
      expect(announced(run)).toBe(1);
      run.send({ type: "stream.closed", saidTokens: 0 });
      expect(run.isOver).toBe(true);
    },
  );

  test.prop([history])("J5 gives a slot back once for each that it took, and asks its worker to stop", (events) => {
    const run = live(events, 5);
    run.tick();
    const attempts = (name: string): unknown[] =>
      run.asked(name).map(({ params }) => (params as { attempt: number }).attempt);
    expect(attempts("vacate")).toEqual(attempts("execute"));
    expect(attempts("abandon")).toEqual(attempts("execute"));
    const begun = run.asked("execute").flatMap(({ params }) => {
      const { attempt: made, isUnderWay } = params as { attempt: number; isUnderWay: boolean };
      return isUnderWay ? [] : [made];
    });
    expect(new Set(begun).size).toBe(begun.length);
  });

  test.prop([attempt, attempt])("J2 in the queue again it obeys no assignment but a newer one (RJ2)", (ran, next) => {
    const run = live([{ type: "assigned", attempt: ran, worker: "w/worker/main", why: "" }], 9);
    run.send({ type: "execute.failed", key: String(ran), ...LOST });
    run.send({ type: "said", said: { pieces: [], tokens: 0 } });
    run.send({ type: "assigned", attempt: next, worker: "w/worker/main", why: "" });
    expect(run.asked("execute")).toHaveLength(next > ran ? 2 : 1);
  });

  test.prop([history, history])("J3 begins nothing after cancel (RJ6)", (before, after) => {
    const run = live(before, 5);
    run.send({ type: "cancel" });
    const begun = run.asked("execute").length;
    for (const each of after) if (each.type !== "tick") run.send(each);
    expect(run.asked("execute").length).toBe(begun);
  });
});
