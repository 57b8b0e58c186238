/**
 * Goal: a worker starts only where its memory is booked, and what is booked stays so until the reap is heard of.
 *
 * @see src/actors/hive/behaviour.ts, B4 to B6; memory.ts has its own
 * @module
 */
import { describe, expect, test } from "vitest";
import { gone as remembered, GONE_KEPT, members, pending } from "../../../../src/actors/hive/tables.ts";
import { asking, hiveStage, measured, member, told } from "../../../support/hive-stage.ts";
import { EXIT, facts, KILLED } from "../../../support/machine-events.ts";
import { ASKER, type Stage } from "../../../support/stage.ts";

const end = { code: "interrupted", class: "cancelled", message: "on request" } as const;
const start = {
  event: { type: "start.worker", epoch: 3, worker: "w1", model: "m", instead: [] },
  asked: true,
} as const;
const waiting = () => hiveStage().set(pending, { w1: asking });

describe("a request for a worker", () => {
  test("B1 is measured first: nothing is booked or started before", () => {
    const stage = hiveStage();
    expect(told(stage, "measure", start)).toEqual(["ask porter/port/machine: measure worker=w1 model=m"]);
    expect([stage.all(pending), stage.rows(members).size]).toEqual([{ w1: asking }, 0]);
  });

  test("asked again for what it decided, it says the same and starts nothing", () => {
    const stage = hiveStage().set(members, { w1: member("w1") });
    expect(told(stage, "measure", start)).toEqual([
      "reply worker.reserved worker=w1 reservedBytes=40 device=cpu why=it was decided before",
    ]);
  });

  test("RM4 that was here and is gone is not begun again; so many of them are remembered", () => {
    const stage = hiveStage();
    const workers = Array.from({ length: GONE_KEPT + 1 }, (_, at) => `w${at + 1}`);
    for (const worker of workers) {
      stage.set(members, { [worker]: member(worker) });
      told(stage, "noteGone", { event: { type: "process.gone", worker, end, how: "", exit: EXIT, lastLines: [] } });
    }
    const again = (worker: string) => told(stage, "measure", { event: { ...start.event, worker }, asked: true })[0];
    expect([again(`w${GONE_KEPT + 1}`), again("w2")]).toEqual(["refuse worker.lost", "refuse worker.lost"]);
    expect(stage.rows(remembered).size).toBe(GONE_KEPT);
  });

  test("H5 that is given up before it is decided on is not begun", () => {
    const stage = waiting();
    expect(told(stage, "forgetPending", { event: { type: "ask.dropped", id: "another" } })).toEqual([]);
    expect(told(stage, "forgetPending", { event: { type: "ask.dropped", id: ASKER.id } })).toEqual(["drop measure w1"]);
    expect(told(stage, "decide", measured(10))).toEqual([]);
    expect(stage.rows(members).size).toBe(0);
  });

  test("that cannot be measured, or comes while it stops, is refused with the reason", () => {
    const failed = {
      type: "measure.failed",
      key: "w1",
      code: "model.corrupt",
      class: "terminal",
      message: "",
    } as const;
    expect(told(waiting(), "refuseUnmeasured", { event: failed })).toEqual(["refuse model.corrupt"]);
    expect(told(waiting(), "refuseUnmeasured", measured(1))).toEqual(["refuse admission.closed"]);
    expect(told(hiveStage(), "refuseUnmeasured", measured(1))).toEqual([]);
  });

  test("of a queen who is not the newest is refused as stale", () => {
    expect(told(hiveStage(), "refuse", start, { code: "worker.stale", message: "" })).toEqual(["refuse worker.stale"]);
  });
});

describe("a worker of the hive", () => {
  const living = (): Stage => hiveStage().set(members, { w1: member("w1") });

  test.each([
    ["noteLoading", { type: "process.loading", worker: "w1", pid: 9 }, { pid: 9 }, "worker.loading worker=w1 pid=9"],
    [
      "noteReady",
      { type: "process.ready", worker: "w1", facts: facts(2), port: 8 },
      { state: "ready", port: 8 },
      "worker.ready worker=w1 port=8",
    ],
    [
      "noteStopping",
      { type: "process.stopping", worker: "w1", end },
      { state: "stopping" },
      "worker.stopping worker=w1",
    ],
  ] as const)(
    "%s is in its books and told to the queen, and of a stranger it is nothing",
    (action, event, change, news) => {
      const stage = living();
      expect(told(stage, action, { event })).toEqual([`control queen/queen/main: ${news}`]);
      expect(stage.rows(members).get("w1")).toMatchObject(change);
      expect(told(hiveStage(), action, { event })).toEqual([]);
    },
  );

  test("B2 stays booked while it stops, and is booked out once, when it is gone (RS6)", () => {
    const stage = living();
    told(stage, "noteStopping", { event: { type: "process.stopping", worker: "w1", end } });
    expect(stage.rows(members).get("w1")?.reservedBytes).toBe(40);
    const gone = {
      event: { type: "process.gone", worker: "w1", end, how: "exit code 1", exit: EXIT, lastLines: ["a", "b"] },
    } as const;
    expect(told(stage, "noteGone", gone)).toEqual([
      "control queen/queen/main: worker.gone worker=w1 how=exit code 1; its last words: a | b",
    ]);
    expect([stage.rows(members).size, told(stage, "noteGone", gone)]).toEqual([0, []]);
  });

  test("what its reason says already is not told again beside it", () => {
    const lost = { code: "worker.lost", class: "transient", message: "it ended unasked: signal SIGSEGV" } as const;
    const how = "signal SIGSEGV";
    const gone = (lastLines: readonly string[]) =>
      told(living(), "noteGone", {
        event: { type: "process.gone", worker: "w1", end: lost, how, exit: EXIT, lastLines },
      });
    expect(gone([])).toEqual(["control queen/queen/main: worker.gone worker=w1 how="]);
    expect(gone(["a"])).toEqual(["control queen/queen/main: worker.gone worker=w1 how=its last words: a"]);
  });

  test.each([
    ["process", "defect", 2],
    ["process", "done", 0],
    ["job", "defect", 0],
  ])("whose cell ended, a %s for %s, is ended and reaped when nobody else would", (kind, reason, asks) => {
    expect(told(living(), "endOrphan", { event: { type: "terminated", kind, id: "w1", reason } }).length).toBe(asks);
  });

  test("B2 an orphan is booked out at its reap, and looked for again when that could not be asked", () => {
    const stage = living();
    const failed = { type: "reap.failed", key: "w1", code: "ask.deadline", class: "transient", message: "" } as const;
    expect(told(stage, "retryOrphan", { event: failed })).toEqual(["ask porter/port/processes: reap token=w1"]);
    const reaped = {
      event: { type: "reaped", token: "w1", how: "signal SIGKILL", exit: KILLED, lastLines: [] },
    } as const;
    expect(told(stage, "bookOutOrphan", reaped)).toEqual([
      "control queen/queen/main: worker.gone worker=w1 how=signal SIGKILL",
    ]);
    expect(stage.rows(members).size).toBe(0);
  });

  test("is stopped by its process; of one that is not there nobody is told", () => {
    const stop = { event: { type: "stop.worker", epoch: 1, worker: "w1", end } } as const;
    expect(told(living(), "stopWorker", stop)).toEqual(["control hive/process/w1: stop"]);
    expect(told(hiveStage(), "stopWorker", stop)).toEqual([]);
  });
});

describe("the end of the hive", () => {
  test("stops, or kills, every process and is over when none is left", () => {
    const stage = hiveStage().set(members, { w1: member("w1"), w2: member("w2") });
    const drain = { event: { type: "drain", epoch: 1 } } as const;
    expect(told(stage, "stopAll", drain)).toEqual(["control hive/process/w1: stop", "control hive/process/w2: stop"]);
    expect(told(stage, "killAll", drain)).toEqual(["control hive/process/w1: kill", "control hive/process/w2: kill"]);
    expect(told(stage, "checkGone", drain)).toEqual([]);
    expect(told(hiveStage(), "checkGone", drain)).toEqual(["raise all.gone"]);
    expect(told(hiveStage(), "announceStopped", drain)).toEqual([
      "control queen/queen/main: hive.stopped hive=hive/hive/main",
    ]);
  });

  test("B4 its inventory is told in the lane of its other news, and the asker hears that it is under way", () => {
    const stage = hiveStage().set(members, { w1: member("w1") });
    const asked = { event: { type: "inventory", epoch: 1 }, asked: true } as const;
    expect(told(stage, "answerInventory", asked)).toEqual([
      "control queen/queen/main: hive.inventory hive=hive/hive/main",
      "reply inventory.told",
    ]);
  });
});
