/**
 * Goal: a term begins by adopting what is there and telling what is lost.
 *
 * @see src/actors/queen/inventories.ts, C1, C2, C5, C6, C7
 * @module
 */
import { describe, expect, test } from "vitest";
import type { InventoryEntry } from "../../../../machines/queen-events.ts";
import * as inventories from "../../../../src/actors/queen/inventories.ts";
import { hives, jobs, workers } from "../../../../src/actors/queen/tables.ts";
import { facts } from "../../../support/machine-events.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";

const DAY_MS = 86_400_000;

const entry = (worker: string, given: Partial<InventoryEntry> = {}): InventoryEntry => ({
  worker,
  model: "m",
  state: "ready",
  facts: facts(2),
  pid: 7,
  port: 8001,
  device: "cpu",
  reservedBytes: 100,
  ...given,
});
const inventory = (...found: readonly InventoryEntry[]) =>
  ({ event: { type: "hive.inventory", hive: HIVE, workers: found } }) as const;
const hive = (address: typeof HIVE | "hive/hive/b", stopped: boolean, known = true) =>
  hiveRow({ address, name: "home", isLocal: true, stopped, known });
const other = "hive/hive/b";

describe("beginning a term", () => {
  test("asks every hive for its inventory, under the epoch that the disk has", () => {
    const stage = queenStage();
    const commands = stage.play(
      inventories.requestInventories(settings),
      { epoch: 4 },
      { event: { type: "restored" } },
    );
    expect(commands).toMatchObject([
      { do: "ask", to: HIVE, event: { type: "inventory", epoch: 4 }, options: { after: "flush", key: HIVE } },
    ]);
    expect(stage.all(hives)).toEqual({ [HIVE]: hive(HIVE, false, false) });
  });

  test("C5 asks again, in this term, for what no hive has decided on: the hive would not obey the old one", () => {
    const stage = queenStage().set(workers, {
      w1: workerRow({ id: "w1", state: "asked", reservedBytes: 0 }),
      w2: workerRow({ id: "w2", state: "asked", reservedBytes: 5 }),
      w3: workerRow({ id: "w3" }),
    });
    const commands = stage.play(
      inventories.requestInventories(settings),
      { epoch: 4 },
      { event: { type: "restored" } },
    );
    expect(commands.slice(1)).toMatchObject([
      {
        do: "ask",
        to: HIVE,
        event: { type: "start.worker", epoch: 4, worker: "w1" },
        options: { name: "load", key: "w1" },
      },
    ]);
  });

  test("LO1 LO2 what is asked for again names those it replaces, and is waited for as long as a download takes", () => {
    const asked = workerRow({ id: "w1", state: "asked", reservedBytes: 0, instead: ["w8"] });
    const stage = queenStage().set(workers, { w1: asked });
    const commands = stage.play(
      inventories.requestInventories(settings),
      { epoch: 4 },
      { event: { type: "restored" } },
    );
    expect(commands.at(-1)).toMatchObject({
      event: { worker: "w1", instead: ["w8"] },
      options: { deadlineMs: DAY_MS },
    });
  });

  test("C2 a worker that is there keeps its jobs: nobody is told anything", () => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running", attempt: 1, worker: "w1/worker/main" }) })
      .set(workers, { w1: workerRow({ id: "w1", state: "loading", slots: 0, jobs: ["j1"] }) });
    expect(toldIn(stage, 4, inventories.reconcile, inventory(entry("w1")))).toEqual([]);
    expect(stage.rows(workers).get("w1")).toMatchObject({ state: "ready", slots: 2, jobs: ["j1"] });
    expect(stage.rows(hives).get(HIVE)?.known).toBe(true);
  });

  test("C7 what she knows already is not written again: a thousand machines come back as they went", () => {
    const stage = queenStage();
    toldIn(stage, 4, inventories.reconcile, inventory(entry("w1"), entry("w2")));
    const [one, second] = [stage.rows(workers).get("w1"), stage.rows(workers).get("w2")];
    toldIn(stage, 4, inventories.reconcile, inventory(entry("w1"), entry("w2", { port: 8002 })));
    expect(stage.rows(workers).get("w1")).toBe(one);
    expect(stage.rows(workers).get("w2")).toEqual({ ...second, port: 8002 });
  });

  test("C2 a worker that she had forgotten is hers again", () => {
    const stage = queenStage();
    toldIn(stage, 4, inventories.reconcile, inventory(entry("w7")));
    expect(stage.rows(workers).index.free("m")).toBe("w7");
  });

  test("C2 a worker that she has told to stop is not taken back because its hive has not heard of it", () => {
    const stage = queenStage().set(workers, { w1: workerRow({ id: "w1", state: "stopping" }) });
    toldIn(stage, 4, inventories.reconcile, inventory(entry("w1")));
    expect(stage.rows(workers).index.free("m")).toBeUndefined();
  });

  test("C1 what the inventory does not name is gone, and its jobs are told, once", () => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running", attempt: 3, worker: "w1/worker/main" }) })
      .set(workers, { w1: workerRow({ id: "w1", jobs: ["j1"] }) });
    expect(toldIn(stage, 4, inventories.reconcile, inventory())).toEqual([
      "control queen/job/j1: worker.lost attempt=3 message=it was gone when the node came back",
      "raise place model=m",
    ]);
    expect(toldIn(stage, 4, inventories.reconcile, inventory())).toEqual([]);
  });

  test("C1 what the hive has not decided on yet, or another hive has, is left alone", () => {
    const stage = queenStage().set(workers, {
      w1: workerRow({ id: "w1", state: "asked" }),
      w2: workerRow({ id: "w2", hive: other }),
    });
    expect(toldIn(stage, 4, inventories.reconcile, inventory())).toEqual([]);
    expect(stage.rows(workers).size).toBe(2);
  });

  test("she serves when every hive is known, and not before", () => {
    const stage = queenStage().set(hives, { [HIVE]: hive(HIVE, false), [other]: hive(other, false, false) });
    const look = {
      event: { type: "inventory.failed", key: other, code: "ask.deadline", class: "transient", message: "" },
    } as const;
    expect(told(stage, inventories.checkReconciled, look)).toEqual([]);
    stage.set(hives, { [other]: hive(other, false) });
    expect(told(stage, inventories.checkReconciled, look)).toEqual(["raise reconciled"]);
  });

  test("a machine that is away keeps nobody waiting: what is here is placed on", () => {
    const stage = queenStage().set(hives, { [other]: { ...hive(other, false, false), isLocal: false } });
    const look = { event: { type: "hive.inventory", hive: HIVE, workers: [] } } as const;
    stage.set(hives, { [HIVE]: hive(HIVE, false) });
    expect(told(stage, inventories.checkReconciled, look)).toEqual(["raise reconciled"]);
  });

  test("C6 what a hive from elsewhere has and she does not know is stopped: its jobs are others' by now", () => {
    const stage = queenStage().set(hives, { [other]: { ...hive(other, false), isLocal: false } });
    const cue = { event: { type: "hive.inventory", hive: other, workers: [entry("w7")] } } as const;
    expect(toldIn(stage, 4, inventories.reconcile, cue)).toEqual([`control ${other}: stop.worker epoch=4 worker=w7`]);
    expect(stage.rows(workers).size).toBe(0);
  });

  test("a hive that begins again is asked alone", () => {
    const stage = queenStage().set(hives, { [other]: { ...hive(other, false), isLocal: false } });
    const commands = stage.play(
      inventories.requestInventories(settings),
      { epoch: 4 },
      { event: { type: "hive.restored", hive: other } },
    );
    expect(commands).toMatchObject([{ do: "ask", to: other, event: { type: "inventory", epoch: 4 } }]);
  });
});
