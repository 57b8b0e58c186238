/**
 * Goal: an attempt runs once and is answered to whoever asked last; what nobody waits for stops and frees its slot.
 *
 * @see src/actors/worker/behaviour.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { WorkerEvent } from "../../../../machines/worker.ts";
import { workerBehaviour } from "../../../../src/actors/worker/behaviour.ts";
import { answers, ANSWERS_KEPT, runs, waiters, workerTables } from "../../../../src/actors/worker/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import type { AskRef } from "../../../../src/runtime/envelope.ts";
import { request } from "../../../support/machine-events.ts";
import { ASKER, lines, Stage } from "../../../support/stage.ts";

const ENGINE = "w1/port/engine";
const { handlers } = workerBehaviour({
  engine: ENGINE,
  idleTimeoutMs: 1,
  loadTimeoutMs: 1,
  drainTimeoutMs: 1,
  port: () => 8001,
});

const stageOf = (): Stage => new Stage("w1/worker/main", workerTables);
const told = (stage: Stage, action: string, event: WorkerEvent, params: unknown = {}): readonly string[] => {
  const handler = handlers[action] as (given: unknown, scope: Scope) => readonly Command[];
  return lines(stage.play(handler, params, { event, asked: true }));
};

const execute = {
  type: "execute",
  job: "j1",
  attempt: 2,
  request,
  said: { pieces: [], tokens: 0 },
} as unknown as WorkerEvent;
const executed = { type: "executed", attempt: 2 };
const answered = { ok: true, event: executed } as const;
const ran = { type: "ran", job: "j1", attempt: 2, executed } as unknown as WorkerEvent;
const EARLIER: AskRef = { id: "ask-0", from: "queen/job/j1" };

describe("an attempt", () => {
  test("is begun in the engine under its own key, and whoever asked is remembered", () => {
    const stage = stageOf();
    expect(told(stage, "begin", execute)).toEqual([`ask ${ENGINE}: run job=j1 attempt=2`]);
    expect(stage.all(runs)).toEqual({ "j1/2": ASKER });
  });

  test("WB1 RC2 that has ended here before is answered again, is not run again, and takes no slot", () => {
    const stage = stageOf().set(answers, { "j1/2": answered });
    expect(told(stage, "begin", execute)).toEqual(["reply executed attempt=2", "raise ran job=j1 attempt=2"]);
    expect(stage.rows(runs).size).toBe(0);
  });

  test("WB2 RC2 that is said to be under way here and is not is not begun, and takes no slot", () => {
    const stage = stageOf();
    const underWay = Object.assign({ isUnderWay: true }, execute);
    expect(told(stage, "begin", underWay)).toEqual(["refuse worker.stale", "raise ran job=j1 attempt=2"]);
    expect(stage.rows(runs).size).toBe(0);
    stage.set(answers, { "j1/2": answered });
    expect(told(stage, "begin", underWay)).toEqual(["reply executed attempt=2", "raise ran job=j1 attempt=2"]);
  });

  test("W5 is answered to whoever asked last, once", () => {
    const stage = stageOf().set(runs, { "j1/2": EARLIER });
    told(stage, "reattach", execute);
    expect(stage.all(runs)).toEqual({ "j1/2": ASKER });
    expect(told(stage, "answer", ran)).toEqual(["reply executed attempt=2"]);
    expect(told(stage, "answer", ran)).toEqual([]);
  });

  test("RM8 of answers so many are kept, and the oldest goes first", () => {
    const kept = Array.from({ length: ANSWERS_KEPT }, (_, i) => [`old${i}/1`, answered] as const);
    const stage = stageOf().set(answers, Object.fromEntries(kept)).set(runs, { "j1/2": ASKER });
    told(stage, "answer", ran);
    expect(stage.rows(answers).size).toBe(ANSWERS_KEPT);
    expect([stage.rows(answers).has("old0/1"), stage.rows(answers).has("j1/2")]).toEqual([false, true]);
  });

  test.each([
    ["engine.failed", "engine.failed"],
    ["job.cancelled", "job.cancelled"],
    ["what is no code", "engine.failed"],
  ])("that failed with `%s` is refused with %s, and refused again, not run again: WB1", (code, expected) => {
    const stage = stageOf().set(runs, { "j1/2": ASKER });
    const failed: WorkerEvent = { type: "run.failed", key: "j1/2", code, class: "transient", message: "" };
    expect(told(stage, "answerFailed", failed)).toEqual([`refuse ${expected}`]);
    expect(told(stage, "begin", execute)).toEqual([`refuse ${expected}`, "raise ran job=j1 attempt=2"]);
    expect(stage.rows(runs).size).toBe(0);
  });

  test("RJ6 that nobody waits for is dropped in the engine and frees its slot; others run on", () => {
    const stage = stageOf().set(runs, { "j1/2": ASKER, "a/b/3": EARLIER });
    expect(told(stage, "abort", { type: "ask.dropped", id: EARLIER.id })).toEqual([
      "drop run a/b/3",
      "raise ran job=a/b attempt=3",
    ]);
    expect(stage.all(runs)).toEqual({ "j1/2": ASKER });
    expect(told(stage, "abort", { type: "ask.dropped", id: "of-another-life" })).toEqual([]);
  });

  test("is dropped with all others when the worker stops", () => {
    const stage = stageOf().set(runs, { "j1/2": ASKER, "j2/1": EARLIER });
    expect(told(stage, "abortAll", { type: "stop" })).toEqual(["drop watch ", "drop run j1/2", "drop run j2/1"]);
  });
});

test("W7 the engine is asked to say when it is sick, for as long as a worker may live", () => {
  expect(told(stageOf(), "watchEngine", { type: "report" })).toEqual([`ask ${ENGINE}: watch`]);
});

describe("whoever waits for the worker", () => {
  const waiting = (wait: "ready" | "idle" | "stopped"): Stage => {
    const stage = stageOf();
    told(stage, "remember", { type: "report" }, { wait });
    return stage;
  };
  const failure = { code: "model.corrupt", class: "terminal", message: "" };

  test.each([
    ["ready", "answerReady", { facts: {} }, "reply worker.ready port=8001"],
    ["ready", "answerUnready", { failure }, "refuse model.corrupt"],
    ["idle", "answerIdle", {}, "reply worker.expired"],
    ["idle", "answerSick", { failure }, "reply worker.sick code=model.corrupt class=terminal message="],
    ["stopped", "answerStopped", {}, "reply worker.stopped"],
  ] as const)("to be %s is told by %s, once", (wait, action, params, said) => {
    const stage = waiting(wait);
    expect(told(stage, action, { type: "report" }, params)).toEqual([said]);
    expect(told(stage, action, { type: "report" }, params)).toEqual([]);
    expect(stage.rows(waiters).size).toBe(0);
  });

  test("W6 to be ready is told that it never will be when it has stopped", () => {
    expect(told(waiting("ready"), "answerStopped", { type: "model.released" })).toEqual(["refuse interrupted"]);
  });
});
