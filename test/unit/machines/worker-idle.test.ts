/**
 * Goal: how long a worker keeps its model behind a run is what a run said of it, and as for all where none spoke.
 * Method: the machine as its behaviour sets it, fed runs; the time that its one timer was armed for.
 *
 * @see machines/worker.ts, W8; src/actors/worker/behaviour.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { WorkerEvent } from "../../../machines/worker.ts";
import { workerBehaviour } from "../../../src/actors/worker/behaviour.ts";
import { facts } from "../../support/machine-events.ts";
import { born, folded, type Moment, stateOf, ticked } from "../../support/run-machine.ts";

const AS_FOR_ALL_MS = 300_000;
const { machine } = workerBehaviour({
  engine: "w1/port/engine",
  idleTimeoutMs: AS_FOR_ALL_MS,
  loadTimeoutMs: 1,
  drainTimeoutMs: 1,
  port: () => 8001,
});

/** Runs that go on together and end in order, each with what it says of the model. */
function behind(...said: readonly (number | undefined)[]): Moment {
  const begun = said.map((keepAliveMs, at) => ({
    type: "execute",
    job: `j${at}`,
    attempt: 1,
    request: { keepAliveMs },
  }));
  const ended = said.map((_, at) => ({ type: "ran", job: `j${at}`, attempt: 1 }));
  const events = [{ type: "model.loaded", facts: facts(4) }, ...begun, ...ended] as WorkerEvent[];
  return events.reduce((moment, event) => folded(machine, moment, event).after, born(machine, {}).after);
}

const stayOf = (moment: Moment): readonly number[] =>
  [...moment.timers.values()].map(({ dueMs }) => dueMs - moment.nowMs);

describe("W8 behind its runs a worker stays idle", () => {
  test.each([
    ["as for all where none spoke of it", [undefined], AS_FOR_ALL_MS],
    ["for as long as one said", [5_000], 5_000],
    ["for as long as the last one said that spoke of it", [1, 7_000, undefined], 7_000],
    ["not at all where it said so", [5_000, 0], 0],
  ])("%s", (_, said, stayMs) => {
    const idle = behind(...said);
    expect(stateOf(idle)).toBe("idle");
    expect(stayOf(idle)).toEqual([stayMs]);
    expect(ticked(machine, idle)?.actions.map(({ type }) => type)).toEqual(["answerIdle"]);
  });

  test("and what was said holds for runs that come later and say nothing", () => {
    const later = { type: "execute", job: "later", attempt: 1, request: {} } as WorkerEvent;
    const busy = folded(machine, behind(5_000), later).after;
    expect(stayOf(busy)).toEqual([]);
    expect(stayOf(folded(machine, busy, { type: "ran", job: "later", attempt: 1 } as WorkerEvent).after)).toEqual([
      5_000,
    ]);
  });
});
