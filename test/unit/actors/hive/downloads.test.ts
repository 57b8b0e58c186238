/**
 * Goal: a model that is not here is fetched once, and everybody who waits for it hears of its end once.
 *
 * @see src/actors/hive/downloads.ts F1 to F4, src/actors/hive/download.ts L1
 * @module
 */
import { describe, expect, test } from "vitest";
import type { DownloadEvent, ModelPlan } from "../../../../machines/download.ts";
import type { HiveEvent } from "../../../../machines/hive.ts";
import { hiveBehaviour } from "../../../../src/actors/hive/behaviour.ts";
import { downloadBehaviour } from "../../../../src/actors/hive/download.ts";
import {
  type DownloadRow,
  downloads,
  ENDED_KEPT,
  hiveTables,
  type MemberRow,
  members,
  pending,
  type PendingRow,
  plans,
  removals,
  WAITING_MAX,
} from "../../../../src/actors/hive/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { ASKER, type Cue, lines, Stage } from "../../../support/stage.ts";

const hive = hiveBehaviour({ queen: "queen/queen/main", headroomBytes: 10, gpu: "none", threads: 1 });
const cell = downloadBehaviour({ diskReserveBytes: 10, patienceMs: 1000 });
const MODEL = "hf:o/r:Q8_0";
const NAME = "hf:o/r/f-Q8_0.gguf";
const CELL = "hf%3Ao%2Fr%3AQ8_0-1";
const OTHER = { id: "ask-2", from: "queen/queen/main" } as const;

type Handler = (given: unknown, scope: Scope) => readonly Command[];
const hiveStage = (): Stage => new Stage("hive/hive/main", hiveTables);
const told = (stage: Stage, action: string, cue: Cue<HiveEvent>): readonly string[] =>
  lines(stage.play(hive.handlers[action] as Handler, {}, cue));
const cellTold = (stage: Stage, action: string, cue: Cue<DownloadEvent>, params: unknown = {}): readonly string[] =>
  lines(stage.play(cell.handlers[action] as Handler, params, cue));

const running = (given: Partial<DownloadRow> = {}): DownloadRow => ({
  state: "running",
  cell: CELL,
  failure: undefined,
  waiting: [],
  ...given,
});
const waitsFor = (given: Partial<PendingRow> = {}): PendingRow => ({
  re: OTHER,
  model: MODEL,
  epoch: 3,
  waits: "download",
  fetched: true,
  seq: 1,
  claim: undefined,
  ...given,
});
const fetch = { event: { type: "fetch", model: MODEL }, asked: true } as const;
const waiting = { event: { type: "await.fetch", model: MODEL }, asked: true } as const;
const done = { event: { type: "download.done", model: MODEL } } as const;
const refused = { code: "hub.refused", class: "terminal", message: "no" } as const;
const failed = { event: { type: "download.failed", model: MODEL, ...refused } } as const;
const absent = (worker: string) =>
  ({
    event: { type: "measure.failed", key: worker, code: "model.absent", class: "rejected", message: "not here" },
  }) as const;

describe("a model that is wanted", () => {
  test("F1 is begun once; whoever asks while it runs joins it", () => {
    const stage = hiveStage();
    expect(told(stage, "beginFetch", fetch)).toEqual([
      `spawn download/${CELL}`,
      `watch hive/download/${CELL}`,
      "reply fetch.begun, flushed",
    ]);
    expect(told(stage, "beginFetch", { ...fetch, serial: 2 })).toEqual(["reply fetch.begun, flushed"]);
    expect(stage.all(downloads)).toEqual({ [MODEL]: running() });
  });

  test("F1 whoever waits is told of its end once, and whoever comes later at once", () => {
    const stage = hiveStage().set(downloads, { [MODEL]: running() });
    expect(told(stage, "awaitFetch", waiting)).toEqual([]);
    expect(told(stage, "noteFetched", done)).toEqual(["reply fetch.done"]);
    expect(told(stage, "noteFetched", done)).toEqual([]);
    expect(told(stage, "awaitFetch", waiting)).toEqual(["reply fetch.done"]);
    const broken = hiveStage().set(downloads, { [MODEL]: running({ waiting: [ASKER] }) });
    expect(told(broken, "noteUnfetched", failed)).toEqual(["refuse hub.refused"]);
    expect(told(broken, "noteUnfetched", failed)).toEqual([]);
    expect(told(broken, "awaitFetch", waiting)).toEqual(["refuse hub.refused"]);
    expect(told(hiveStage(), "awaitFetch", waiting)).toEqual(["refuse request.not.found"]);
  });

  test("F1 whoever gave up is not told, and the download goes on", () => {
    const stage = hiveStage().set(downloads, { [MODEL]: running({ waiting: [ASKER, OTHER] }) });
    expect(told(stage, "forgetPending", { event: { type: "ask.dropped", id: ASKER.id } })).toEqual([]);
    expect(stage.all(downloads)).toEqual({ [MODEL]: running({ waiting: [OTHER] }) });
  });

  test("F1 a cell that broke fails it, so that nobody waits for ever", () => {
    const stage = hiveStage().set(downloads, { [MODEL]: running({ waiting: [ASKER] }) });
    const event = { type: "terminated", kind: "download", id: CELL, reason: "defect" } as const;
    expect(told(stage, "endOrphan", { event })).toEqual(["refuse defect"]);
    expect(told(stage, "beginFetch", { ...fetch, serial: 9 })).toContain("reply fetch.begun, flushed");
  });

  test("F4 running downloads, remembered ends and those who wait are bounded", () => {
    const many = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`m${at}`, running()]));
    expect(told(hiveStage().set(downloads, many), "beginFetch", fetch)).toEqual(["refuse queue.full"]);
    const ended = Object.fromEntries(
      Array.from({ length: ENDED_KEPT }, (_, at) => [`m${at}`, running({ state: "done" })]),
    );
    const full = hiveStage().set(downloads, ended);
    told(full, "beginFetch", fetch);
    expect([full.rows(downloads).size, full.rows(downloads).has("m0")]).toEqual([ENDED_KEPT, false]);
    const crowd = Array.from({ length: WAITING_MAX }, (_, at) => ({ ...OTHER, id: `ask-${at}` }));
    const crowded = hiveStage().set(downloads, { [MODEL]: running({ waiting: crowd }) });
    expect(told(crowded, "awaitFetch", waiting)).toEqual(["refuse mailbox.full"]);
    expect(crowded.rows(downloads).get(MODEL)?.waiting).toHaveLength(WAITING_MAX);
  });
});

describe("a worker whose model is absent", () => {
  test("F2 begins its download, and is measured again when that is done", () => {
    const stage = hiveStage().set(pending, { w1: waitsFor({ waits: "nothing", fetched: false }) });
    expect(told(stage, "noteUnmeasured", absent("w1"))).toEqual([
      `spawn download/${CELL}`,
      `watch hive/download/${CELL}`,
    ]);
    expect(stage.all(pending)).toEqual({ w1: waitsFor() });
    expect(told(stage, "noteFetched", done)).toEqual([expect.stringContaining("measure worker=w1")]);
  });

  test("F2 is refused when it is absent after that, or when the download fails", () => {
    const stage = hiveStage().set(pending, { w1: waitsFor({ waits: "nothing" }) });
    expect(told(stage, "noteUnmeasured", absent("w1"))).toEqual(["refuse model.absent"]);
    const failing = hiveStage().set(pending, { w1: waitsFor(), w2: waitsFor({ model: "other" }) });
    failing.set(downloads, { [MODEL]: running() });
    expect(told(failing, "noteUnfetched", failed)).toEqual(["refuse hub.refused"]);
    expect(Object.keys(failing.all(pending))).toEqual(["w2"]);
  });

  test("F2 that could not be measured for another reason is refused with it", () => {
    const stage = hiveStage().set(pending, { w1: waitsFor({ waits: "nothing", fetched: false }) });
    const event = { type: "measure.failed", key: "w1", code: "model.corrupt", class: "terminal", message: "" } as const;
    expect(told(stage, "noteUnmeasured", { event })).toEqual(["refuse model.corrupt"]);
  });
});

describe("a removal", () => {
  const remove = { event: { type: "remove.model", model: NAME }, asked: true, serial: 5 } as const;
  const plan: ModelPlan = { name: NAME, files: [] };

  test("F3 cancels every download of the same files, whatever its name, and then asks the port", () => {
    const stage = hiveStage().set(downloads, { [MODEL]: running(), other: running({ cell: "other-2" }) });
    stage.set(plans, { [MODEL]: { plan, progressAt: 0 } });
    expect(told(stage, "removeModel", remove)).toEqual([
      `control hive/download/${CELL}: cancel`,
      `ask porter/port/models: remove key=5 model=${NAME}`,
    ]);
  });

  test("F3 is asked with the files that workers use, and whoever asked is answered once", () => {
    const member = { path: "/models/f.gguf" } as MemberRow;
    const stage = hiveStage().set(members, { w1: member });
    const [asked] = stage.play(hive.handlers["removeModel"] as Handler, {}, remove);
    expect(asked).toMatchObject({ event: { inUse: ["/models/f.gguf"] } });
    const inUse = { type: "remove.failed", key: "5", code: "model.in.use", class: "rejected", message: "" } as const;
    expect(told(stage, "answerRemoved", { event: inUse })).toEqual(["refuse model.in.use"]);
    expect(told(stage, "answerRemoved", { event: inUse })).toEqual([]);
    const again = hiveStage().set(removals, { "5": ASKER });
    expect(told(again, "answerRemoved", { event: { type: "removed", key: "5", bytes: 7 } })).toEqual([
      "reply model.removed bytes=7",
    ]);
  });
});

describe("the cell of a download", () => {
  const plan: ModelPlan = { name: NAME, files: [{ path: "f-Q8_0.gguf", bytes: 100, sha256: undefined }] };
  const other: ModelPlan = { name: "hf:o/r/x.gguf", files: [] };
  const cellStage = (): Stage =>
    new Stage(`hive/download/${CELL}`, hiveTables)
      .set(downloads, { [MODEL]: running(), a: running(), b: running({ state: "done" }), c: running() })
      .set(plans, {
        [MODEL]: { plan, progressAt: 100 },
        a: { plan: other, progressAt: 0 },
        b: { plan: { ...other, name: "ended" }, progressAt: 0 },
        c: { plan, progressAt: 0 },
      });

  test("L1 is named after the model it was asked for", () => {
    const stage = new Stage(`hive/download/${CELL}`, hiveTables);
    expect(cellTold(stage, "resolve", { event: { type: "restored" } })).toEqual([
      `ask porter/port/models: resolve model=${MODEL}`,
    ]);
  });

  test("M1 measures room with what other downloads that run still write, each file once", () => {
    const measured = cellStage().play(cell.handlers["measureRoom"] as Handler, {}, { event: { type: "restored" } });
    expect(measured).toMatchObject([{ event: { type: "room", plan, others: [other] } }]);
  });

  test.each([
    [110, "raise room.enough"],
    [109, expect.stringMatching(/^raise room.lacking message=no room for hf:o\/r:Q8_0: 1 bytes are missing/)],
  ])("M1 with %i bytes free: %s", (freeBytes, line) => {
    const event = { type: "room.measured", toComeBytes: 100, othersBytes: 0, freeBytes } as const;
    expect(cellTold(cellStage(), "weighRoom", { event })).toEqual([line]);
  });

  test("D2 loses patience when nothing came for too long, and not a moment before", () => {
    const event = { type: "cut", presentBytes: 1, code: "hub.unreachable", class: "transient", message: "" } as const;
    expect(cellTold(cellStage(), "weighPatience", { event, at: 1100 })).toEqual([]);
    expect(cellTold(cellStage(), "weighPatience", { event, at: 1101 })).toEqual(["raise patience.lost"]);
    const stage = cellStage();
    cellTold(stage, "noteProgress", { event, at: 1101 });
    expect(cellTold(stage, "weighPatience", { event, at: 2000 })).toEqual([]);
  });

  test("tells its hive of its end, and leaves no plan behind", () => {
    const stage = cellStage();
    const event = { type: "cancel" } as const;
    expect(cellTold(stage, "announceFailed", { event }, { failure: refused })).toEqual([
      `control hive/hive/main: download.failed model=${MODEL} code=hub.refused class=terminal message=no`,
    ]);
    expect(stage.rows(plans).has(MODEL)).toBe(false);
    expect(cellTold(cellStage(), "announceDone", { event })).toEqual([
      `control hive/hive/main: download.done model=${MODEL}`,
    ]);
  });
});
