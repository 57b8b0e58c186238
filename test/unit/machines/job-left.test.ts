/**
 * Goal: whoever asks why an attempt was left is told its cause, whichever way the job took.
 *
 * @see machines/job.ts, J7 J10
 * @module
 */
import { describe, expect, test } from "vitest";
import { type JobEvent, jobMachine } from "../../../machines/job.ts";
import { born, folded, ticked } from "../../support/run-machine.ts";

const usage = { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, totalMs: 4 };
const running = folded(jobMachine, born(jobMachine, { deadlineMs: 1000, attemptsMax: 3 }).after, {
  type: "assigned",
  attempt: 1,
  worker: "w1/worker/main",
  why: "",
} as JobEvent).after;

const leftBy = (actions: readonly { readonly type: string; readonly params: unknown }[] | undefined): unknown =>
  actions?.find(({ type }) => type === "vacate")?.params;

const failed = { key: "1", code: "engine.failed", class: "transient", message: "it broke" } as const;

describe("J10 a job that may be begun once", () => {
  const once = folded(jobMachine, born(jobMachine, { deadlineMs: 1000, attemptsMax: 3, isOnce: true }).after, {
    type: "assigned",
    attempt: 1,
    worker: "w1/worker/main",
    why: "",
  } as JobEvent).after;

  test.each([
    { type: "execute.failed", ...failed },
    { type: "begin.failed", ...failed },
    { type: "worker.lost", attempt: 1, message: "signal SIGKILL" },
    { type: "suspend" },
  ] as const satisfies readonly JobEvent[])("fails behind %o, where another is tried again", (event) => {
    const ends = (from: typeof once) => folded(jobMachine, from, event).actions.map(({ type }) => type);
    expect(ends(once)).toContain("announceFailed");
    expect(ends(running)).toContain("recall");
    expect(ends(running)).not.toContain("announceFailed");
  });
});

describe("J7 an attempt that is left says why", () => {
  test.each([
    [{ type: "execute.failed", ...failed }, "engine.failed", "it broke"],
    [{ type: "begin.failed", ...failed, code: "disk.full" }, "disk.full", "it broke"],
    [{ type: "worker.lost", attempt: 1, message: "signal SIGKILL" }, "worker.lost", "signal SIGKILL"],
    [{ type: "cancel" }, "job.cancelled", "it was cancelled"],
    [{ type: "suspend" }, "interrupted", "the node was stopping"],
  ] as const satisfies readonly (readonly [JobEvent, string, string])[])("%o: %s", (event, code, message) => {
    expect(leftBy(folded(jobMachine, running, event).actions)).toEqual({ attempt: 1, left: { code, message } });
  });

  test("its deadline", () => {
    expect(leftBy(ticked(jobMachine, running)?.actions)).toMatchObject({ left: { code: "job.deadline" } });
  });

  test("but not one that has said all it had to say", () => {
    const executed = { type: "executed", attempt: 1, finish: "stop", usage, chunks: 1 } as const;
    expect(leftBy(folded(jobMachine, running, executed).actions)).toEqual({ attempt: 1, left: undefined });
  });
});
