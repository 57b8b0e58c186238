/**
 * Goal: what she saw when she placed a job, and why each attempt ended, is remembered for as long as the job's row.
 * Method: her handlers on a stage, in the order in which a queen hears of things.
 *
 * @see src/actors/queen/history.ts, HQ1 to HQ3
 * @module
 */
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import { admit } from "../../../../src/actors/queen/admission.ts";
import { answerExplain, type ExplainedEvent } from "../../../../src/actors/queen/history.ts";
import * as news from "../../../../src/actors/queen/news.ts";
import { place } from "../../../../src/actors/queen/placement.ts";
import { ENDED_JOBS_KEPT } from "../../../../src/actors/queen/settings.ts";
import { histories, hives, jobs, loads, workers } from "../../../../src/actors/queen/tables.ts";
import { facts, KILLED, request } from "../../../support/machine-events.ts";
import { HIVE, queenStage, settings } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import type { Stage } from "../../../support/stage.ts";

const roomy = { ...settings, queueLengthMax: 10 };
const OUT_OF_MEMORY = { code: "engine.out.of.memory", class: "transient", message: "it was too large" } as const;
const usage = { promptTokens: 3, completionTokens: 5, firstTokenMs: 7, totalMs: 9 };

/** A queen with a hive, at a time that the test sets. */
class World {
  readonly stage: Stage = queenStage().set(hives, {
    [HIVE]: hiveRow({ address: HIVE, name: "home", isLocal: true }),
  });

  submit(at: number): void {
    const cue = {
      event: { type: "submit", request: { ...request, model: "m" } },
      asked: true,
      at,
      serial: at,
    } as const;
    this.stage.play(admit(roomy), undefined, cue);
  }

  place(at: number): void {
    this.stage.play(place(roomy), { epoch: 1 }, { event: { type: "place", model: "m" }, at, serial: at });
  }

  hear<Params>(handler: (params: Params, scope: Scope) => readonly Command[], event: QueenEvent, at: number): void {
    // Those that take a parameter take her epoch, the others none.
    this.stage.play(handler, { epoch: 1 } as Params, { event, at, serial: at });
  }

  /** w1 is asked for, and ready so much later. */
  load(at: number): void {
    const worker = `w${at}`;
    const reserved = {
      type: "worker.reserved",
      worker,
      reservedBytes: 64,
      device: "cpu",
      why: "64 B of 100 B",
    } as const;
    this.hear(news.noteReserved, reserved, at + 10);
    this.hear(news.noteLoading, { type: "worker.loading", worker, pid: 7 }, at + 30);
    this.hear(news.noteReady, { type: "worker.ready", worker, facts: facts(1), port: 1 }, at + 100);
  }

  history(job: string) {
    return this.stage.rows(histories).get(job);
  }

  explain(job: string, at: number): ExplainedEvent {
    const cue = { event: { type: "explain", job }, asked: true, at } as const;
    const [command] = this.stage.play(answerExplain, { epoch: 1, phase: "serving" }, cue);
    if (command?.do !== "reply" || !command.result.ok) throw new Error("she did not explain");
    return command.result.event as ExplainedEvent;
  }
}

const done = (job: string): QueenEvent => ({ type: "job.ended", job, state: "done", usage, failure: undefined });

describe("what she remembers of a job", () => {
  test("HQ1 the placement: why there, what else there was, the load it waited for, the memory booked", () => {
    const world = new World();
    world.submit(10);
    world.place(11);
    world.load(11);
    world.stage.set(workers, { w5: workerRow({ id: "w5", state: "loading" }) });
    world.place(120);
    expect(world.history("j10")?.attempts).toEqual([
      {
        attempt: 1,
        worker: "w11",
        hive: HIVE,
        why: "w11 has m loaded, 0 of 1 slots busy, the only one free",
        placedAt: 120,
        waitedMs: 110,
        busySlots: 0,
        slots: 1,
        memoryBytes: 64,
        load: {
          worker: "w11",
          waitedMs: 100,
          decidedMs: 10,
          startedMs: 20,
          loadedMs: 70,
          why: "64 B of 100 B",
          instead: [],
        },
        alternatives: [{ worker: "w5", hive: HIVE, state: "loading", busySlots: 0, slots: 2 }],
        moreAlternatives: 0,
        otherMachines: 0,
        saidTokens: undefined,
        end: undefined,
      },
    ]);
  });

  test("the first word of each step of a load counts, and none is counted that nobody asked for", () => {
    const world = new World();
    world.submit(10);
    world.place(11);
    world.load(11);
    const loading = { type: "worker.loading", worker: "w11", pid: 7 } as const;
    world.hear(news.noteLoading, loading, 400);
    expect(world.stage.rows(loads).get("w11")).toMatchObject({ askedAt: 11, loadingAt: 41, readyAt: 111 });
    world.hear(news.noteLoading, { ...loading, worker: "w99" }, 400);
    expect(world.stage.rows(loads).size).toBe(1);
  });

  test("HQ1 the loads that were lost while it waited, with their reasons, and none of them for the next job", () => {
    const world = new World();
    world.submit(10);
    world.place(11);
    const gone = { type: "worker.gone", worker: "w11", end: OUT_OF_MEMORY, exit: KILLED, how: "" } as const;
    world.hear(news.noteGone, gone, 40);
    world.place(50);
    world.load(50);
    world.place(200);
    const lost = [{ worker: "w11", askedAt: 11, at: 40, code: "engine.out.of.memory", message: "it was too large" }];
    expect(world.history("j10")?.attempts[0]).toMatchObject({ worker: "w50", load: { worker: "w50", lost } });
    world.hear(news.noteGone, { ...gone, worker: "w50" }, 210);
    world.submit(220);
    world.place(221);
    expect(world.stage.rows(loads).get("w221")).not.toHaveProperty("lost");
  });

  test("HQ1 the typed reason of its worker's end, which the job itself is not told, and what it had said", () => {
    const world = new World();
    world.stage.set(workers, { w1: workerRow({ id: "w1" }) });
    world.submit(10);
    world.place(11);
    world.hear(
      news.noteGone,
      { type: "worker.gone", worker: "w1", end: OUT_OF_MEMORY, exit: KILLED, how: "signal SIGKILL" },
      50,
    );
    const left = { code: "worker.lost", message: "it was too large; signal SIGKILL" };
    world.hear(news.noteVacated, { type: "job.vacated", job: "j10", attempt: 1, left }, 51);
    world.hear(news.noteRequeued, { type: "job.requeued", job: "j10", saidTokens: 12 }, 52);
    const end = { at: 50, code: "engine.out.of.memory", message: "it was too large; signal SIGKILL" };
    expect(world.history("j10")?.attempts).toMatchObject([{ end, saidTokens: 12 }]);
    world.stage.set(workers, { w2: workerRow({ id: "w2" }) });
    world.place(60);
    expect(world.history("j10")?.attempts).toMatchObject([{ end }, { attempt: 2, waitedMs: 10, end: undefined }]);
  });

  test("an attempt that came back without a reason was done, and its words were lost", () => {
    const world = new World();
    world.stage.set(workers, { w1: workerRow({ id: "w1" }) });
    world.submit(10);
    world.place(11);
    world.hear(news.noteVacated, { type: "job.vacated", job: "j10", attempt: 1, left: undefined }, 20);
    expect(world.history("j10")?.attempts[0]?.end).toBeUndefined();
    world.hear(news.noteRequeued, { type: "job.requeued", job: "j10", saidTokens: 0 }, 30);
    expect(world.history("j10")?.attempts[0]?.end).toMatchObject({ at: 30, code: "stream.lost" });
  });

  test("what it stood behind when it was admitted", () => {
    const world = new World();
    for (const at of [10, 11, 12]) world.submit(at);
    expect(["j10", "j11", "j12"].map((job) => world.history(job)?.ahead)).toEqual([undefined, 1, 2]);
  });

  test("HQ3 one that is placed at once and done is one row, written once", () => {
    const world = new World();
    world.stage.set(workers, { w1: workerRow({ id: "w1" }) });
    world.submit(10);
    expect(world.stage.rows(histories).size).toBe(0);
    world.place(11);
    const written = world.history("j10");
    world.hear(news.noteVacated, { type: "job.vacated", job: "j10", attempt: 1, left: undefined }, 20);
    world.hear(news.noteEnded, done("j10"), 21);
    expect(world.history("j10")).toBe(written);
  });

  test("HQ2 goes with the job's row, and a load with its worker's", () => {
    const world = new World();
    world.stage.set(workers, { w1: workerRow({ id: "w1" }) });
    world.submit(10);
    world.place(11);
    world.hear(news.noteEnded, done("j10"), 12);
    const newer = Array.from({ length: ENDED_JOBS_KEPT - 1 }, (_, n) =>
      jobRow({ id: `e${n}`, seq: n, state: "done", endedAt: 13 }),
    );
    world.stage.set(
      jobs,
      Object.fromEntries([...newer, jobRow({ id: "j1", seq: 1, state: "running" })].map((row) => [row.id, row])),
    );
    expect(world.stage.rows(histories).has("j10")).toBe(true);
    world.hear(news.noteEnded, done("j1"), 14);
    expect([world.stage.rows(jobs).has("j10"), world.stage.rows(histories).has("j10")]).toEqual([false, false]);

    world.submit(20);
    world.stage.set(workers, { w1: workerRow({ id: "w1", state: "stopping" }) });
    world.place(21);
    expect(world.stage.rows(loads).size).toBe(1);
    world.load(21);
    world.hear(news.noteGone, { type: "worker.gone", worker: "w21", end: OUT_OF_MEMORY, exit: KILLED, how: "" }, 300);
    expect(world.stage.rows(loads).size).toBe(0);
  });
});

describe("what a job waits for", () => {
  test("the jobs before it, the workers there are, the load on its way", () => {
    const world = new World();
    world.submit(10);
    world.submit(11);
    world.place(12);
    world.hear(news.noteLoading, { type: "worker.loading", worker: "w12", pid: 7 }, 40);
    expect(world.explain("j11", 50).waiting).toMatchObject({
      phase: "serving",
      ahead: 1,
      workers: [{ worker: "w12", state: "loading" }],
      loads: [{ worker: "w12", askedAt: 12, loadingAt: 40 }],
      failedLoads: 0,
    });
    expect(world.explain("j10", 50).waiting?.ahead).toBe(0);
  });

  test("is nothing once it runs or has ended, and of a job that is not known there is nothing to tell", () => {
    const world = new World();
    world.stage.set(workers, { w1: workerRow({ id: "w1" }) });
    world.submit(10);
    world.place(11);
    expect(world.explain("j10", 12)).toMatchObject({ at: 12, job: { state: "running" }, waiting: undefined });
    const unknown = { event: { type: "explain", job: "j99" }, asked: true } as const;
    const refused = world.stage.play(answerExplain, { epoch: 1, phase: "serving" }, unknown);
    expect(refused).toMatchObject([{ do: "reply", result: { ok: false, error: { code: "request.not.found" } } }]);
  });
});
