/**
 * Goal: machines come and go, and what that means to jobs is done once.
 *
 * @see src/actors/queen/members.ts, ME1 ME2; machines/queen.ts, K6; loading.ts, LO3
 * @module
 */
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import * as members from "../../../../src/actors/queen/members.ts";
import { drainHives, noteHiveStopped } from "../../../../src/actors/queen/cascade.ts";
import { noteLoadFailed } from "../../../../src/actors/queen/news.ts";
import { crowded, type HiveRow, hives, jobs, loadFailures, workers } from "../../../../src/actors/queen/tables.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import { lines } from "../../../support/stage.ts";

const B = "b/hive/main";
const SEAT = "queen/member/b";
const SERVING = { epoch: 4, phase: "serving" } as const;
const row = (given: Partial<HiveRow> = {}): HiveRow => hiveRow({ address: B, ...given });
const linked = { event: { type: "hive.linked", hive: B, name: "b", link: 7 } } as const;
const present = { event: { type: "hive.present", hive: B } } as const;
const away = { event: { type: "hive.away", hive: B, message: "the link broke" } } as const;
const refused = (code: string, details?: Record<string, number | string>) =>
  ({
    event: {
      type: "load.failed",
      key: "w1",
      code,
      class: code === "memory.busy" ? "transient" : "terminal",
      message: `${code} there`,
      ...(details && { details }),
    } satisfies QueenEvent,
  }) as const;

describe("a hive on another machine", () => {
  test("gets a seat when it is first linked, and the same one ever after", () => {
    const stage = queenStage();
    expect(toldIn(stage, 4, members.noteLinked, linked)).toEqual(["spawn member/b", `control ${SEAT}: linked link=7`]);
    expect(stage.rows(hives).get(B)).toEqual(row({ isPresent: false, known: false }));
    expect(toldIn(stage, 4, members.noteLinked, linked)).toEqual([`control ${SEAT}: linked link=7`]);
  });

  test("that calls itself by the name of her own is none", () => {
    const own = { event: { ...linked.event, hive: HIVE } } as const;
    expect(toldIn(queenStage(), 4, members.noteLinked, own)).toEqual([]);
  });

  test("ME1 is asked what it has when it comes, and for what it had not decided on", () => {
    const stage = queenStage()
      .set(hives, { [B]: row({ isPresent: false, known: false }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, state: "asked", reservedBytes: 0 }) });
    const commands = stage.play(members.notePresent, SERVING, present);
    expect(lines(commands)).toEqual([
      `drop inventory ${B}`,
      `ask ${B}: inventory epoch=4`,
      `ask ${B}: start.worker epoch=4 worker=w1 model=m`,
    ]);
    expect(stage.rows(hives).get(B)).toEqual(row({ known: false }));
  });

  test("K6 that comes while she stops is told to drain, and asked for nothing", () => {
    const stage = queenStage().set(hives, { [B]: row({ isPresent: false }) });
    const commands = stage.play(members.notePresent, { epoch: 4, phase: "draining" }, present);
    expect(lines(commands).at(-1)).toBe(`control ${B}: drain epoch=4`);
  });

  test("ME2 that was given up loses its workers, each job told once, and nobody waits for its answers (RS2)", () => {
    const stage = queenStage()
      .set(hives, { [B]: row() })
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running", attempt: 1, worker: "w1/worker/main" }) })
      .set(workers, {
        w1: workerRow({ id: "w1", hive: B, jobs: ["j1"] }),
        w2: workerRow({ id: "w2", hive: HIVE }),
        w3: workerRow({ id: "w3", hive: B, state: "asked", slots: 0 }),
      });
    expect(told(stage, members.noteAway, away)).toEqual([
      `drop inventory ${B}`,
      "drop load w1",
      "control queen/job/j1: worker.lost attempt=1 message=b: the link broke",
      "raise place model=m",
      "drop load w3",
      "raise place model=m",
    ]);
    expect([...stage.rows(workers).entries()].map(([id]) => id)).toEqual(["w2"]);
    expect(stage.rows(hives).get(B)?.isPresent).toBe(false);
    expect(stage.rows(loadFailures).get("m")).toMatchObject([{ worker: "w3", code: "hive.lost" }]);
    expect(told(stage, members.noteAway, away)).toEqual([`drop inventory ${B}`]);
  });

  test("C3 nobody waits for one that is not there, when all others have stopped", () => {
    const stage = queenStage().set(hives, { [B]: row() });
    const stopped = { event: { type: "hive.stopped", hive: HIVE } } as const;
    expect(told(stage, noteHiveStopped, stopped)).toEqual([]);
    expect(told(stage, members.noteAway, away)).toContain("raise hives.stopped");
    expect(told(stage, noteHiveStopped, stopped)).toContain("raise hives.stopped");
    expect(toldIn(stage, 4, drainHives, stopped)).toEqual([`control ${HIVE}: drain epoch=4`]);
  });
});

describe("a hive that says no", () => {
  const stageOf = () =>
    queenStage()
      .set(hives, { [B]: row() })
      .set(workers, { w1: workerRow({ id: "w1", state: "asked", reservedBytes: 0 }) });

  test("LO3 is not the end of it: the next one is asked for the same worker", () => {
    const stage = stageOf();
    const commands = stage.play(noteLoadFailed(settings), SERVING, refused("memory.insufficient"));
    expect(lines(commands)).toEqual([`ask ${B}: start.worker epoch=4 worker=w1 model=m`]);
    expect(stage.rows(workers).get("w1")?.hive).toBe(B);
  });

  test("LO3 when none is left the load has failed, and each one's reason is told", () => {
    const stage = stageOf().set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) });
    stage.play(noteLoadFailed(settings), SERVING, refused("memory.insufficient"));
    const commands = stage.play(noteLoadFailed(settings), SERVING, refused("model.absent"));
    expect(lines(commands).at(-1)).toContain("home: memory.insufficient there; b: model.absent there");
    expect(stage.rows(workers).size).toBe(0);
  });

  test("LO3 where others only hold its memory on one of them, it waits for that one", () => {
    const stage = stageOf()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w2: workerRow({ id: "w2", model: "n", jobs: ["j2"], device: "cpu", reservedBytes: 9 }) });
    stage.play(noteLoadFailed(settings), SERVING, refused("memory.busy", { device: "cpu", missingBytes: 5 }));
    stage.play(noteLoadFailed(settings), SERVING, refused("memory.insufficient"));
    expect(stage.rows(crowded).get("m")).toMatchObject({ hive: HIVE, device: "cpu", missingBytes: 5 });
  });
});
