/**
 * Goal: a term ends when every hive has stopped.
 *
 * @see src/actors/queen/cascade.ts, C3, C4
 * @module
 */
import { describe, expect, test } from "vitest";
import * as cascade from "../../../../src/actors/queen/cascade.ts";
import { drains, hives, jobs } from "../../../../src/actors/queen/tables.ts";
import { HIVE, queenStage, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow } from "../../../support/rows.ts";
import { ASKER } from "../../../support/stage.ts";

const hive = (address: typeof HIVE | "hive/hive/b", stopped: boolean, known = true) =>
  hiveRow({ address, name: "home", isLocal: true, stopped, known });
const other = "hive/hive/b";

describe("coming to an end", () => {
  const drain = { event: { type: "drain" }, asked: true } as const;

  test("is idle when no job runs; those that wait can wait for the next start", () => {
    const stage = queenStage().set(jobs, {
      j1: jobRow({ id: "j1", seq: 1 }),
      j2: jobRow({ id: "j2", seq: 2, state: "running" }),
    });
    expect(told(stage, cascade.checkIdle, drain)).toEqual([]);
    stage.set(jobs, { j2: jobRow({ id: "j2", seq: 2, state: "done" }) });
    expect(told(stage, cascade.checkIdle, drain)).toEqual(["raise jobs.idle"]);
  });

  test("suspends what still runs, and nothing else", () => {
    const states = ["queued", "running", "done", "failed", "cancelled"] as const;
    const stage = queenStage().set(
      jobs,
      Object.fromEntries(states.map((state, seq) => [state, jobRow({ id: state, seq, state })])),
    );
    expect(told(stage, cascade.suspendJobs, drain)).toEqual(["control queen/job/running: suspend"]);
  });

  test("drains, and hurries, every hive under her epoch", () => {
    const stage = queenStage().set(hives, { [HIVE]: hive(HIVE, false), [other]: hive(other, false) });
    expect(toldIn(stage, 2, cascade.drainHives, drain)).toEqual([
      `control ${HIVE}: drain epoch=2`,
      `control ${other}: drain epoch=2`,
    ]);
    expect(toldIn(stage, 2, cascade.hurryHives, drain)).toEqual([
      `control ${HIVE}: hurry epoch=2`,
      `control ${other}: hurry epoch=2`,
    ]);
  });

  test("C3 has stopped when the last hive has", () => {
    const stage = queenStage().set(hives, { [HIVE]: hive(HIVE, false), [other]: hive(other, false) });
    expect(told(stage, cascade.noteHiveStopped, { event: { type: "hive.stopped", hive: HIVE } })).toEqual([]);
    expect(told(stage, cascade.noteHiveStopped, { event: { type: "hive.stopped", hive: other } })).toEqual([
      "raise hives.stopped",
    ]);
  });

  test("C3 answers everybody who waits for it, once, when the disk has it", () => {
    const stage = queenStage();
    told(stage, cascade.rememberDrain, drain);
    expect(stage.all(drains)).toEqual({ [ASKER.id]: ASKER });
    expect(told(stage, cascade.answerDrain, drain)).toEqual(["reply drained, flushed"]);
    expect(told(stage, cascade.answerDrain, drain)).toEqual([]);
  });

  test("C4 a broken step on the way does not undo it: whoever still waits makes her stop again", () => {
    const stage = queenStage();
    expect(told(stage, cascade.resumeDrain, { event: { type: "restored" } })).toEqual([]);
    told(stage, cascade.rememberDrain, drain);
    expect(told(stage, cascade.resumeDrain, { event: { type: "restored" } })).toEqual(["raise drain"]);
    expect(drains.volatile).toBe(true);
  });
});
