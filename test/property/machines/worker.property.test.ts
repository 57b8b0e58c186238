/**
 * Goal: no interleaving of runs, drops, stops and timeouts takes more than the slots, or the model back twice.
 * Method: random histories with up to four slots, against a plain count of what was begun and what has ended.
 *
 * @see machines/worker.ts, W2 W3 W5
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { runKey, type WorkerEvent, workerMachine } from "../../../machines/worker.ts";
import { facts } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";
import { TICK } from "../../support/walk-machine.ts";

const FAILURE = { code: "engine.failed", class: "transient", message: "" } as const;
const oneRun = fc.record({ job: fc.constantFrom("a", "b", "c", "d", "e"), attempt: fc.integer({ min: 1, max: 2 }) });
const event: fc.Arbitrary<WorkerEvent | typeof TICK> = fc.oneof(
  { weight: 8, arbitrary: oneRun.map((run): WorkerEvent => ({ type: "execute", ...run })) },
  { weight: 5, arbitrary: oneRun.map((run): WorkerEvent => ({ type: "ran", ...run })) },
  { weight: 3, arbitrary: oneRun.map((run): WorkerEvent => ({ type: "run.failed", key: runKey(run), ...FAILURE })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<WorkerEvent>(
      { type: "await.idle" },
      { type: "report" },
      { type: "ask.dropped", id: "x" },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<WorkerEvent | typeof TICK>(TICK, { type: "stop" }) },
);
const history = fc.array(event, { maxLength: 80, size: "max" });
const slots = fc.integer({ min: 1, max: 4 });

/** @param see hears after each event what runs, by a count of its own, and what was begun although it ran */
function live(
  slotCount: number,
  events: readonly (WorkerEvent | typeof TICK)[],
  see: (running: ReadonlySet<string>, begunTwice: string | undefined) => void,
): Run<WorkerEvent> {
  const run = new Run<WorkerEvent>(workerMachine);
  run.send({ type: "model.loaded", facts: facts(slotCount) });
  const running = new Set<string>();
  let begunTwice: string | undefined;
  for (const each of events) {
    const asked = each.type === "tick" ? run.tick() : run.send(each);
    for (const { type } of asked) {
      if (type === "begin" && each.type === "execute") {
        if (running.has(runKey(each))) begunTwice = runKey(each);
        running.add(runKey(each));
      }
      if (type === "answer" && each.type === "ran") running.delete(runKey(each));
      if (type === "answerFailed" && each.type === "run.failed") running.delete(each.key);
      if (type === "abortAll") running.clear();
    }
    see(running, begunTwice);
  }
  return run;
}

describe("a worker's life", () => {
  test.prop([slots, history])("W2 never runs more than its slots (RJ4)", (slotCount, events) => {
    live(slotCount, events, (running) => expect(running.size).toBeLessThanOrEqual(slotCount));
  });

  test.prop([slots, history])("W5 begins no attempt that it is running (RC2)", (slotCount, events) => {
    live(slotCount, events, (_running, begunTwice) => expect(begunTwice).toBeUndefined());
  });

  test.prop([slots, history])(
    "W3 gives its model back exactly once, when told to stop and given time",
    (slotCount, events) => {
      const run = live(slotCount, [...events, { type: "stop" }, TICK], () => {});
      expect(run.asked("releaseModel").length).toBe(1);
      run.send({ type: "model.released" });
      expect(run.isOver).toBe(true);
      expect(run.asked("answerStopped").length).toBe(1);
    },
  );
});
