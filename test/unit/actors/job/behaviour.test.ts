/**
 * Goal: what a job asks of its worker and its stream fits together, and what was said outlives a lost attempt.
 *
 * @see src/actors/job/behaviour.ts, B1 B2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobEvent, JobFailure, Said } from "../../../../machines/job.ts";
import type { JobRequest } from "../../../../machines/request.ts";
import { jobBehaviour } from "../../../../src/actors/job/behaviour.ts";
import { jobTables, progress } from "../../../../src/actors/job/tables.ts";
import { jobs, queenTables, requests } from "../../../../src/actors/queen/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { request } from "../../../support/machine-events.ts";
import { jobRow } from "../../../support/rows.ts";
import { lines, Stage } from "../../../support/stage.ts";

const { handlers } = jobBehaviour();
const QUEEN = "queen/queen/main";
const STREAMS = "porter/port/streams";

const stageOf = (given: Partial<JobRequest> = {}): Stage =>
  new Stage("queen/job/j1", [...queenTables, ...jobTables]).set(requests, { j1: { ...request, ...given } }).set(jobs, {
    j1: jobRow({ id: "j1", seq: 1, attempt: 2, worker: "w1/worker/main", startedAt: 50, admittedAt: 20 }),
  });
const play = (
  stage: Stage,
  action: string,
  params: unknown,
  event: JobEvent = { type: "suspend" },
): readonly Command[] =>
  stage.play(handlers[action] as (given: unknown, scope: Scope) => readonly Command[], params, { event });

const said: Said = { pieces: ["so", " far"], tokens: 2 };
const attempt = { attempt: 2, worker: "w1/worker/main", why: "free" };

describe("an attempt", () => {
  test("B1 is known to its stream before its worker hears of it (RJ2)", () => {
    expect(lines(play(stageOf(), "execute", attempt))).toEqual([
      `ask ${STREAMS}: begin job=j1 attempt=2 worker=w1`,
      "ask w1/worker/main: execute job=j1 attempt=2",
    ]);
  });

  test("after a restart of the queen its stream hears of it again: its worker may have gone on (S7)", () => {
    expect(lines(play(stageOf(), "rejoin", { attempt: 2 }))).toEqual([
      "drop begin 2",
      `ask ${STREAMS}: begin job=j1 attempt=2 worker=w1`,
    ]);
  });

  test("names itself in both asks, so that a failure of either is told from an older one's", () => {
    const keys = play(stageOf(), "execute", attempt).map((command) =>
      command.do === "ask" ? [command.options.name, command.options.key] : [],
    );
    expect(keys).toEqual([
      ["begin", "2"],
      ["execute", "2"],
    ]);
  });

  test("outlives a restart of the queen: both are asked again, and not failed", () => {
    const asks = play(stageOf(), "execute", attempt).flatMap((command) => (command.do === "ask" ? [command] : []));
    expect(asks.map(({ options }) => options.onRestart)).toEqual(["again", "again"]);
  });

  test("goes on behind what was said", () => {
    const stage = stageOf().set(progress, { j1: said });
    for (const command of play(stage, "execute", attempt)) expect(command).toMatchObject({ event: { said } });
  });

  test("that is left is dropped at its worker, and its slot given back", () => {
    expect(lines(play(stageOf(), "abandon", { attempt: 2 }))).toEqual(["drop execute 2"]);
    expect(lines(play(stageOf(), "vacate", { attempt: 2 }))).toEqual([`tell ${QUEEN}: job.vacated job=j1 attempt=2`]);
  });

  test("that is lost leaves what it said to the next one, and never less than was known", () => {
    const stage = stageOf();
    expect(lines(play(stage, "requeue", { said }))).toEqual([`tell ${QUEEN}: job.requeued job=j1 saidTokens=2`]);
    expect(stage.rows(progress).get("j1")).toEqual(said);
    play(stage, "requeue", { said: { pieces: ["so"], tokens: 1 } });
    expect(stage.rows(progress).get("j1")).toEqual(said);
  });
});

describe("the end", () => {
  test("B2 is told when the stream has all that was said on disk, asked for by attempt and number of chunks", () => {
    const [asked] = play(stageOf(), "seal", { attempt: 2, chunks: 7 });
    expect(asked).toMatchObject({
      to: STREAMS,
      event: { type: "seal", job: "j1", attempt: 2, chunks: 7 },
      options: { name: "seal", key: "2", onRestart: "again" },
    });
  });

  test("B2 of a job that is done is told to the queen, and to its readers when the disk has it", () => {
    const stage = stageOf().set(progress, { j1: said });
    const usage = { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, totalMs: 4 };
    const commands = play(stage, "announceDone", { finish: "stop", usage, chunks: 2 });
    expect(lines(commands)).toEqual([
      `tell ${QUEEN}: job.ended job=j1 state=done`,
      `ask ${STREAMS}: close job=j1 isAwaited=false`,
    ]);
    expect(commands[1]).toMatchObject({
      options: { after: "flush" },
      event: { end: { type: "done", finish: "stop", usage, model: "m", worker: "w1", attempts: 2, queuedMs: 30 } },
    });
    expect(stage.rows(progress).size).toBe(0);
  });

  test("B2 of a job whose client waits on its connection is told as soon as it is committed", () => {
    const stage = stageOf({ isAwaited: true });
    expect(play(stage, "seal", { attempt: 2, chunks: 7 })).toMatchObject([{ event: { isAwaited: true } }]);
    const [, close] = play(stage, "announceDone", { finish: "stop", usage: undefined, chunks: 2 });
    expect(close).toMatchObject({ options: { after: "commit" }, event: { type: "close", isAwaited: true } });
  });

  test.each([
    ["job.cancelled", "cancelled", "cancelled"],
    ["job.attempts", "terminal", "failed"],
  ] as const)("of a job that failed with %s says so to both", (code, kind, state) => {
    const failure: JobFailure = { code, class: kind, message: "" };
    const commands = play(stageOf(), "announceFailed", { failure });
    expect(lines(commands)).toEqual([
      `tell ${QUEEN}: job.ended job=j1 state=${state}`,
      `ask ${STREAMS}: close job=j1 isAwaited=false`,
    ]);
    expect(commands[1]).toMatchObject({ options: { after: "flush" }, event: { end: { type: "error", failure } } });
  });

  test("J8 of a job with a key the queen is told what it had said, of any other she needs to know nothing", () => {
    const spent = { saidTokens: 5 };
    expect(play(stageOf(), "tellSpent", spent)).toEqual([]);
    const row = stageOf().rows(jobs).get("j1");
    if (row === undefined) throw new Error("no row");
    const ofKey = (): Stage => stageOf().set(jobs, { j1: { ...row, caller: { requestId: "r", key: "k1" } } });
    expect(lines(play(ofKey(), "tellSpent", spent))).toEqual([`tell ${QUEEN}: job.spent job=j1 saidTokens=5`]);
    expect(play(ofKey(), "tellSpent", { saidTokens: 0 })).toEqual([]);
  });
});
