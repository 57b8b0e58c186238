/**
 * Goal: whatever happens to a process, its hive hears once that it is gone, after the reap, with the first reason.
 * Method: random events and ticks; then time and the reap alone.
 *
 * @see machines/process.ts, P1 P2 P3
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type ProcessEnd, type ProcessEvent, processMachine } from "../../../machines/process.ts";
import { eventsOf, KILLED, processSamples } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";
import { TICK } from "../../support/walk-machine.ts";

const REAPED: ProcessEvent = { type: "reaped", known: true, how: "", exit: KILLED, lastLines: [], starved: "" };
const reason = fc.constantFrom("first", "second", "third");
const end = reason.map((message): ProcessEnd => ({ code: "interrupted", class: "cancelled", message }));
const event: fc.Arbitrary<ProcessEvent | typeof TICK> = fc.oneof(
  fc.constantFrom(...eventsOf(processSamples).filter(({ type }) => type !== "reaped"), TICK),
  end.map((given): ProcessEvent => ({ type: "stop", end: given })),
  end.map((given): ProcessEvent => ({ type: "kill", end: given })),
);
const history = fc.array(event, { maxLength: 30, size: "max" });

const live = (events: readonly (ProcessEvent | typeof TICK)[]): Run<ProcessEvent> => {
  const run = new Run<ProcessEvent>(processMachine);
  for (const each of events) {
    if (each.type === "tick") run.tick();
    else run.send(each);
  }
  return run;
};
const endOf = (params: unknown): ProcessEnd => (params as { end: ProcessEnd }).end;

describe("a process's life", () => {
  test.prop([history])("P1 is over at the reap and not before, and that is said once (RS6)", (events) => {
    const run = live(events);
    expect(run.asked("announceGone")).toEqual([]);
    run.send(REAPED, REAPED);
    expect(run.isOver).toBe(true);
    expect(run.asked("announceGone").length).toBe(1);
  });

  test.prop([history])("P2 ends for the reason that was told first", (events) => {
    const run = live(events);
    run.send(REAPED);
    const told = [...run.asked("announceStopping"), ...run.asked("announceGone")].map(({ params }) => endOf(params));
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
    expect(told[0]?.code).not.toBe("");
  });

  test.prop([history])("P3 told to stop, and given nothing but time, it is sent SIGKILL (RS1)", (events) => {
    const run = live([
      ...events,
      { type: "forked", pid: 1 },
      { type: "stop", end: { code: "x", class: "cancelled", message: "" } },
    ]);
    for (let phase = 0; phase < 3; phase++) run.tick();
    expect(run.asked("sendSignal").map(({ params }) => (params as { signal: string }).signal)).toContain("SIGKILL");
  });
});
