/**
 * Goal: a request becomes a job or is refused at once, and the same request is never two jobs.
 *
 * @see src/actors/queen/admission.ts, A1 to A7
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../../../machines/request.ts";
import { admit, cancelJob, endAwaited, OPEN_BYTES_MAX } from "../../../../src/actors/queen/admission.ts";
import { JOBS_KNOWN_MIN } from "../../../../machines/rules/pace.ts";
import { newKey } from "../../../../machines/rules/quota.ts";
import { queenBehaviour } from "../../../../src/actors/queen/behaviour.ts";
import { apiKeys, jobs, keys, requests, workers } from "../../../../src/actors/queen/tables.ts";
import { request } from "../../../support/machine-events.ts";
import { queenStage, settings, told } from "../../../support/queen-stage.ts";
import { jobRow, workerRow } from "../../../support/rows.ts";
import { lines } from "../../../support/stage.ts";

const submit = (given: Partial<JobRequest> = {}) => ({ type: "submit", request: { ...request, ...given } }) as const;
const waiting = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`q${at}`, jobRow({ id: `q${at}`, seq: at })]));

const SHORT = { freeBytes: 9 * 2 ** 20, headroomBytes: 16 * 2 ** 20 };

describe("admission", () => {
  test("a request becomes a row, a watched cell and a flushed accept, and is looked at for a place", () => {
    const stage = queenStage();
    expect(told(stage, admit(settings), { event: submit(), asked: true, serial: 42 })).toEqual([
      "spawn job/j42",
      "watch queen/job/j42",
      "reply accepted job=j42 state=queued position=0, flushed",
      "raise place model=m",
    ]);
    const requestBytes = 2 * (request.prompt ?? "").length;
    expect(stage.all(jobs)).toEqual({ j42: jobRow({ id: "j42", seq: 42, admittedAt: 1000, requestBytes }) });
    expect(stage.all(requests)).toEqual({ j42: request });
  });

  test("A2 whoever waits on a connection hears nothing of the accept, which waits for no disk", () => {
    const commands = told(queenStage(), admit(settings), {
      event: submit({ isAwaited: true }),
      asked: true,
      serial: 42,
    });
    expect(commands).toContain("reply accepted job=j42 state=queued position=0");
  });

  test("A6 when the node begins anew nobody waits on a connection: those jobs end, and no other", () => {
    const row = (id: string) => jobRow({ id, seq: 1 });
    const stage = queenStage()
      .set(jobs, { j1: row("j1"), j2: row("j2"), j3: row("j3") })
      .set(requests, { j1: { ...request, isAwaited: true }, j2: { ...request, isAwaited: false }, j3: request });
    expect(told(stage, endAwaited, { event: { type: "clients.gone" } })).toEqual([
      "control queen/job/j1: cancel message=whoever waited for it on a connection was gone when the node began anew",
    ]);
  });

  test("J10 that it may be begun once goes with it", () => {
    const spawned = (given: Partial<JobRequest>) =>
      queenStage()
        .play(admit(settings), undefined, { event: submit(given), asked: true, serial: 1 })
        .find((command) => command.do === "spawn");
    expect(spawned({ isOnce: true })).toMatchObject({ input: { isOnce: true } });
    expect(spawned({})).not.toMatchObject({ input: { isOnce: true } });
  });

  test("A7 a discussion is a party of its own, whoever asked for it; another job is its key's, or nobody's", () => {
    const key = newKey({ id: "k", name: "phone", hash: "00", limits: [] }, 1000);
    const stage = queenStage().set(apiKeys, { k: key });
    const caller = { requestId: "r", key: "k" };
    const admitted = (serial: number, given: Partial<JobRequest>, by?: typeof caller) =>
      told(stage, admit({ ...settings, queueLengthMax: 100 }), {
        event: { ...submit(given), ...(by && { caller: by }) },
        asked: true,
        serial,
      });
    for (const [serial, given, by] of [
      [1, { party: "d1" }, caller],
      [2, {}, caller],
      [3, {}],
    ] as const) {
      admitted(serial, given, by);
    }
    expect(["j1", "j2", "j3"].map((id) => stage.rows(jobs).get(id)?.party)).toEqual(["d1", "k", undefined]);
    // Of each other party one goes before it, and of its own all.
    expect(admitted(4, { party: "d2" })).toContain("reply accepted job=j4 state=queued position=3, flushed");
    for (const serial of [5, 6, 7]) admitted(serial, {}, caller);
    expect(admitted(8, { party: "d3" })).toContain("reply accepted job=j8 state=queued position=4, flushed");
    expect(admitted(9, {}, caller)).toContain("reply accepted job=j9 state=queued position=8, flushed");
  });

  test("what it does not say is settled by configuration: model, deadline, attempts", () => {
    const stage = queenStage();
    const commands = stage.play(admit(settings), undefined, {
      event: submit({ model: undefined }),
      asked: true,
      serial: 1,
    });
    expect(stage.rows(jobs).get("j1")?.model).toBe("starter");
    const spawned = commands.find((command) => command.do === "spawn");
    expect(spawned).toMatchObject({ input: { deadlineMs: 60_000, attemptsMax: 3 } });
    const own = stage.play(admit(settings), undefined, { event: submit({ deadlineMs: 5 }), asked: true, serial: 2 });
    expect(own.find((command) => command.do === "spawn")).toMatchObject({ input: { deadlineMs: 5 } });
  });

  test("its position is behind those of its model that are at least as urgent", () => {
    const stage = queenStage().set(jobs, {
      a: jobRow({ id: "a", seq: 1, priority: 5 }),
      b: jobRow({ id: "b", seq: 2, priority: 9 }),
      c: jobRow({ id: "c", seq: 3, priority: 5, model: "other" }),
      d: jobRow({ id: "d", seq: 4, priority: 1, state: "running" }),
    });
    const accept = told(stage, admit({ ...settings, queueLengthMax: 9 }), { event: submit(), asked: true, serial: 5 });
    expect(accept).toContain("reply accepted job=j5 state=queued position=1, flushed");
  });

  test("A1 a full queue refuses with queue.full and a time to come back, and keeps nothing (RJ7)", () => {
    const stage = queenStage().set(jobs, waiting(2));
    const [refusal, ...more] = stage.play(admit(settings), undefined, {
      event: submit({ idempotencyKey: "k" }),
      asked: true,
    });
    expect(refusal).toMatchObject({
      result: { ok: false, error: { code: "queue.full", details: { queued: 2, max: 2, retryAfterMs: 1040 } } },
    });
    expect([more, stage.rows(jobs).size, stage.rows(requests).size, stage.rows(keys).size]).toEqual([[], 2, 0, 0]);
  });

  test("A1 requests of all jobs that have not ended are bounded in bytes too; what has ended takes none", () => {
    const half = OPEN_BYTES_MAX / 2;
    const prompt = "x".repeat(1000);
    const stage = queenStage().set(jobs, {
      a: jobRow({ id: "a", seq: 1, state: "running", requestBytes: half }),
      b: jobRow({ id: "b", seq: 2, requestBytes: half - 1999 }),
    });
    const asked = { event: submit({ prompt }), asked: true };
    expect(stage.play(admit(settings), undefined, asked)).toMatchObject([
      { result: { ok: false, error: { code: "queue.full", details: { maxBytes: OPEN_BYTES_MAX } } } },
    ]);
    stage.set(jobs, { a: jobRow({ id: "a", seq: 1, state: "done", endedAt: 1, requestBytes: half }) });
    expect(told(stage, admit(settings), asked)[0]).toBe("spawn job/j1");
    expect(stage.rows(jobs).get("j1")?.requestBytes).toBe(2000);
  });

  test("A1 what was called, what may be called and where to stop count like any other words", () => {
    const stage = queenStage();
    const words = "x".repeat(500);
    const messages = [
      { role: "assistant", content: words, calls: [{ id: "c", name: "act", arguments: words }] },
    ] as const;
    const tools = { functions: [{ name: "act", description: words }], choice: "auto", parallel: true } as const;
    told(stage, admit(settings), {
      event: submit({ prompt: undefined, messages, tools, stops: [words] }),
      asked: true,
    });
    expect(stage.rows(jobs).get("j1")?.requestBytes).toBeGreaterThan(2 * 4 * words.length);
  });

  test("A1 what runs or has ended takes no place in the queue", () => {
    const stage = queenStage().set(jobs, {
      a: jobRow({ id: "a", seq: 1, state: "running" }),
      b: jobRow({ id: "b", seq: 2, state: "done" }),
      c: jobRow({ id: "c", seq: 3 }),
    });
    expect(told(stage, admit(settings), { event: submit(), asked: true })[0]).toBe("spawn job/j1");
  });

  test("A3 the same idempotency key is the same job, as it stands, also when the queue is full or the disk is", () => {
    const stage = queenStage();
    told(stage, admit(settings), { event: submit({ idempotencyKey: "k" }), asked: true, serial: 7 });
    const again = { event: submit({ idempotencyKey: "k" }), asked: true, serial: 8, refusing: SHORT };
    expect(told(stage, admit({ ...settings, queueLengthMax: 0 }), again)).toEqual([
      "reply accepted job=j7 state=queued position=1, flushed",
    ]);
    stage.set(jobs, { j7: jobRow({ id: "j7", seq: 7, state: "done", endedAt: 1 }) });
    expect(told(stage, admit(settings), again)).toEqual(["reply accepted job=j7 state=done position=0, flushed"]);
    expect(stage.rows(jobs).size).toBe(1);
  });

  test("with no headroom on disk nothing is promised: disk.full, with what is left and what is kept back", () => {
    const cue = { event: submit(), asked: true, refusing: SHORT };
    expect(told(queenStage(), admit(settings), cue)).toEqual(["refuse disk.full"]);
    const [refusal] = queenStage().play(admit(settings), undefined, cue);
    expect(refusal).toMatchObject({
      result: { error: { message: expect.stringMatching(/^9 MiB .* 16 MiB /), details: SHORT } },
    });
  });

  test("a queen who does not admit refuses with admission.closed", () => {
    const refuse = queenBehaviour(settings).handlers["refuseAdmission"] as never;
    expect(lines(queenStage().play(refuse, { message: "stopping" }, { event: submit(), asked: true }))).toEqual([
      "refuse admission.closed",
    ]);
  });
});

describe("cancel", () => {
  const cancel = { event: { type: "cancel", job: "j1" }, asked: true } as const;

  test.each([
    ["queued", ["control queen/job/j1: cancel", "reply cancelling"]],
    ["running", ["control queen/job/j1: cancel", "reply cancelling"]],
    ["done", ["reply cancelling"]],
    ["failed", ["reply cancelling"]],
    ["cancelled", ["reply cancelling"]],
  ] as const)("of a job that is %s", (state, expected) => {
    expect(told(queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1, state }) }), cancelJob, cancel)).toEqual(
      expected,
    );
  });

  test("of a job that nobody knows is request.not.found", () => {
    expect(told(queenStage(), cancelJob, cancel)).toEqual(["refuse request.not.found"]);
  });

  test("reaches a job by the word that it was asked for with, and nobody else's by the same word", () => {
    const stage = queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "queued", idempotencyKey: "k" }) });
    stage.set(keys, { k: "j1" });
    const named = { type: "cancel", job: "k" } as const;
    expect(told(stage, cancelJob, { event: named, asked: true })).toEqual([
      "control queen/job/j1: cancel",
      "reply cancelling",
    ]);
    const other = { event: { ...named, key: "other" }, asked: true };
    expect(told(stage, cancelJob, other)).toEqual(["refuse request.not.found"]);
  });
});

describe("a deadline", () => {
  const done = Object.fromEntries(
    Array.from({ length: JOBS_KNOWN_MIN }, (_, at) => [
      `d${at}`,
      jobRow({ id: `d${at}`, seq: at, state: "done", attempt: 1, startedAt: 0, endedAt: 500 + at }),
    ]),
  );
  const ahead = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`q${at}`, jobRow({ id: `q${at}`, seq: 100 + at })]));
  const roomy = { ...settings, queueLengthMax: 100 };
  const busy = () =>
    queenStage()
      .set(jobs, { ...done, ...ahead(6) })
      .set(workers, { w1: workerRow({ id: "w1", slots: 2, jobs: ["x", "y"] }) });
  const ask = (stage: ReturnType<typeof busy>, deadlineMs: number) =>
    stage.play(admit(roomy), undefined, { event: submit({ deadlineMs }), asked: true, serial: 200 });

  test("A5 deadline.unmeetable: that those ahead use up, however quick they are, is refused at once, with the numbers", () => {
    const stage = busy();
    const [refusal, ...more] = ask(stage, 1499);
    expect(refusal).toMatchObject({
      result: {
        ok: false,
        error: { code: "deadline.unmeetable", details: { ahead: 6, neededMs: 1500, deadlineMs: 1499 } },
      },
    });
    expect([more, stage.rows(jobs).has("j200")]).toEqual([[], false]);
    expect(lines(ask(stage, 1500))).toContain("spawn job/j200");
  });

  test("A5 what another party has sent is not in its way beyond the next of that, and refuses nobody else", () => {
    const asked = submit({ deadlineMs: 1499, party: "d1" });
    const commands = busy().play(admit(roomy), undefined, { event: asked, asked: true, serial: 200 });
    expect(lines(commands)).toContain("spawn job/j200");
  });

  test("A5 while another worker of the model comes up, or none is there, nothing is certain and it is admitted", () => {
    const more = busy().set(workers, { w2: workerRow({ id: "w2", state: "loading", slots: 0 }) });
    expect(lines(ask(more, 1))).toContain("spawn job/j200");
    const none = queenStage().set(jobs, { ...done, ...ahead(6) });
    expect(lines(ask(none, 1))).toContain("spawn job/j200");
  });

  test("A5 a worker that is to stop gives nobody a slot, and takes none away from those that do", () => {
    const stopping = busy().set(workers, { w2: workerRow({ id: "w2", state: "stopping", slots: 4 }) });
    expect(lines(ask(stopping, 1499))).toEqual(["refuse deadline.unmeetable"]);
  });
});
