/**
 * Goal: what machines say of themselves is noted and moves nothing; a model is loaded where it fits and its file is;
 * how it does on a machine is remembered, of so many pairs.
 *
 * @see src/actors/queen/candidates.ts, MV1 MV2; loading.ts, LO3 LO4; news.ts, N7; affinity.ts, AF1 AF2; members.ts, ME3
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { JobUsage } from "../../../../machines/job.ts";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import { newPair, pairKey, PAIRS_MAX } from "../../../../machines/rules/pair.ts";
import { MARKS_MAX } from "../../../../src/actors/queen/affinity.ts";
import { notePair, noteTold } from "../../../../src/actors/queen/candidates.ts";
import { noteAway, noteDoubted, notePresent } from "../../../../src/actors/queen/members.ts";
import * as news from "../../../../src/actors/queen/news.ts";
import { place } from "../../../../src/actors/queen/placement.ts";
import {
  advice,
  hives,
  jobs,
  loads,
  pairs,
  prefixes,
  queenTables,
  requests,
  workers,
} from "../../../../src/actors/queen/tables.ts";
import type { Table } from "../../../../src/runtime/tables.ts";
import { cpu } from "../../../support/memory.ts";
import { EXIT, request } from "../../../support/machine-events.ts";
import { HIVE, queenStage, settings, told, toldIn } from "../../../support/queen-stage.ts";
import { hiveRow, jobRow, workerRow } from "../../../support/rows.ts";
import type { Stage } from "../../../support/stage.ts";

const B = "b/hive/main";
const SERVING = { epoch: 4, phase: "serving" } as const;
const twoMachines = (): Stage => queenStage().set(hives, { [B]: hiveRow({ address: B }) });
const placing = { event: { type: "place", model: "m" }, serial: 9 } as const;
const told1 = (hive: typeof HIVE | typeof B, freeBytes: number, ...models: readonly string[]) =>
  ({
    type: "hive.told",
    hive,
    devices: [cpu(1000, freeBytes)],
    models: models.map((name) => ({ name, bytes: 100 })),
  }) as const satisfies QueenEvent;
const says = (stage: Stage, event: QueenEvent): readonly string[] => told(stage, noteTold, { event });
const asked = (stage: Stage): readonly string[] => toldIn(stage, 1, place(settings), placing);
const loadOn = (hive: string): readonly string[] => [`ask ${hive}: start.worker epoch=1 worker=w9 model=m`];

describe("what a machine says of itself", () => {
  test.prop([fc.array(fc.tuple(fc.constantFrom(HIVE, B), fc.nat(2000), fc.subarray(["m", "n"])), { maxLength: 6 })])(
    "MV1 moves no work, whatever it says and whatever goes on",
    (all) => {
      const stage = twoMachines()
        .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }), j2: jobRow({ id: "j2", seq: 2, model: "n", node: B }) })
        .set(workers, { w1: workerRow({ id: "w1" }), w2: workerRow({ id: "w2", hive: B, state: "loading" }) });
      const others: readonly Table<unknown, unknown>[] = queenTables.filter(({ name }) => name !== advice.name);
      const rest = (): unknown => others.map((each) => stage.all(each));
      const before = JSON.stringify(rest());
      for (const [hive, free, models] of all) expect(says(stage, told1(hive, free, ...models))).toEqual([]);
      expect(JSON.stringify(rest())).toBe(before);
    },
  );

  test("has a model loaded where its file is and it fits, though more goes on there", () => {
    const stage = twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, model: "n" }) });
    says(stage, told1(HIVE, 1000));
    says(stage, told1(B, 1000, "m"));
    expect(asked(stage)).toEqual(loadOn(B));
    // Noted for whoever asks why: the chosen one first.
    expect(stage.rows(loads).get("w9")?.choice).toMatchObject({
      needBytes: 110,
      isPinned: false,
      seen: [
        { name: "b", hasFile: true, roomBytes: 900, workers: 1 },
        { name: "home", hasFile: false, roomBytes: 1000, workers: 0 },
      ],
      more: 0,
    });
  });

  test("its file is no reason where it would not fit, as what is booked there and not taken yet says", () => {
    const coming = workerRow({ id: "w1", hive: B, model: "n", state: "loading", reservedBytes: 950 });
    const stage = twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: coming });
    says(stage, told1(HIVE, 1000));
    says(stage, told1(B, 1000, "m"));
    expect(asked(stage)).toEqual(loadOn(HIVE));
  });

  test("its models are those that it said last, and it has none when it is gone", () => {
    const stage = twoMachines();
    says(stage, told1(B, 1000, "m"));
    const { models: _same, ...later } = told1(B, 500);
    says(stage, later);
    expect(stage.rows(advice).index.has(B, "m")).toBe(true);
    told(stage, noteAway, { event: { type: "hive.away", hive: B, message: "it went" } });
    expect([stage.rows(advice).index.has(B, "m"), stage.rows(advice).size]).toEqual([false, 0]);
  });
});

describe("how a model does on a machine", () => {
  const usage: JobUsage = { promptTokens: 1, completionTokens: 41, firstTokenMs: 100, totalMs: 1100 };
  const done = (made: JobUsage) =>
    ({ type: "job.ended", job: "j1", state: "done", usage: made, failure: undefined }) as const;
  const running = (): Stage =>
    twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running", attempt: 1, worker: "w1/worker/main" }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, jobs: ["j1"] }) });

  test("N7 its speed is that of the tokens behind the first, of jobs that said enough", () => {
    const stage = running();
    told(stage, news.noteEnded, { event: done(usage) });
    expect(stage.rows(pairs).get(pairKey(B, "m"))?.tokensPerS).toBe(40);
    const few = running();
    told(few, news.noteEnded, { event: done({ ...usage, completionTokens: 7 }) });
    expect(few.rows(pairs).size).toBe(0);
  });

  test("N7 a machine where it just failed to load is not the next one that is asked", () => {
    const stage = twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(pairs, { [pairKey(HIVE, "m")]: { ...newPair(HIVE, "m"), failures: 1 } })
      .set(workers, { w1: workerRow({ id: "w1", slots: 0, state: "loading" }) });
    const end = { code: "engine.failed", class: "transient", message: "it broke" } as const;
    told(stage, news.noteGone, { event: { type: "worker.gone", worker: "w1", end, exit: EXIT, how: "" } });
    expect(asked(stage)).toEqual(loadOn(B));
  });

  test("N7 a machine that went, or has no room, says nothing of it", () => {
    for (const code of ["hive.lost", "admission.closed", "memory.insufficient"]) {
      const stage = twoMachines().set(workers, { w1: workerRow({ id: "w1", slots: 0, state: "asked" }) });
      const failure = { key: "w1", code, class: "transient", message: "no" } as const;
      stage.play(news.noteLoadFailed(settings), SERVING, { event: { type: "load.failed", ...failure } });
      expect([code, stage.rows(pairs).size]).toEqual([code, 0]);
    }
  });

  test("LO3 who is pinned asks nobody else when its machine has said no, and only those who wait for it fail", () => {
    const stage = twoMachines()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, node: B }), j2: jobRow({ id: "j2", seq: 2 }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, slots: 0, state: "asked", isPinned: true }) });
    const failure = { key: "w1", code: "memory.insufficient", class: "terminal", message: "too large" } as const;
    const commands = told(stage, (_none: undefined, scope) => news.noteLoadFailed(settings)(SERVING, scope), {
      event: { type: "load.failed", ...failure },
    });
    expect(commands.filter((line) => line.includes("reject"))).toEqual([
      "control queen/job/j1: reject code=memory.insufficient class=terminal message=too large",
    ]);
    expect(commands).toContain("raise place model=m");
  });

  test("MV2 is remembered of so many pairs, those that were used last", () => {
    const many = Object.fromEntries(
      Array.from({ length: PAIRS_MAX }, (_, n) => [pairKey(B, `m${n}`), newPair(B, `m${n}`)]),
    );
    const stage = queenStage().set(pairs, many);
    const cue = { event: { type: "status" } } as const;
    const note = (model: string): void => {
      stage.play((_none: undefined, scope) => notePair(B, model, (row) => row, scope), undefined, cue);
    };
    note("m0");
    note("new");
    expect(stage.rows(pairs).size).toBe(PAIRS_MAX);
    expect(["m0", "m1", "new"].map((model) => stage.rows(pairs).has(pairKey(B, model)))).toEqual([true, false, true]);
  });
});

describe("a machine that is not sure to be there", () => {
  const doubted = { event: { type: "hive.doubted", hive: B } } as const;

  test("ME3 is given no job and no worker, and keeps what it has; there again, whoever waits is looked at", () => {
    const stage = twoMachines()
      .set(hives, { [HIVE]: hiveRow({ address: HIVE, name: "home", isLocal: true, isDraining: true }) })
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1", hive: B, jobs: ["j0"] }) });
    expect(told(stage, noteDoubted, doubted)).toEqual([]);
    expect([asked(stage), stage.rows(workers).get("w1")?.jobs]).toEqual([[], ["j0"]]);
    const present = { event: { type: "hive.present", hive: B } } as const;
    const commands = stage.play(notePresent, SERVING, present);
    expect(commands.at(-1)).toMatchObject({ do: "raise", event: { type: "place", model: "m" } });
    expect(asked(stage)[0]).toContain("assigned attempt=1 worker=w1/worker/main");
  });
});

describe("the beginning of a prompt", () => {
  const long = (job: string, about: string) => ({ [job]: { ...request, prompt: about.repeat(2000) } });
  const stageWith = (): Stage =>
    queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1 }) })
      .set(workers, { w1: workerRow({ id: "w1" }), w2: workerRow({ id: "w2", jobs: ["x"] }) });

  test("goes where it was given before, though others have less to do; AF2 and is forgotten with its worker", () => {
    const stage = stageWith().set(requests, { ...long("j1", "bees "), ...long("j2", "bees "), ...long("j3", "ants ") });
    expect(asked(stage)[0]).toContain("worker=w1/");
    stage.set(jobs, { j2: jobRow({ id: "j2", seq: 2 }) }).set(workers, { w2: workerRow({ id: "w2" }) });
    expect(asked(stage)[0]).toContain("worker=w1/");
    stage.set(workers, { w1: workerRow({ id: "w1", jobs: ["x"] }) });
    stage.set(jobs, { j3: jobRow({ id: "j3", seq: 3 }) });
    expect(asked(stage)[0]).toContain("worker=w2/");
    expect([...stage.rows(prefixes).entries()].map(([id]) => id)).toEqual(["w1", "w2"]);
    const end = { code: "worker.idle", class: "cancelled", message: "idle" } as const;
    told(stage, news.noteGone, { event: { type: "worker.gone", worker: "w1", end, exit: EXIT, how: "" } });
    expect([...stage.rows(prefixes).entries()].map(([id]) => id)).toEqual(["w2"]);
  });

  test("AF1 is remembered within a bound: who was given something the longest time ago is forgotten", () => {
    const full = Array.from({ length: 9 }, (_, n) => [
      Array.from({ length: MARKS_MAX / 8 }, (_mark, at) => n * 1e6 + at),
    ]);
    const stage = stageWith()
      .set(requests, long("j1", "bees "))
      .set(prefixes, Object.fromEntries(full.slice(0, 8).map((row, n) => [`v${n}`, row])));
    expect(stage.rows(prefixes).index.size).toBe(MARKS_MAX);
    asked(stage);
    expect([stage.rows(prefixes).has("v0"), stage.rows(prefixes).has("w1")]).toEqual([false, true]);
    expect(stage.rows(prefixes).index.size).toBeLessThanOrEqual(MARKS_MAX);
  });
});
