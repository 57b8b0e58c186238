/**
 * Goal: a machine that its owner drains becomes empty and stays so until it is resumed, and no job is hurt by it; and
 * work that names a machine runs there or is refused with the reason.
 *
 * @see src/actors/queen/draining.ts, DR1 to DR4; pins.ts, PN1; placement.ts, P2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import type { WorkerRow } from "../../../../machines/rules/fleet.ts";
import { admit } from "../../../../src/actors/queen/admission.ts";
import { drainHive, noteLeaving, resumeHive } from "../../../../src/actors/queen/draining.ts";
import * as inventories from "../../../../src/actors/queen/inventories.ts";
import { noteLinked } from "../../../../src/actors/queen/members.ts";
import { noteEnded } from "../../../../src/actors/queen/news.ts";
import { place, spawnWorker } from "../../../../src/actors/queen/placement.ts";
import { hives, jobs, workers } from "../../../../src/actors/queen/tables.ts";
import type { Command } from "../../../../src/runtime/behaviour.ts";
import { request } from "../../../support/machine-events.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import type { Stage } from "../../../support/stage.ts";

const B = "b/hive/main";
const roomy = { ...settings, queueLengthMax: 10 };
const drain = { event: { type: "drain.hive", name: "b" }, asked: true } as const;
const resume = { event: { type: "resume.hive", name: "b" }, asked: true } as const;
const placing = { event: { type: "place", model: "m" }, serial: 9 } as const;
const submit = (node: string) => ({ event: { type: "submit", request: { ...request, node } }, asked: true }) as const;
const refusalOf = (commands: readonly Command[]) => {
  const [command] = commands;
  return command?.do === "reply" && !command.result.ok ? command.result.error : undefined;
};
const twoMachines = (given: Partial<ReturnType<typeof hiveRow>> = {}): Stage =>
  queenStage().set(hives, { [B]: hiveRow({ address: B, ...given }) });
const states = (stage: Stage): readonly (readonly [string, WorkerRow["state"]])[] =>
  [...stage.rows(workers).entries()].map(([id, { state }]) => [id, state] as const);

describe("a machine that is drained", () => {
  test("DR1 has its idle workers stopped at once, and those that have jobs when these have ended", () => {
    const stage = twoMachines().set(workers, {
      w1: workerRow({ id: "w1", hive: B }),
      w2: workerRow({ id: "w2", hive: B, jobs: ["j1"] }),
      w3: workerRow({ id: "w3" }),
    });
    stage.set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running", attempt: 1, worker: "w2/worker/main" }) });
    expect(toldIn(stage, 3, drainHive, drain)).toEqual([
      `control ${B}: stop.worker epoch=3 worker=w1`,
      "reply hive.standing hive=b state=draining jobs=1, flushed",
    ]);
    expect(states(stage)).toEqual([
      ["w1", "stopping"],
      ["w2", "stopping"],
      ["w3", "ready"],
    ]);
    const done = { type: "job.ended", job: "j1", state: "done", usage: undefined, failure: undefined } as const;
    expect(told(stage, noteEnded, { event: done })).toContain("raise stop.worker worker=w2");
  });

  test("DR1 is asked for no worker; where it is the only one who waits goes on waiting, and DR2 is served then", () => {
    const stage = twoMachines()
      .set(hives, { [HIVE]: hiveRow({ address: HIVE, name: "home", isLocal: true, isDraining: true }) })
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) });
    expect(toldIn(stage, 3, drainHive, drain)).toEqual([
      "raise place model=m",
      "reply hive.standing hive=b state=drained jobs=0, flushed",
    ]);
    expect([toldIn(stage, 3, place(settings), placing), stage.rows(workers).size]).toEqual([[], 0]);
    expect(told(stage, resumeHive, resume)).toEqual([
      "raise place model=m",
      "reply hive.standing hive=b state=serving jobs=0, flushed",
    ]);
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([`ask ${B}: start.worker epoch=3 worker=w9 model=m`]);
  });

  test("DR1 what was asked for there and not decided is given up, and its jobs look elsewhere", () => {
    const stage = twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, state: "asked", slots: 0, reservedBytes: 0 }) });
    expect(toldIn(stage, 3, drainHive, drain)).toContain("raise place model=m");
    expect(toldIn(stage, 3, place(settings), placing)).toEqual([`ask ${HIVE}: start.worker epoch=3 worker=w9 model=m`]);
  });

  test("DR2 is drained after a restart of hers and of its own, and loses what comes to light there", () => {
    const stage = twoMachines({ isDraining: true }).set(hives, {
      [HIVE]: hiveRow({ address: HIVE, name: "home", isLocal: true, isDraining: true }),
    });
    stage.play(inventories.requestInventories(settings), { epoch: 4 }, { event: { type: "restored" } });
    stage.play(noteLinked, { epoch: 4 }, { event: { type: "hive.linked", hive: B, name: "b", link: 2 } });
    expect([HIVE, B].map((hive) => stage.rows(hives).get(hive)?.isDraining)).toEqual([true, true]);
    const found = { event: { type: "hive.inventory", hive: HIVE, workers: [] } } as const;
    expect(toldIn(stage, 4, inventories.reconcile, found)).toEqual(["raise drain.hive name=home"]);
  });

  test("DR3 is drained and resumed once, however often it is said; a name of nobody is refused", () => {
    const stage = twoMachines().set(workers, { w1: workerRow({ id: "w1", hive: B }) });
    toldIn(stage, 3, drainHive, drain);
    expect(toldIn(stage, 3, drainHive, drain)).toEqual(["reply hive.standing hive=b state=draining jobs=0, flushed"]);
    for (const type of ["drain.hive", "resume.hive"] as const) {
      const cue = { event: { type, name: "c" } as QueenEvent, asked: true };
      const commands = stage.play(type === "drain.hive" ? drainHive : resumeHive, { epoch: 3 }, cue);
      expect(refusalOf(commands)?.code).toBe("hive.unknown");
    }
  });
});

describe("work that names a machine", () => {
  test("PN1 is admitted for a machine that is there, and runs on no other", () => {
    const stage = twoMachines().set(workers, { w1: workerRow({ id: "w1" }) });
    stage.play(admit(roomy), undefined, { ...submit("b"), serial: 5 });
    expect(stage.rows(jobs).get("j5")?.node).toBe(B);
    expect(toldIn(stage, 3, place(roomy), placing)).toEqual([`ask ${B}: start.worker epoch=3 worker=w9 model=m`]);
    expect(stage.rows(workers).get("w9")?.isPinned).toBe(true);
  });

  test("PN1 is refused where no machine is called so, with the names of those that are", () => {
    expect(refusalOf(twoMachines().play(admit(roomy), undefined, submit("c")))).toMatchObject({
      code: "hive.unknown",
      message: "no machine of this cluster is called c; there are home, b",
    });
  });

  test.each([
    ["hive.lost", { isPresent: false }],
    ["hive.draining", { isDraining: true }],
  ] as const)("PN1 is refused with %s while that machine takes nothing", (code, given) => {
    const stage = twoMachines(given);
    expect(refusalOf(stage.play(admit(roomy), undefined, submit("b")))?.code).toBe(code);
    const spawn = { event: { type: "spawn.worker", model: "m", node: "b" }, asked: true } as const;
    expect(refusalOf(stage.play(spawnWorker(roomy), { epoch: 1 }, spawn))?.code).toBe(code);
    expect([stage.rows(jobs).size, stage.rows(workers).size]).toEqual([0, 0]);
  });

  test("PN1 that was admitted before its machine went waits for it, and starts nothing meanwhile", () => {
    const stage = twoMachines({ isPresent: false }).set(jobs, { j1: jobRow({ id: "j1", seq: 1, node: B }) });
    expect(toldIn(stage, 3, place(roomy), placing)).toEqual([]);
    stage.set(hives, { [B]: hiveRow({ address: B }) });
    expect(toldIn(stage, 3, place(roomy), placing)).toEqual([`ask ${B}: start.worker epoch=3 worker=w9 model=m`]);
  });

  test("a worker by hand is started on the machine that is named", () => {
    const spawn = { event: { type: "spawn.worker", model: "m", node: "b" }, asked: true, serial: 4 } as const;
    expect(toldIn(twoMachines(), 3, spawnWorker(roomy), spawn)).toEqual([
      `ask ${B}: start.worker epoch=3 worker=w4 model=m`,
      "reply spawned worker=w4",
    ]);
  });
});

describe("a machine that is about to go", () => {
  const leaving = { event: { type: "hive.leaving", hive: B } } as const;
  const two = () =>
    twoMachines().set(workers, {
      w1: workerRow({ id: "w1", hive: B }),
      w2: workerRow({ id: "w2", hive: B, jobs: ["j1"] }),
    });

  test("DR4 is given nothing new: its idle workers are stopped, the others when their jobs have ended", () => {
    const stage = two();
    expect(toldIn(stage, 3, noteLeaving, leaving)).toEqual([`control ${B}: stop.worker epoch=3 worker=w1`]);
    expect(states(stage)).toEqual([
      ["w1", "stopping"],
      ["w2", "stopping"],
    ]);
    expect(refusalOf(stage.play(admit(roomy), undefined, submit("b")))).toMatchObject({ code: "hive.draining" });
    const waiting = twoMachines({ isLeaving: true })
      .set(hives, { [HIVE]: hiveRow({ address: HIVE, name: "home", isLocal: true, isDraining: true }) })
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) });
    expect(toldIn(waiting, 3, place(settings), placing)).toEqual([]);
  });

  test("DR4 also where it says what it has only then; when it comes again it is like any other", () => {
    const stage = twoMachines({ isLeaving: true });
    const found = { event: { type: "hive.inventory", hive: B, workers: [] } } as const;
    expect(toldIn(stage, 3, inventories.reconcile, found)).toEqual([`raise hive.leaving hive=${B}`]);
    toldIn(stage, 3, noteLinked, { event: { type: "hive.linked", hive: B, name: "b", link: 2 } });
    expect(stage.rows(hives).get(B)?.isLeaving).toBe(false);
  });
});
