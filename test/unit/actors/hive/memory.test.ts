/**
 * Goal: memory is booked in the step that decides, what has to wait waits, and what was measured counts.
 *
 * @see src/actors/hive/memory.ts, B1 to B3, B7 to B9
 * @module
 */
import { describe, expect, test } from "vitest";
import type { HiveEvent } from "../../../../machines/hive.ts";
import { members, PEAKS_KEPT, peaks, pending } from "../../../../src/actors/hive/tables.ts";
import { asking, commanded, hiveStage, holding, measured, member, told } from "../../../support/hive-stage.ts";
import type { Stage } from "../../../support/stage.ts";
import { EXIT, facts } from "../../../support/machine-events.ts";

const waiting = (): Stage => hiveStage().set(pending, { w1: asking });
const decided = (stage: Stage, needBytes: number, freeBytes?: number, held = holding("w8", "w9")): readonly string[] =>
  told(
    stage,
    "decide",
    measured(
      needBytes,
      freeBytes,
      held.filter(({ worker }) => stage.rows(members).has(worker)),
    ),
  );
const end = { code: "interrupted", class: "cancelled", message: "on request" } as const;
const gone = (worker: string): HiveEvent =>
  ({ type: "process.gone", worker, end, how: "exit code 0", exit: EXIT, lastLines: [] }) as const;

describe("a decision", () => {
  test("B2 that it fits books it, with its threads, in the step that starts and watches its process", () => {
    const stage = waiting();
    expect(decided(stage, 60)).toEqual([
      "spawn process/w1",
      "watch hive/process/w1",
      expect.stringMatching(
        /^reply worker\.reserved worker=w1 reservedBytes=60 device=cpu why=needs .*; 2 threads, as/,
      ),
    ]);
    expect(stage.all(members)).toEqual({ w1: member("w1", { reservedBytes: 60 }) });
    expect(stage.rows(pending).size).toBe(0);
  });

  test.each([
    ["more than there is", 91, 100],
    ["more than is free now, since other programs have it", 50, 59],
  ])("B2 that it needs %s is final, and nothing is booked (RJ3)", (_why, needBytes, freeBytes) => {
    const stage = waiting();
    expect(decided(stage, needBytes, freeBytes)).toEqual(["refuse memory.insufficient"]);
    expect([stage.rows(members).has("w1"), stage.rows(pending).size]).toEqual([false, 0]);
  });

  test("B2 that it needs what others have is told with the bytes that are missing: it would fit without them", () => {
    const stage = waiting().set(members, { w8: member("w8") });
    const [refusal] = commanded(stage, "decide", measured(60, 60, holding("w8")));
    expect(refusal).toMatchObject({
      do: "reply",
      result: {
        ok: false,
        error: {
          code: "memory.busy",
          message: expect.stringContaining("m needs 60 bytes"),
          details: { missingBytes: 10, device: "cpu" },
        },
      },
    });
    expect(stage.rows(pending).size).toBe(0);
  });

  test("B9 a refusal leaves once it is on disk that it is not begun here", () => {
    const full = waiting().set(members, { w8: member("w8") });
    for (const [stage, cue] of [
      [waiting(), measured(91)],
      [full, measured(60, 60, holding("w8"))],
    ] as const) {
      expect(commanded(stage, "decide", cue)).toEqual([expect.objectContaining({ do: "reply", after: "flush" })]);
    }
  });

  test("B2 never books more than there is, however many ask at once (RJ3)", () => {
    const stage = hiveStage();
    for (const worker of ["a", "b", "c", "d"]) {
      stage.set(pending, { [worker]: asking });
      told(stage, "decide", { event: { ...measured(30).event, worker } });
    }
    expect([...stage.rows(members).entries()].map(([worker]) => worker)).toEqual(["a", "b", "c"]);
  });

  test("B2 what is booked and not yet taken is given to nobody, though it is free", () => {
    const stage = waiting().set(members, { w8: member("w8") });
    const held = [{ worker: "w8", takenBytes: 5, peakBytes: 5 }];
    expect(told(stage, "decide", measured(30, 70, held))).toEqual(["refuse memory.busy"]);
    stage.set(pending, { w1: asking });
    expect(told(stage, "decide", measured(25, 70, held))).toContain("spawn process/w1");
  });

  test("B8 is not made on a measurement that is older than a worker's end", () => {
    const stage = waiting();
    const held = holding("w8");
    expect(told(stage, "decide", measured(50, 20, held))).toEqual([
      "ask porter/port/machine: measure worker=w1 model=m",
    ]);
    expect(told(stage, "decide", measured(50, 100, held))).toContain("spawn process/w1");
  });
});

describe("B3 who waits for memory", () => {
  const stopping = (): Stage =>
    waiting().set(members, {
      w8: member("w8"),
      w9: member("w9", { state: "stopping" }),
    });

  test("waits for those that are stopping, and is measured again when one is gone", () => {
    const stage = stopping();
    expect(decided(stage, 51, 20)).toEqual(["refuse memory.busy"]);
    stage.set(pending, { w1: asking });
    expect(decided(stage, 50, 20)).toEqual([]);
    expect(stage.rows(pending).get("w1")).toMatchObject({ waits: "memory", claim: { device: "cpu", bytes: 50 } });
    expect(told(stage, "noteGone", { event: gone("w9") })).toEqual([
      expect.stringContaining("worker.gone"),
      "ask porter/port/machine: measure worker=w1 model=m",
    ]);
    expect(decided(stage, 50, 60)).toContain("spawn process/w1");
  });

  test("is not overtaken by who came later and would take its room", () => {
    const stage = stopping();
    decided(stage, 50, 20);
    stage.set(pending, { w2: { ...asking, seq: 2 } });
    const later = { event: { ...measured(10, 20, holding("w8", "w9")).event, worker: "w2" } };
    expect(told(stage, "decide", later)).toEqual(["refuse memory.busy"]);
    stage.set(pending, { w0: { ...asking, seq: 0 } });
    const earlier = { event: { ...later.event, worker: "w0" } };
    expect(told(stage, "decide", earlier)).toContain("spawn process/w0");
  });

  test("those that are to make room for it are stopped with their reason in the step that asks for it", () => {
    const stage = hiveStage().set(members, { w8: member("w8", { state: "ready" }), w9: member("w9") });
    const asked = { type: "start.worker", epoch: 1, worker: "w1", model: "m", instead: ["w8", "w7"] } as const;
    const commands = commanded(stage, "measure", { event: asked, asked: true });
    expect(commands).toMatchObject([
      {
        to: "hive/process/w8",
        event: { type: "stop", end: { code: "worker.evicted", class: "cancelled", message: "it made room for m" } },
      },
      { do: "ask", to: "porter/port/machine" },
    ]);
    expect([stage.rows(members).get("w8")?.state, stage.rows(members).get("w9")?.state]).toEqual([
      "stopping",
      "loading",
    ]);
  });
});

describe("B7 what a worker took", () => {
  const MIB = 2 ** 20;

  test("is asked when it is ready and when it stops, and of a process that is not there yet never", () => {
    const ready = { event: { type: "process.ready", worker: "w1", facts: facts(1), port: 8 } } as const;
    const stops = { event: { type: "process.stopping", worker: "w1", end } } as const;
    const stage = hiveStage().set(members, { w1: member("w1", { pid: 7 }) });
    const asked = "ask porter/port/machine: weigh worker=w1 pid=7 profile=p";
    expect([told(stage, "noteReady", ready).at(-1), told(stage, "noteStopping", stops).at(-1)]).toEqual([asked, asked]);
    const forked = hiveStage().set(members, { w1: member("w1") });
    expect(told(forked, "noteStopping", stops).filter((line) => line.startsWith("ask"))).toEqual([]);
  });

  test("is not remembered of one that never was ready, whose booking grows to it all the same", () => {
    const stage = hiveStage().set(members, { w1: member("w1", { pid: 7 }) });
    const [weigh] = commanded(stage, "noteStopping", { event: { type: "process.stopping", worker: "w1", end } }).slice(
      -1,
    );
    expect(weigh).toMatchObject({ do: "ask", event: { type: "weigh", profile: "" } });
    const event = { type: "weighed", worker: "w1", profile: "", peakBytes: 70, devices: [] } as const;
    expect(told(stage, "noteWeighed", { event })).toEqual([
      "control queen/queen/main: worker.weighed worker=w1 reservedBytes=70",
    ]);
    expect(stage.rows(peaks).size).toBe(0);
  });

  test("is booked for the next of its kind in place of the estimate, and it is said", () => {
    const stage = waiting();
    told(stage, "noteWeighed", { event: { type: "weighed", worker: "w0", profile: "p", peakBytes: 20, devices: [] } });
    const made = {
      ...measured(90).event,
      devices: [{ id: "cpu", kind: "cpu" as const, totalBytes: 1e9, freeBytes: 1e9 }],
    };
    const [, , reply] = told(stage, "decide", { event: made });
    expect(reply).toMatch(new RegExp(`reservedBytes=${20 + 16 * MIB} .*measured: an earlier load took 20 bytes`));
  });

  test("the most of it counts, and a booking grows to it, as the queen is told, and never shrinks", () => {
    const stage = hiveStage().set(members, { w1: member("w1") });
    const weighed = (peakBytes: number) =>
      told(stage, "noteWeighed", { event: { type: "weighed", worker: "w1", profile: "p", peakBytes, devices: [] } });
    expect(weighed(70)).toEqual(["control queen/queen/main: worker.weighed worker=w1 reservedBytes=70"]);
    expect(weighed(60)).toEqual([]);
    expect([stage.rows(members).get("w1")?.reservedBytes, stage.rows(peaks).get("p")?.peakBytes]).toEqual([70, 70]);
  });

  test("counts in the decision that measures it", () => {
    const stage = waiting().set(members, { w8: member("w8") });
    const held = [{ worker: "w8", takenBytes: 60, peakBytes: 60 }];
    expect(told(stage, "decide", measured(31, 40, held))).toEqual([
      "control queen/queen/main: worker.weighed worker=w8 reservedBytes=60",
      "refuse memory.busy",
    ]);
  });

  test("is remembered of the last so many", () => {
    const stage = hiveStage();
    for (let nth = 0; nth <= PEAKS_KEPT; nth++) {
      const event = { type: "weighed", worker: "w1", profile: `p${nth}`, peakBytes: 1, devices: [] } as const;
      told(stage, "noteWeighed", { event, at: 1000 + nth });
    }
    expect(stage.rows(peaks).size).toBe(PEAKS_KEPT);
    expect([stage.rows(peaks).has("p0"), stage.rows(peaks).has(`p${PEAKS_KEPT}`)]).toEqual([false, true]);
  });
});
