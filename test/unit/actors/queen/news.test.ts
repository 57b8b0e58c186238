/**
 * Goal: what befalls a job or a worker is in the books, told once to whom it concerns, and never left to look like
 * waiting.
 *
 * @see src/actors/queen/news.ts, N1 to N4
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobFailure } from "../../../../machines/job.ts";
import type { ProcessEnd } from "../../../../machines/process.ts";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import * as news from "../../../../src/actors/queen/news.ts";
import { ENDED_JOBS_KEPT, LOADS_MAX } from "../../../../src/actors/queen/settings.ts";
import { hives, jobs, keys, loadFailures, requests, workers } from "../../../../src/actors/queen/tables.ts";
import { EXIT, facts, request } from "../../../support/machine-events.ts";
import { queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import { type Cue, lines, type Stage } from "../../../support/stage.ts";

const usage = { promptTokens: 1, completionTokens: 1, firstTokenMs: 1, totalMs: 1 };
const running = (id: string, seq: number, attempt = 1) =>
  jobRow({ id, seq, state: "running", attempt, worker: "w1/worker/main" });
const end = (code: string, kind: JobFailure["class"]): ProcessEnd => ({ code, class: kind, message: "why" });
const gone = (given: ProcessEnd) =>
  ({ event: { type: "worker.gone", worker: "w1", end: given, exit: EXIT, how: "exit code 1" } }) as const;
const AGAIN = "raise place model=m";

const LOST = { worker: "w0", askedAt: 0, at: 1, code: "worker.hung", message: "" };

describe("a job's news", () => {
  const ended = { event: { type: "job.ended", job: "j1", state: "done", usage, failure: undefined }, at: 9 } as const;

  test("its end is written, its request forgotten, its slot given back once", () => {
    const stage = queenStage()
      .set(jobs, { j1: running("j1", 1) })
      .set(requests, { j1: request })
      .set(workers, { w1: workerRow({ id: "w1", jobs: ["j0", "j1"] }) });
    expect(told(stage, news.noteEnded, ended)).toEqual([AGAIN]);
    expect(stage.rows(jobs).get("j1")).toMatchObject({ state: "done", usage, endedAt: 9 });
    expect([stage.rows(requests).size, stage.rows(workers).get("w1")?.jobs]).toEqual([0, ["j0"]]);
    expect(
      told(stage, news.noteVacated, { event: { type: "job.vacated", job: "j1", attempt: 1, left: undefined } }),
    ).toEqual([]);
  });

  test("a job that was placed while it was being cancelled gives its slot back with its end", () => {
    const stage = queenStage()
      .set(jobs, { j1: running("j1", 1) })
      .set(workers, { w1: workerRow({ id: "w1", slots: 1, jobs: ["j1"] }) });
    const failure: JobFailure = { code: "job.cancelled", class: "cancelled", message: "" };
    told(stage, news.noteEnded, {
      event: { type: "job.ended", job: "j1", state: "cancelled", usage: undefined, failure },
    });
    expect(stage.rows(workers).index.free("m")).toBe("w1");
  });

  test("N3 rows of ended jobs are kept up to a bound, with their idempotency keys", () => {
    const old = Array.from({ length: ENDED_JOBS_KEPT }, (_, at) =>
      jobRow({ id: `e${at}`, seq: at, state: "done", endedAt: at, idempotencyKey: `k${at}` }),
    );
    const stage = queenStage()
      .set(jobs, Object.fromEntries([...old, running("j1", 9999)].map((row) => [row.id, row])))
      .set(keys, Object.fromEntries(old.map((row, at) => [`k${at}`, row.id])));
    told(stage, news.noteEnded, { ...ended, at: 5000 });
    expect([stage.rows(jobs).size, stage.rows(keys).size]).toEqual([ENDED_JOBS_KEPT, ENDED_JOBS_KEPT - 1]);
    expect([stage.rows(jobs).has("e0"), stage.rows(keys).has("k0"), stage.rows(jobs).has("j1")]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("P3 the last job of a worker that is to stop has it stopped", () => {
    const both = { j1: running("j1", 1), j2: running("j2", 2) };
    const row = workerRow({ id: "w1", state: "stopping", jobs: ["j1", "j2"] });
    const stage = queenStage().set(jobs, both).set(workers, { w1: row });
    const vacated = (job: string) =>
      told(stage, news.noteVacated, { event: { type: "job.vacated", job, attempt: 1, left: undefined } });
    expect(vacated("j1")).toEqual([AGAIN]);
    expect(vacated("j2")).toEqual([AGAIN, "raise stop.worker worker=w1"]);
  });

  test("vacated frees the slot of that attempt and no later one", () => {
    const stage = queenStage()
      .set(jobs, { j1: running("j1", 1, 2) })
      .set(workers, { w1: workerRow({ id: "w1", jobs: ["j1"] }) });
    const vacated = (attempt: number) =>
      told(stage, news.noteVacated, { event: { type: "job.vacated", job: "j1", attempt, left: undefined } });
    expect([vacated(1), stage.rows(workers).get("w1")?.jobs]).toEqual([[], ["j1"]]);
    expect([vacated(2), stage.rows(workers).get("w1")?.jobs]).toEqual([[AGAIN], []]);
  });

  test("requeued puts it back at its old place, and one that has ended stays ended", () => {
    const stage = queenStage().set(jobs, { j1: running("j1", 1), j2: jobRow({ id: "j2", seq: 2 }) });
    expect(told(stage, news.noteRequeued, { event: { type: "job.requeued", job: "j1", saidTokens: 0 } })).toEqual([
      AGAIN,
    ]);
    expect(stage.rows(jobs).index.heads("m")).toEqual([{ job: "j1", node: undefined }]);
    stage.set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "cancelled" }) });
    expect(told(stage, news.noteRequeued, { event: { type: "job.requeued", job: "j1", saidTokens: 0 } })).toEqual([]);
    expect(stage.rows(jobs).get("j1")?.state).toBe("cancelled");
  });

  test("requeued stands where it stood among parties too: the turn that it was given counts for nothing", () => {
    const lost = { ...running("j1", 1), placedSeq: 9, party: "a" };
    const stage = queenStage().set(jobs, { j1: lost, j2: jobRow({ id: "j2", seq: 2, party: "b" }) });
    told(stage, news.noteRequeued, { event: { type: "job.requeued", job: "j1", saidTokens: 0 } });
    expect(stage.rows(jobs).index.heads("m")).toEqual([{ job: "j1", node: undefined }]);
  });

  test.each([
    ["running", "job", "failed"],
    ["queued", "job", "failed"],
    ["done", "job", "done"],
    ["running", "process", "running"],
  ] as const)("the end of its cell finds it %s, as a %s: it is %s", (state, kind, expected) => {
    const stage = queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1, state }) });
    const event = { type: "terminated", kind, id: "j1", reason: "defect" } as const;
    const said = told(stage, news.noteTerminated, { event });
    expect(stage.rows(jobs).get("j1")?.state).toBe(expected);
    // Its readers are told, since its own cell cannot any more.
    expect(said.some((line) => line.startsWith("ask"))).toBe(expected === "failed");
  });
});

describe("a worker's news", () => {
  test("loading and ready are in the books; ready begins to take jobs", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", state: "asked", slots: 0 }) });
    toldIn(stage, 1, news.noteReserved, {
      event: { type: "worker.reserved", worker: "w1", reservedBytes: 5, device: "cpu", why: "" },
    });
    toldIn(stage, 1, news.noteLoading, { event: { type: "worker.loading", worker: "w1", pid: 3 } });
    expect(stage.rows(workers).get("w1")).toMatchObject({ state: "loading", pid: 3, reservedBytes: 5 });
    stage.set(loadFailures, { m: [LOST, LOST] });
    expect(
      toldIn(stage, 1, news.noteReady, { event: { type: "worker.ready", worker: "w1", facts: facts(2), port: 4 } }),
    ).toEqual([AGAIN]);
    expect(stage.rows(workers).get("w1")).toMatchObject({ state: "ready", slots: 2, port: 4 });
    expect([stage.rows(workers).index.free("m"), stage.rows(loadFailures).size]).toEqual(["w1", 0]);
  });

  test("stopping takes nothing new, though what runs on it goes on", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", jobs: ["j1"] }) });
    expect(
      told(stage, news.noteStopping, {
        event: { type: "worker.stopping", worker: "w1", end: end("interrupted", "cancelled") },
      }),
    ).toEqual([]);
    expect([stage.rows(workers).index.free("m"), stage.rows(workers).get("w1")?.jobs]).toEqual([undefined, ["j1"]]);
  });

  test("N4 one that is to stop does not come back by news that was under way", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", state: "stopping" }) });
    toldIn(stage, 1, news.noteLoading, { event: { type: "worker.loading", worker: "w1", pid: 3 } });
    toldIn(stage, 1, news.noteReady, { event: { type: "worker.ready", worker: "w1", facts: facts(2), port: 4 } });
    expect(stage.rows(workers).get("w1")?.state).toBe("stopping");
  });

  test("N4 one that was stopped before its hive had decided is stopped as soon as it has", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", state: "stopping" }) });
    const reserved = {
      event: { type: "worker.reserved", worker: "w1", reservedBytes: 5, device: "cpu", why: "" },
    } as const;
    expect(toldIn(stage, 4, news.noteReserved, reserved)).toEqual([
      "control hive/hive/main: stop.worker epoch=4 worker=w1",
    ]);
  });

  test("N1 one that is gone loses every job that held a slot of it, each told once (RS2)", () => {
    const stage = queenStage()
      .set(jobs, {
        j1: running("j1", 1, 2),
        j2: running("j2", 2),
        j3: { ...running("j3", 3), worker: "w2/worker/main" },
      })
      .set(workers, { w1: workerRow({ id: "w1", jobs: ["j1", "j2"] }), w2: workerRow({ id: "w2", jobs: ["j3"] }) });
    const lost = gone(end("worker.lost", "transient"));
    expect(told(stage, news.noteGone, lost)).toEqual([
      "control queen/job/j1: worker.lost attempt=2 message=why; exit code 1",
      "control queen/job/j2: worker.lost attempt=1 message=why; exit code 1",
      AGAIN,
    ]);
    expect(stage.rows(workers).has("w1")).toBe(false);
    expect(told(stage, news.noteGone, lost)).toEqual([]);
  });
});

describe("N2 a model that cannot be loaded", () => {
  const loading = () =>
    queenStage()
      .set(jobs, {
        j1: jobRow({ id: "j1", seq: 1 }),
        j2: jobRow({ id: "j2", seq: 2, model: "other" }),
        j3: running("j3", 3),
      })
      .set(workers, { w1: workerRow({ id: "w1", state: "asked", slots: 0 }) });
  const failed = (code: string, kind: JobFailure["class"]) =>
    ({ event: { type: "load.failed", key: "w1", code, class: kind, message: "no" } }) as const;
  const refused = (stage: Stage, cue: Cue<QueenEvent>): readonly string[] =>
    lines(stage.play(news.noteLoadFailed(settings), { epoch: 1, phase: "serving" }, cue));
  const rejected = (code: string, kind: string): string =>
    `control queen/job/j1: reject code=${code} class=${kind} message=no`;

  test("the refusal, or the silence, of a hive that has begun to load it is overtaken by that", () => {
    const stage = queenStage();
    for (const state of ["loading", "ready"] as const) {
      stage.set(workers, { w1: workerRow({ id: "w1", state }) });
      expect(refused(stage, failed("ask.deadline", "transient"))).toEqual([]);
      expect(stage.rows(workers).get("w1")?.state).toBe(state);
    }
  });

  test.each([
    ["model.corrupt", "terminal"],
    ["memory.insufficient", "terminal"],
    ["request.invalid", "rejected"],
  ] as const)("for good, %s, fails the jobs that wait for it with that reason, and no other", (code, kind) => {
    expect(refused(loading(), failed(code, kind))).toEqual([rejected(code, kind)]);
  });

  test.each([
    ["worker.lost", "transient"],
    ["interrupted", "cancelled"],
    ["admission.closed", "rejected"],
  ] as const)("this time, %s, leaves them in the queue: a stopping hive says nothing about the model", (code, kind) => {
    expect(refused(loading(), failed(code, kind))).toEqual([AGAIN]);
  });

  test("fails nobody while another worker for it is there or on its way", () => {
    const stage = loading().set(workers, { w2: workerRow({ id: "w2" }) });
    expect(refused(stage, failed("model.corrupt", "terminal"))).toEqual([AGAIN]);
  });

  test("again and again is tried so many times in a row and then fails them too", () => {
    const stage = loading();
    for (let nth = 1; nth < LOADS_MAX; nth++) {
      expect(refused(stage, failed("worker.lost", "transient"))).toEqual([AGAIN]);
      stage.set(workers, { w1: workerRow({ id: "w1", state: "asked", slots: 0 }) });
    }
    expect(refused(stage, failed("worker.lost", "transient"))).toEqual([rejected("worker.lost", "transient")]);
    expect(stage.rows(loadFailures).size).toBe(0);
  });

  test("a worker that served before it was lost does not count as one that could not load", () => {
    const stage = loading()
      .set(workers, { w1: workerRow({ id: "w1" }) })
      .set(loadFailures, { m: [LOST] });
    expect(told(stage, news.noteGone, gone(end("worker.lost", "transient")))).toEqual([AGAIN]);
    expect(stage.rows(loadFailures).get("m")).toEqual([LOST]);
  });

  test("N5 of one that she does not know of has it stopped: she had given up waiting for it", () => {
    const stage = queenStage().set(hives, {
      "hive/hive/main": hiveRow({ address: "hive/hive/main", name: "home", isLocal: true }),
    });
    const stopped = ["control hive/hive/main: stop.worker epoch=4 worker=w9"];
    const begun = { event: { type: "worker.loading", worker: "w9", pid: 3 } } as const;
    expect(toldIn(stage, 4, news.noteLoading, begun)).toEqual(stopped);
    const ready = { event: { type: "worker.ready", worker: "w9", facts: facts(2), port: 4 } } as const;
    expect(toldIn(stage, 4, news.noteReady, ready)).toEqual(stopped);
    expect(stage.rows(workers).size).toBe(0);
  });
});
