/**
 * Goal: a model that does not fit beside what runs gets its room when somebody can make it, and no model waits for ever
 * behind another.
 *
 * @see src/actors/queen/crowding.ts, CR1 to CR6; placement.ts, P2; news.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobFailure } from "../../../../machines/job.ts";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import type { QueenContext } from "../../../../machines/queen.ts";
import type { JobRow } from "../../../../machines/rules/queue.ts";
import { noteMemory } from "../../../../src/actors/queen/crowding.ts";
import * as news from "../../../../src/actors/queen/news.ts";
import { place } from "../../../../src/actors/queen/placement.ts";
import { crowded, type CrowdedRow, hives, jobs, loadFailures, workers } from "../../../../src/actors/queen/tables.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import { type Cue, lines, type Stage } from "../../../support/stage.ts";
import { EXIT } from "../../../support/machine-events.ts";

const BUSY = { code: "memory.busy", class: "transient", message: "no room" } as const;
const refusal = { type: "load.failed", key: "w9", ...BUSY, details: { missingBytes: 80, device: "cpu" } } as const;
const asked = workerRow({ id: "w9", model: "new", state: "asked", slots: 0, device: "", reservedBytes: 0 });
const refused = (stage: Stage, event: QueenEvent = refusal, phase: QueenContext["phase"] = "serving") =>
  lines(stage.play(news.noteLoadFailed(settings), { epoch: 3, phase }, { event }));
const lacking: CrowdedRow = {
  model: "new",
  device: "cpu",
  missingBytes: 80,
  hive: HIVE,
  why: "no room",
  isStale: false,
  isAwaited: false,
  isPinned: false,
};
const placing = (model: string, at = 1000): Cue<QueenEvent> => ({ event: { type: "place", model }, serial: 20, at });
const asking = (stage: Stage): readonly unknown[] =>
  [...stage.rows(workers).entries()].flatMap(([, { id, model, instead }]) =>
    instead.length > 0 ? [{ id, model, instead }] : [],
  );

/** A worker of `old` is there, idle unless said otherwise; a job waits for `new`, for which there was no room. */
const stageWith = (given: Partial<Parameters<typeof workerRow>[0]> = {}): Stage =>
  queenStage()
    .set(jobs, { j1: jobRow({ id: "j1", seq: 1, model: "new" }) })
    .set(workers, { w1: workerRow({ id: "w1", model: "old", ...given }), w9: asked });

describe("a hive that has no room now", () => {
  test("CR1 is asked again for the same worker, naming whom it replaces; who makes room takes no job from then on", () => {
    const stage = stageWith();
    expect(refused(stage)).toEqual(["ask hive/hive/main: start.worker epoch=3 worker=w9 model=new"]);
    expect(asking(stage)).toEqual([{ id: "w9", model: "new", instead: ["w1"] }]);
    expect([stage.rows(workers).get("w1")?.state, stage.rows(workers).index.free("old")]).toEqual([
      "stopping",
      undefined,
    ]);
  });

  test("CR2 lets the jobs wait when everybody works, and counts no failure of the model", () => {
    const stage = stageWith({ jobs: ["j0"] });
    expect(refused(stage)).toEqual([]);
    expect([stage.rows(workers).has("w9"), stage.rows(loadFailures).size]).toEqual([false, 0]);
    expect(stage.rows(crowded).get("new")).toMatchObject({ missingBytes: 80, hive: HIVE, isStale: false });
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([]);
  });

  test("CR2 is asked again at once when whoever was in the way is gone by now", () => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, model: "new" }) })
      .set(workers, { w9: asked });
    expect(refused(stage)).toEqual(["ask hive/hive/main: start.worker epoch=3 worker=w9 model=new"]);
  });

  test("is forgotten where nobody waits for the model, or she does not serve", () => {
    const byHand = queenStage().set(workers, { w1: workerRow({ id: "w1", jobs: ["j0"] }), w9: asked });
    expect([refused(byHand), byHand.rows(workers).has("w9"), byHand.rows(crowded).size]).toEqual([[], false, 0]);
    const draining = stageWith();
    expect([refused(draining, refusal, "draining"), draining.rows(workers).get("w1")?.state]).toEqual([[], "ready"]);
    expect(draining.rows(workers).has("w9")).toBe(false);
  });

  test("CR1 whoever was to make room for what came to nothing is stopped all the same", () => {
    const stage = stageWith({ state: "stopping" }).set(workers, { w9: { ...asked, instead: ["w1", "w0"] } });
    const event: QueenEvent = { ...refusal, code: "admission.closed", class: "rejected" };
    expect(refused(stage, event)[0]).toBe("control hive/hive/main: stop.worker epoch=3 worker=w1");
    expect(refused(stage, event)).toEqual([]);
  });
});

describe("CR2 a model that is crowded out", () => {
  const crowdedStage = (given: Partial<Parameters<typeof workerRow>[0]> = {}): Stage =>
    queenStage()
      .set(jobs, {
        j0: jobRow({ id: "j0", seq: 0, model: "old", state: "running", attempt: 1, worker: "w1/worker/main" }),
        j1: jobRow({ id: "j1", seq: 5, model: "new", admittedAt: 1000 }),
      })
      .set(workers, { w1: workerRow({ id: "w1", model: "old", slots: 1, jobs: ["j0"], ...given }) })
      .set(crowded, { new: lacking });

  test("looks again when a worker has nothing to do, and only then", () => {
    const stage = crowdedStage({ jobs: ["j0", "jx"] });
    const vacated = (job: string) =>
      told(stage, news.noteVacated, { event: { type: "job.vacated", job, attempt: 1, left: undefined }, at: 1234 });
    expect(vacated("j0")).toEqual(["raise place model=old"]);
    stage.set(workers, { w1: workerRow({ id: "w1", model: "old", jobs: ["j0"] }) });
    expect(vacated("j0")).toEqual(["raise place model=old", "raise place model=new"]);
    expect(stage.rows(workers).get("w1")?.usedAt).toBe(1234);
  });

  test("takes the place of the idle worker, and is no longer crowded out", () => {
    const stage = crowdedStage({ jobs: [] });
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w20 model=new",
    ]);
    expect(asking(stage)).toEqual([{ id: "w20", model: "new", instead: ["w1"] }]);
    expect([stage.rows(crowded).size, stage.rows(workers).get("w1")?.state]).toEqual([0, "stopping"]);
  });

  test("is asked for anew when a worker is gone: what is lacking then only the hive knows", () => {
    const stage = crowdedStage().set(workers, { w2: workerRow({ id: "w2", jobs: ["jx"] }) });
    const end = { code: "worker.idle", class: "cancelled", message: "" } as const;
    const gone = { event: { type: "worker.gone", worker: "w1", end, exit: EXIT, how: "" } } as const;
    expect(told(stage, news.noteGone, gone)).toContain("raise place model=new");
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w20 model=new",
    ]);
    expect(asking(stage)).toEqual([]);
  });
});

describe("CR6 a model that some want on one machine, and others anywhere", () => {
  const pinned = jobRow({ id: "j1", seq: 1, model: "new", node: HIVE });
  const free = jobRow({ id: "j2", seq: 2, model: "new" });
  const busy = workerRow({ id: "w1", model: "old", jobs: ["j0"] });
  const stageOf = (isPinned: boolean, waiting: Readonly<Record<string, JobRow>>): Stage =>
    queenStage()
      .set(jobs, waiting)
      .set(workers, { w1: busy, w9: { ...asked, isPinned } });

  test.each([
    ["those that are pinned", true, { j1: pinned, j2: free }],
    ["those that are not", false, { j1: pinned, j2: free }],
    ["whoever waits no longer", true, { j2: free }],
  ])("is looked at for the others when what was asked for %s found no room", (_, isPinned, waiting) => {
    expect(refused(stageOf(isPinned, waiting))).toEqual(["raise place model=new"]);
  });

  test("is looked at for those that are pinned where it was refused, when another machine is asked instead", () => {
    const stage = stageOf(false, { j1: pinned, j2: free }).set(hives, {
      "b/hive/main": hiveRow({ address: "b/hive/main" }),
    });
    expect(refused(stage)).toEqual([
      "ask b/hive/main: start.worker epoch=3 worker=w9 model=new",
      "raise place model=new",
    ]);
  });

  test("is asked for by the others, while those that come first are crowded out", () => {
    const stage = queenStage()
      .set(jobs, { j1: pinned, j2: free })
      .set(workers, { w1: busy })
      .set(crowded, { [`new ${HIVE}`]: { ...lacking, isPinned: true } });
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w20 model=new",
    ]);
  });
});

describe("CR5 where other programs hold the memory", () => {
  const held = { ...refusal, details: { ...refusal.details, untilFreeBytes: 90 } };
  const AWAITED = "ask hive/hive/main: await.memory epoch=3 model=new device=cpu untilFreeBytes=90";
  const awaiting = (): Stage => {
    const stage = stageWith({ jobs: ["j0"] });
    expect(refused(stage, held)).toEqual([AWAITED]);
    return stage;
  };

  test.each<QueenEvent>([
    { type: "memory.came", model: "new" },
    { type: "memory.failed", key: "new", code: "host.restarted", class: "transient", message: "" },
  ])("its hive is asked to say when they have left enough, and is asked anew then: $type", (event) => {
    const stage = awaiting();
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([]);
    expect(told(stage, noteMemory, { event })).toEqual(["raise place model=new"]);
    expect(toldIn(stage, 3, place(settings), placing("new"))).toEqual([
      "ask hive/hive/main: start.worker epoch=3 worker=w20 model=new",
    ]);
  });

  test("nothing is asked of it where only workers are in the way, and what was asked before is dropped", () => {
    const stage = awaiting().set(workers, { w1: workerRow({ id: "w1", model: "old", jobs: ["j0"] }), w9: asked });
    expect(refused(stage)).toEqual(["drop memory new"]);
    expect(stage.rows(crowded).get("new")?.isAwaited).toBe(false);
  });

  test("nobody looks for a model that nobody waits for any longer", () => {
    const stage = awaiting();
    const failure: JobFailure = { code: "job.cancelled", class: "cancelled", message: "" };
    const ended = { type: "job.ended", job: "j1", state: "cancelled", usage: undefined, failure } as const;
    expect(told(stage, news.noteEnded, { event: ended })).toEqual(["drop memory new"]);
    expect(told(stage, noteMemory, { event: { type: "memory.came", model: "new" } })).toEqual([]);
  });
});

describe("CR3 a model that is asked for again and again", () => {
  const BOUND_MS = settings.crowdedMs;
  const AGE_MS = 1000;
  const contested = (newSeq = 1): Stage =>
    queenStage()
      .set(jobs, {
        j1: jobRow({ id: "j1", seq: newSeq, model: "new", admittedAt: AGE_MS }),
        j2: jobRow({ id: "j2", seq: 2, model: "old", admittedAt: AGE_MS }),
      })
      .set(workers, { w1: workerRow({ id: "w1", model: "old", slots: 2, jobs: ["j0"] }) })
      .set(crowded, { new: lacking });
  const placed = (stage: Stage, at: number): boolean =>
    toldIn(stage, 3, place(settings), placing("old", at)).some((line) => line.includes("assigned"));

  test("is given no more jobs once an older one has been crowded out for its bound, and is replaced when it is idle", () => {
    expect(placed(contested(), AGE_MS + BOUND_MS - 1)).toBe(true);
    const stage = contested();
    expect(toldIn(stage, 3, place(settings), placing("old", late))).toEqual([]);
    expect(toldIn(stage, 3, place(settings), placing("new", late))).toEqual([]);
    stage.set(workers, { w1: workerRow({ id: "w1", model: "old" }) });
    toldIn(stage, 3, place(settings), placing("new", late));
    expect(asking(stage)).toEqual([{ id: "w20", model: "new", instead: ["w1"] }]);
  });

  test("is not held back for a job that came later, however long that has waited", () => {
    expect(placed(contested(3), AGE_MS + 10 * BOUND_MS)).toBe(true);
  });

  test("is not held back where that would not be enough", () => {
    const stage = contested().set(crowded, { new: { ...lacking, missingBytes: 101 } });
    expect(placed(stage, AGE_MS + BOUND_MS)).toBe(true);
  });

  test("an idle worker whose model somebody waits for stays until then", () => {
    const stage = contested().set(workers, { w1: workerRow({ id: "w1", model: "old" }) });
    expect(toldIn(stage, 3, place(settings), placing("new", AGE_MS))).toEqual([]);
    expect(stage.rows(workers).get("w1")?.state).toBe("ready");
  });

  const B = "b/hive/main";
  const late = AGE_MS + BOUND_MS;
  /** The worker here has the least to do, and is held back; on the other machine there is one as well. */
  const elsewhere = (given: Partial<Parameters<typeof workerRow>[0]> = {}): Stage =>
    contested()
      .set(hives, { [B]: hiveRow({ address: B }) })
      .set(workers, { w2: workerRow({ id: "w2", model: "old", hive: B, slots: 4, jobs: ["j3", "j4"], ...given }) });

  test("goes on where it has a worker on another machine", () => {
    const stage = elsewhere();
    expect(placed(stage, late)).toBe(true);
    expect([stage.rows(workers).get("w1")?.jobs, stage.rows(workers).get("w2")?.jobs]).toEqual([
      ["j0"],
      ["j3", "j4", "j2"],
    ]);
  });

  test("goes on there also for those that want that machine, behind others that want any", () => {
    const stage = elsewhere().set(jobs, {
      j5: jobRow({ id: "j5", seq: 5, model: "old", admittedAt: AGE_MS, node: B }),
      j2: jobRow({ id: "j2", seq: 2, model: "old", admittedAt: AGE_MS, node: HIVE }),
    });
    expect(placed(stage, late)).toBe(true);
    expect(stage.rows(jobs).get("j5")?.worker).toBe("w2/worker/main");
  });

  test("is replaced at once where it is idle by then, and not asked about where that would come to nothing", () => {
    const idle = contested().set(workers, { w1: workerRow({ id: "w1", model: "old" }) });
    expect(toldIn(idle, 3, place(settings), placing("old", late))).toEqual(["raise place model=new"]);
    const coming = idle.set(workers, { w8: workerRow({ id: "w8", hive: B, model: "new", state: "loading" }) });
    expect(toldIn(coming, 3, place(settings), placing("old", late))).toEqual([]);
  });

  test("CR4 goes on when nobody waits any longer for what it was held back for", () => {
    const failure: JobFailure = { code: "job.cancelled", class: "cancelled", message: "" };
    const stage = contested();
    const ended = { type: "job.ended", job: "j1", state: "cancelled", usage: undefined, failure } as const;
    expect(told(stage, news.noteEnded, { event: ended })).toEqual(["raise place model=old"]);
    expect(stage.rows(crowded).size).toBe(0);
    expect(placed(stage, AGE_MS + BOUND_MS)).toBe(true);
  });

  test("CR4 goes on when its hive has found room for the other one", () => {
    const stage = contested().set(workers, { w9: asked });
    const event = { type: "worker.reserved", worker: "w9", reservedBytes: 5, device: "cpu", why: "" } as const;
    expect(toldIn(stage, 3, news.noteReserved, { event })).toEqual(["raise place model=old"]);
    expect(stage.rows(crowded).size).toBe(0);
  });
});

test("what is booked for a worker grows in her books as in its hive's", () => {
  const stage = queenStage().set(workers, { w1: workerRow({ id: "w1" }) });
  told(stage, news.noteWeighed, { event: { type: "worker.weighed", worker: "w1", reservedBytes: 333 } });
  expect(stage.rows(workers).get("w1")?.reservedBytes).toBe(333);
});
