/**
 * Goal: a device that keeps the memory of a worker that is gone is given no model, as long as that is so.
 *
 * @see src/actors/hive/quarantine.ts, QU1 QU2; the verdict is machines/rules/quarantine.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { HiveEvent } from "../../../../machines/hive.ts";
import { departures, type MemberRow, members, pending, quarantines } from "../../../../src/actors/hive/tables.ts";
import { asking, hiveStage, measured, member, told } from "../../../support/hive-stage.ts";
import { cpu, gpu } from "../../../support/memory.ts";
import type { Stage } from "../../../support/stage.ts";
import { EXIT } from "../../../support/machine-events.ts";

const end = { code: "worker.idle", class: "cancelled", message: "" } as const;
const onGpu = (given: Partial<MemberRow> = {}): MemberRow =>
  member("w8", { device: "gpu0", state: "stopping", ...given });
const weighed = (free: number): HiveEvent => ({
  type: "weighed",
  worker: "w8",
  profile: "p",
  peakBytes: 0,
  devices: [cpu(100), gpu("gpu0", 100, free)],
});
const gone: HiveEvent = { type: "process.gone", worker: "w8", end, how: "exit code 0", exit: EXIT, lastLines: [] };
const looked = (free: number): HiveEvent => ({ type: "looked", worker: "w8", devices: [gpu("gpu0", 100, free)] });
const place = (stage: Stage, free: number): readonly string[] => {
  stage.set(pending, { w1: asking });
  const devices = [cpu(100), gpu("gpu0", 100, free)];
  return told(stage, "decide", { event: { ...measured(20).event, devices } });
};

/** A worker with 40 bytes has left a GPU that had 10 free; now it has this. */
function leftBehind(free: number): Stage {
  const stage = hiveStage().set(members, { w8: onGpu() });
  told(stage, "noteWeighed", { event: weighed(10) });
  expect(told(stage, "noteGone", { event: gone }).at(-1)).toBe(
    "ask porter/port/machine: look worker=w8 device=gpu0 freeBytes=50",
  );
  told(stage, "noteLooked", { event: looked(free) });
  expect(stage.rows(departures).size).toBe(0);
  return stage;
}

describe("a worker has left a device", () => {
  test("QU1 that gives its memory back: it is used again", () => {
    const stage = leftBehind(50);
    expect(stage.rows(quarantines).size).toBe(0);
    expect(place(stage, 50).at(-1)).toContain("device=gpu0");
  });

  test("QU1 QU2 that does not: it is given nothing, and that is said, until the memory is back", () => {
    const stage = leftBehind(30);
    const [, , reply] = place(stage, 30);
    expect(reply).toMatch(/device=cpu .*; gpu0 is given nothing: w8 is gone, and 20 bytes of its memory did not come/);
    stage.set(members, {});
    expect(place(stage, 50).at(-1)).toContain("device=gpu0");
    expect(stage.rows(quarantines).size).toBe(0);
  });

  test("QU1 what others were given there since then accuses nobody", () => {
    const stage = hiveStage().set(members, { w8: onGpu() });
    told(stage, "noteWeighed", { event: weighed(10) });
    told(stage, "noteGone", { event: gone });
    stage.set(members, { w9: onGpu({ worker: "w9", state: "loading", reservedBytes: 20 }) });
    told(stage, "noteLooked", { event: looked(30) });
    expect(stage.rows(quarantines).size).toBe(0);
  });

  test.each([
    ["runs on", onGpu({ state: "ready" })],
    ["was on the processor, where the reap is the proof", onGpu({ device: "cpu" })],
  ])("and nothing is looked for of one that %s", (_why, row) => {
    const stage = hiveStage().set(members, { w8: row });
    told(stage, "noteWeighed", { event: weighed(10) });
    expect(told(stage, "noteGone", { event: gone }).filter((line) => line.startsWith("ask"))).toEqual([]);
  });

  test("and who waits for its memory is measured again when it is back, or should be", () => {
    const stage = hiveStage().set(members, { w8: onGpu() });
    stage.set(pending, { w1: { ...asking, waits: "memory" } });
    told(stage, "noteWeighed", { event: weighed(10) });
    expect(told(stage, "noteGone", { event: gone }).slice(1)).toEqual([
      "ask porter/port/machine: look worker=w8 device=gpu0 freeBytes=50",
    ]);
    expect(told(stage, "noteLooked", { event: looked(50) })).toEqual([
      "ask porter/port/machine: measure worker=w1 model=m",
    ]);
  });
});
