/**
 * Goal: what a machine ran when it was given up goes on there while nobody else has begun it, and nothing else does.
 *
 * @see src/actors/queen/adoption.ts, AD1 to AD3
 * @module
 */
import { describe, expect, test } from "vitest";
import { type AttemptRow, NO_HISTORY, withAttempt } from "../../../../machines/rules/history.ts";
import { removeMachine } from "../../../../src/actors/queen/machines.ts";
import { noteAway } from "../../../../src/actors/queen/members.ts";
import { reconcile } from "../../../../src/actors/queen/inventories.ts";
import { histories, hives, jobs, lostRuns, machines, workers } from "../../../../src/actors/queen/tables.ts";
import { facts } from "../../../support/machine-events.ts";
import { queenStage, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";

const B = "hive@b/hive/main";
const away = { event: { type: "hive.away", hive: B, message: "the link broke" } } as const;
const entry = {
  worker: "w1",
  model: "m",
  state: "ready",
  facts: facts(2),
  pid: 7,
  port: 8001,
  device: "cpu",
  reservedBytes: 100,
} as const;
const ATTEMPT: AttemptRow = {
  attempt: 2,
  worker: "w1",
  hive: B,
  why: "free",
  placedAt: 1,
  waitedMs: 0,
  busySlots: 0,
  slots: 2,
  memoryBytes: 1,
  load: undefined,
  alternatives: [],
  moreAlternatives: 0,
  otherMachines: 1,
  saidTokens: undefined,
  end: undefined,
};
const inventory = { event: { type: "hive.inventory", hive: B, workers: [entry] } } as const;
const STOPPED = `control ${B}: stop.worker epoch=4 worker=w1`;

/** A machine was given up that ran these; its jobs wait again. */
function givenUp(held: readonly string[], state: "ready" | "stopping" = "ready") {
  const running = (id: string) => jobRow({ id, seq: 1, state: "running", attempt: 2, worker: "w1/worker/main" });
  const stage = queenStage()
    .set(hives, { [B]: hiveRow({ address: B, name: "b" }) })
    .set(jobs, { j1: running("j1"), j2: running("j2") })
    .set(workers, { w1: workerRow({ id: "w1", hive: B, jobs: held, state }) });
  told(stage, noteAway, away);
  expect(stage.rows(workers).size).toBe(0);
  for (const id of held) stage.set(jobs, { [id]: { ...running(id), state: "queued", worker: undefined } });
  return stage;
}

describe("a machine that was given up and is back", () => {
  test("AD1 goes on with what still waits, as the attempt that it was", () => {
    const stage = givenUp(["j1", "j2"]);
    const why = "b is back, where it went on meanwhile";
    expect(toldIn(stage, 4, reconcile, inventory)).toEqual([
      `control queen/job/j1: adopted attempt=2 worker=w1/worker/main why=${why}`,
      `control queen/job/j2: adopted attempt=2 worker=w1/worker/main why=${why}`,
      "raise place model=m",
    ]);
    expect(stage.rows(workers).get("w1")).toMatchObject({ state: "ready", jobs: ["j1", "j2"], hive: B });
    expect(stage.rows(jobs).get("j1")).toMatchObject({ state: "running", attempt: 2, worker: "w1/worker/main" });
  });

  test("AD1 and its end is taken back from what is told of the attempt", () => {
    const stage = givenUp(["j1"]);
    const end = { at: 5, code: "hive.lost", message: "b: the link broke" };
    stage.set(histories, { j1: withAttempt(NO_HISTORY, { ...ATTEMPT, end, saidTokens: 3 }) });
    toldIn(stage, 4, reconcile, inventory);
    expect(stage.rows(histories).get("j1")).toEqual(withAttempt(NO_HISTORY, ATTEMPT));
  });

  test.each([
    ["another attempt of it has begun", { state: "queued", attempt: 3 }],
    ["it runs elsewhere", { state: "running", attempt: 3 }],
    ["it has ended", { state: "cancelled", attempt: 2 }],
  ] as const)("AD2 C6 is stopped where %s", (_why, given) => {
    const stage = givenUp(["j1"]);
    stage.set(jobs, { j1: jobRow({ id: "j1", seq: 1, ...given }) });
    expect(toldIn(stage, 4, reconcile, inventory)).toEqual([STOPPED]);
    expect(stage.rows(workers).size).toBe(0);
  });

  test.each(["a run that is nobody's any more", "been asked to stop"])(
    "AD2 gets nothing new where it has %s",
    (what) => {
      const isAsked = what === "been asked to stop";
      const stage = givenUp(isAsked ? ["j1"] : ["j1", "j2"], isAsked ? "stopping" : "ready");
      if (!isAsked) stage.set(jobs, { j2: jobRow({ id: "j2", seq: 2, state: "running", attempt: 3 }) });
      expect(toldIn(stage, 4, reconcile, inventory)).toHaveLength(2);
      expect(stage.rows(workers).get("w1")).toMatchObject({ state: "stopping", jobs: ["j1"] });
    },
  );

  test("AD3 says once what it has: what is not known any more by then is stopped", () => {
    const stage = givenUp(["j1"]);
    const none = { event: { ...inventory.event, workers: [] } } as const;
    toldIn(stage, 4, reconcile, none);
    expect(stage.rows(lostRuns).size).toBe(0);
    expect(toldIn(stage, 4, reconcile, inventory)).toEqual([STOPPED]);
  });

  test("AD3 of one that was removed nothing is kept", () => {
    const stage = givenUp(["j1"]).set(machines, { k: { key: "k", name: "b", joinedAt: 1 } });
    expect(stage.rows(lostRuns).size).toBe(1);
    stage.play(removeMachine, undefined, { event: { type: "remove.machine", name: "b" }, asked: true });
    expect(stage.rows(lostRuns).size).toBe(0);
  });
});
