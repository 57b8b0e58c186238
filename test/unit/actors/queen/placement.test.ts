/**
 * Goal: a slot is taken in the step that tells the job of it; a hive is asked once for a model that nobody serves.
 *
 * @see src/actors/queen/placement.ts, P1 P2
 * @module
 */
import { describe, expect, test } from "vitest";
import {
  place,
  placeAll,
  rememberWarm,
  spawnWorker,
  stopWorker,
  warm,
} from "../../../../src/actors/queen/placement.ts";
import { hives, jobs, wanted, workers } from "../../../../src/actors/queen/tables.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";

const placing = { event: { type: "place", model: "m" }, serial: 9, at: 77 } as const;

describe("placing", () => {
  test("P1 gives the next job the slot of the least busy worker, with its next attempt, and looks again", () => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 2, attempt: 1 }), j2: jobRow({ id: "j2", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1", jobs: ["x"] }), w2: workerRow({ id: "w2" }) });
    const why = "w2 has m loaded, 0 of 2 slots busy, the least busy of 2 free";
    expect(toldIn(stage, 1, place(settings), placing)).toEqual([
      `tell queen/job/j2: assigned attempt=1 worker=w2/worker/main why=${why}`,
      "raise place model=m",
    ]);
    expect(stage.rows(jobs).get("j2")).toMatchObject({
      state: "running",
      attempt: 1,
      worker: "w2/worker/main",
      startedAt: 77,
      why,
    });
    expect(stage.rows(workers).get("w2")?.jobs).toEqual(["j2"]);
    expect(toldIn(stage, 1, place(settings), placing)[0]).toContain("tell queen/job/j1: assigned attempt=2 worker=w1/");
  });

  test("P1 never gives more than the slots there are", () => {
    const stage = queenStage()
      .set(jobs, Object.fromEntries([1, 2, 3].map((n) => [`j${n}`, jobRow({ id: `j${n}`, seq: n })])))
      .set(workers, { w1: workerRow({ id: "w1", slots: 2 }) });
    for (let turn = 0; turn < 5; turn++) toldIn(stage, 1, place(settings), placing);
    expect(stage.rows(workers).get("w1")?.jobs).toEqual(["j1", "j2"]);
    expect(stage.rows(jobs).index.queued).toBe(1);
  });

  test.each(["asked", "loading", "stopping"] as const)("gives nothing to a worker that is %s (RJ4)", (state) => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1", state }) });
    expect(toldIn(stage, 1, place(settings), placing).filter((line) => line.includes("assigned"))).toEqual([]);
  });

  test("P2 asks the hive once for a worker of a model that nobody serves, under her epoch", () => {
    const stage = queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) });
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w9 model=m",
    ]);
    expect(stage.rows(workers).get("w9")).toMatchObject({ state: "asked", model: "m", jobs: [] });
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([]);
  });

  test("P2 who is pinned to a machine that is away holds up nobody who may run elsewhere", () => {
    const stage = queenStage().set(jobs, {
      j1: jobRow({ id: "j1", seq: 1, node: "gone/hive/main" }),
      j2: jobRow({ id: "j2", seq: 2 }),
    });
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w9 model=m",
    ]);
  });

  test("P2 once one machine was asked, she looks again for those that are pinned to others", () => {
    const stage = queenStage()
      .set(hives, { "b/hive/main": hiveRow({ address: "b/hive/main" }) })
      .set(jobs, {
        j1: jobRow({ id: "j1", seq: 1, node: "b/hive/main" }),
        j2: jobRow({ id: "j2", seq: 2, node: HIVE }),
      });
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([
      "ask b/hive/main: start.worker epoch=3 worker=w9 model=m",
      "raise place model=m",
    ]);
    expect(toldIn(stage, 3, place(settings), { ...placing, serial: 10 })).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w10 model=m",
    ]);
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([]);
  });

  test("does nothing when nobody waits", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1" }) });
    expect(toldIn(stage, 1, place(settings), placing)).toEqual([]);
  });
});

describe("beginning to serve", () => {
  test("looks once at each model that somebody waits for or wanted warm", () => {
    const stage = queenStage().set(jobs, {
      j1: jobRow({ id: "j1", seq: 1 }),
      j2: jobRow({ id: "j2", seq: 2 }),
      j3: jobRow({ id: "j3", seq: 3, model: "n" }),
      j4: jobRow({ id: "j4", seq: 4, model: "o", state: "running" }),
    });
    told(stage, rememberWarm(settings), { event: { type: "warm", model: undefined } });
    expect(told(stage, placeAll, { event: { type: "reconciled" } })).toEqual([
      "raise place model=m",
      "raise place model=n",
      "raise warm model=starter",
    ]);
    expect(stage.rows(wanted).size).toBe(0);
  });
});

describe("a worker by hand", () => {
  test("warm loads a model unless it is there or on its way", () => {
    const wish = { event: { type: "warm", model: "m" }, serial: 4 } as const;
    const stage = queenStage();
    expect(toldIn(stage, 1, warm(settings), wish)).toEqual([
      "ask hive/hive/main: start.worker epoch=1 worker=w4 model=m",
    ]);
    expect(toldIn(stage, 1, warm(settings), wish)).toEqual([]);
  });

  test("spawn starts one beside those that are there", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1" }) });
    expect(
      toldIn(stage, 1, spawnWorker(settings), { event: { type: "spawn.worker", model: "m" }, serial: 5, asked: true }),
    ).toEqual(["ask hive/hive/main: start.worker epoch=1 worker=w5 model=m", "reply spawned worker=w5"]);
  });

  test("P3 stop takes a busy worker out of the fleet at once, and tells its hive when it is asked again", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", jobs: ["j1"] }) });
    const stop = { event: { type: "stop.worker", worker: "w1" }, asked: true } as const;
    expect(toldIn(stage, 2, stopWorker, stop)).toEqual(["reply stopping"]);
    expect(stage.rows(workers).index.free("m")).toBeUndefined();
    expect(toldIn(stage, 2, stopWorker, stop)[0]).toBe("control hive/hive/main: stop.worker epoch=2 worker=w1");
  });

  test("P3 stop takes an idle worker out of the fleet at once and tells its hive", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1" }) });
    expect(toldIn(stage, 2, stopWorker, { event: { type: "stop.worker", worker: "w1" }, asked: true })).toEqual([
      "control hive/hive/main: stop.worker epoch=2 worker=w1",
      "reply stopping",
    ]);
    expect(stage.rows(workers).index.free("m")).toBeUndefined();
    expect(toldIn(stage, 2, stopWorker, { event: { type: "stop.worker", worker: "w9" }, asked: true })).toEqual([
      "refuse request.not.found",
    ]);
  });
});
