/**
 * Goal: what passes the porter is told once, with its reason and its times, and what is remembered of it is bounded.
 * Method: frames and streams as queen, hive and jobs send them, sent again as they do after a restart.
 *
 * @see src/hosts/watching: worker-witness.ts, WW1 WW2; job-witness.ts, JW1-JW3; download-witness.ts, DW1 DW2;
 *      news.ts, NW1
 * @module
 */
import { describe, expect, test } from "vitest";
import { DownloadWitness } from "../../../../src/hosts/watching/download-witness.ts";
import { JobWitness } from "../../../../src/hosts/watching/job-witness.ts";
import type { DownloadProgress } from "../../../../src/hosts/models/models.ts";
import { type News, NewsDesk } from "../../../../src/hosts/watching/news.ts";
import { WorkerWitness } from "../../../../src/hosts/watching/worker-witness.ts";
import { Streams } from "../../../../src/net/streams.ts";
import type { ErrorCode } from "../../../../src/protocol/errors.ts";
import type { StreamEnd } from "../../../../src/protocol/ports.ts";
import type { Frame, Message } from "../../../../src/runtime/envelope.ts";
import { facts, KILLED, request } from "../../../support/machine-events.ts";

const QUEEN = "queen/queen/main";
const HIVE = "hive/hive/main";

const mail = (event: Message, ask?: string): Frame => ({
  kind: "mail",
  envelope: {
    to: HIVE,
    from: QUEEN,
    lane: "data",
    n: 1,
    label: "private",
    event,
    ...(ask === undefined ? {} : { re: { id: ask, from: QUEEN } }),
  },
});
const start = (worker: string, ask: string): Frame =>
  mail({ type: "start.worker", epoch: 3, worker, model: "m", instead: [] } as Message, ask);
const reserved = (worker: string): Message =>
  ({ type: "worker.reserved", worker, reservedBytes: 64, device: "cpu", why: "" }) as Message;
const answer = (ask: string, event: Message): Frame => ({
  kind: "answer",
  to: QUEEN,
  id: ask,
  result: { ok: true, event },
});
const END = { code: "worker.idle", class: "cancelled", message: "idle" } as const;
const gone = (worker: string): Frame =>
  mail({ type: "worker.gone", worker, end: END, exit: KILLED, how: "its last words: secret" } as Message);

function workers() {
  const told: News[] = [];
  let nowMs = 0;
  const witness = new WorkerWitness(
    (news) => told.push(news),
    () => nowMs,
  );
  return { witness, told, at: (ms: number) => (nowMs = ms), events: () => told.map(({ event }) => event) };
}

describe("the witness of workers", () => {
  test("WW1 tells each step of a worker once, in order, however often its mail is sent", () => {
    const { witness, told, at, events } = workers();
    for (const ask of ["a1", "a1"]) witness.toHive([start("w1", ask)]);
    witness.toQueen([answer("a1", reserved("w1")), answer("a1", reserved("w1"))]);
    const loading = mail({ type: "worker.loading", worker: "w1", pid: 7 } as Message);
    witness.toQueen([loading, loading]);
    at(250);
    const ready = mail({ type: "worker.ready", worker: "w1", facts: facts(1), port: 1 } as Message);
    witness.toQueen([ready, ready]);
    at(900);
    const stopping = mail({ type: "worker.stopping", worker: "w1", end: END } as Message);
    witness.toQueen([stopping]);
    at(1000);
    witness.toQueen([stopping, gone("w1"), gone("w1"), ready]);
    expect(events()).toEqual([
      "worker.asked",
      "worker.reserved",
      "worker.loading",
      "worker.ready",
      "worker.stopping",
      "worker.ended",
    ]);
    expect(told[0]).toMatchObject({ worker: "w1", model: "m", epoch: 3 });
    expect(told[3]).toMatchObject({ durationMs: 250 });
    expect(told[5]).toEqual({
      event: "worker.ended",
      worker: "w1",
      model: "m",
      code: "worker.idle",
      exit: KILLED,
      durationMs: 1000,
      endingMs: 100,
    });
  });

  test("a refusal is told with its reason, whose words are private", () => {
    const { witness, told } = workers();
    witness.toHive([start("w1", "a1")]);
    const error = { code: "memory.insufficient", message: "m needs more" } as const;
    witness.toQueen([{ kind: "answer", to: QUEEN, id: "a1", result: { ok: false, error } }]);
    expect(told.at(-1)).toEqual({
      event: "worker.refused",
      worker: "w1",
      model: "m",
      code: "memory.insufficient",
      told: { text: "m needs more", label: "private" },
    });
  });

  test("the end of a worker of an earlier life is told too, and answers that nobody asked for are not", () => {
    const { witness, told, events } = workers();
    witness.toQueen([gone("w9"), answer("a7", reserved("w8"))]);
    expect(events()).toEqual(["worker.ended"]);
    expect(told[0]).toMatchObject({ exit: KILLED, durationMs: undefined, endingMs: undefined });
  });
});

const DONE: StreamEnd = {
  type: "done",
  finish: "stop",
  usage: { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, totalMs: 4 },
  model: "m",
  worker: "w1",
  attempts: 2,
  queuedMs: 0,
  loadMs: 0,
};

function jobs() {
  const told: News[] = [];
  let nowMs = 100;
  const witness = new JobWitness(
    (news) => told.push(news),
    () => nowMs,
  );
  const arrive = (job: string, state = "queued"): void =>
    witness.arrived({ job, state, position: 0, request, model: "m", arrivedMs: 100 });
  return { witness, told, arrive, at: (ms: number) => (nowMs = ms), events: () => told.map(({ event }) => event) };
}

describe("the witness of jobs", () => {
  test("JW1 every piece of news of a job says who asked, of a job of an earlier life nobody can", () => {
    const { witness, told } = jobs();
    const caller = { requestId: "r-1", key: "k2" };
    witness.arrived({ job: "j1", state: "queued", position: 0, request, caller, model: "m", arrivedMs: 100 });
    for (const job of ["j1", "j0"]) {
      witness.begun(job, 1, "w1");
      witness.spoke(job);
      witness.ended(job, { type: "error", failure: { code: "job.cancelled", class: "cancelled", message: "" } });
    }
    const ofJob = told.flatMap((news) => ("job" in news ? [news] : []));
    expect(ofJob.filter(({ job }) => job === "j1").map((news) => news.caller)).toEqual([
      caller,
      caller,
      caller,
      caller,
    ]);
    expect(ofJob.filter(({ job }) => job === "j0").map((news) => news.caller)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("JW1 tells a job's coming and its end once each, with what lay between", () => {
    const { witness, told, arrive, at, events } = jobs();
    arrive("j1");
    arrive("j1");
    witness.begun("j1", 1, "w1");
    at(150);
    witness.spoke("j1");
    at(300);
    witness.ended("j1", DONE);
    witness.ended("j1", DONE);
    arrive("j1");
    arrive("j1", "done");
    expect(events()).toEqual(["job.admitted", "attempt.begun", "job.spoke", "job.ended"]);
    expect(told[2]).toMatchObject({ durationMs: 50, operation: "text_completion" });
    expect(told[3]).toMatchObject({ state: "done", durationMs: 200, attempts: 2, failure: undefined });
  });

  test("JW3 what a job does before the queen's answer is here is told after its coming, and knows it", () => {
    const { witness, told, arrive, at, events } = jobs();
    const answered = witness.submitting();
    witness.begun("j1", 1, "w1");
    at(150);
    witness.spoke("j1");
    at(250);
    witness.ended("j1", DONE);
    expect(events()).toEqual([]);
    at(300);
    arrive("j1");
    answered();
    witness.ended("j1", DONE);
    expect(events()).toEqual(["job.admitted", "attempt.begun", "job.spoke", "job.ended"]);
    expect(told[1]).toMatchObject({ worker: "w1", attempt: 1, model: "m", operation: "text_completion" });
    expect(told.slice(2)).toMatchObject([{ durationMs: 50, model: "m" }, { durationMs: 150 }]);
  });

  test("JW3 a job that nobody knows waits for the requests that were on their way, and for no later one", () => {
    const { witness, told, events } = jobs();
    const [first, second] = [witness.submitting(), witness.submitting()];
    witness.begun("j0", 1, "w1");
    const third = witness.submitting();
    second();
    expect(events()).toEqual([]);
    first();
    expect(told).toMatchObject([{ event: "attempt.begun", job: "j0", operation: "unknown" }]);
    witness.spoke("j0");
    third();
    expect(events()).toEqual(["attempt.begun", "job.spoke"]);
  });

  test("JW2 JW3 of jobs that never come only so many wait, and nothing of theirs is lost", () => {
    const { witness, events } = jobs();
    const answered = witness.submitting();
    for (let i = 0; i < 2000; i += 1) witness.begun(`j${i}`, 1, "w1");
    expect(events()).toHaveLength(2000 - 1024);
    for (let i = 0; i < 2000; i += 1) witness.ended(`j${i}`, DONE);
    answered();
    for (const each of ["attempt.begun", "job.ended"])
      expect(events().filter((event) => event === each)).toHaveLength(2000);
  });

  test("a failure keeps the label of what was asked, and a job of an earlier life counts as private", () => {
    const { witness, told } = jobs();
    witness.arrived({
      job: "j1",
      state: "queued",
      position: 0,
      request: { ...request, label: "public" },
      model: "m",
      arrivedMs: 100,
    });
    const failure = { code: "job.deadline", class: "terminal", message: "late" } as const;
    witness.ended("j1", { type: "error", failure });
    witness.ended("j2", { type: "error", failure: { ...failure, class: "cancelled" } });
    expect(told.slice(1)).toMatchObject([
      { state: "failed", failure: { code: "job.deadline", told: { text: "late", label: "public" } } },
      { state: "cancelled", durationMs: undefined, failure: { told: { label: "private" } } },
    ]);
  });
});

test("a stream tells of each attempt, of the first chunk of a job alone, and of its end once", () => {
  const { witness, events } = jobs();
  const streams = new Streams({ credit: () => {}, witness });
  const begin = (attempt: number, pieces: readonly string[]): void =>
    streams.begin({
      type: "begin",
      job: "j1",
      attempt,
      said: { pieces, tokens: pieces.length },
      worker: "w1",
      note: { type: "assigned", worker: "w1", attempt, why: "" },
    });
  const say = (attempt: number, index: number): void =>
    streams.chunk({ job: "j1", attempt, index, kind: "text", text: "a", tokens: 1 });
  begin(1, []);
  begin(1, []);
  for (const index of [0, 0, 1]) say(1, index);
  begin(2, ["a", "a"]);
  say(2, 2);
  for (const end of [DONE, DONE]) streams.close("j1", end);
  expect(events()).toEqual(["attempt.begun", "job.spoke", "attempt.begun", "job.ended"]);
});

test("NW1 news that nobody takes yet is kept up to a bound, in order, for all who take it first", () => {
  const desk = new NewsDesk();
  for (let exitCode = 0; exitCode < 1000; exitCode += 1) desk.tell({ event: "node.stopped", exitCode });
  const [one, other]: News[][] = [[], []];
  desk.open(
    (news) => one?.push(news),
    (news) => other?.push(news),
  );
  expect(one?.length).toBe(256);
  expect(one?.[0]).toEqual({ event: "node.stopped", exitCode: 0 });
  desk.tell({ event: "node.stopped", exitCode: -1 });
  expect([one?.length, one]).toEqual([257, other]);
});

describe("the witness of downloads", () => {
  function heard(...steps: readonly (readonly [DownloadProgress["step"], number, ErrorCode?])[]): News[] {
    const told: News[] = [];
    const witness = new DownloadWitness((news) => told.push(news));
    for (const [step, presentBytes, code] of steps) {
      const trouble = code === undefined ? undefined : { code, message: "" };
      witness.heard({ model: "m", step, presentBytes, totalBytes: 100, bytesPerSecond: 0, trouble });
    }
    return told;
  }

  test("DW1 what was on the disk before it began is not counted, what came is counted once", () => {
    const news = heard(["resolving", 0], ["fetching", 40], ["fetching", 70], ["fetching", 70], ["fetching", 100]);
    expect(news).toEqual([
      { event: "download.begun", model: "m" },
      { event: "download.came", model: "m", bytes: 30 },
      { event: "download.came", model: "m", bytes: 30 },
    ]);
  });

  test("DW2 a cut is told once until more comes, and the end of the check ends it", () => {
    const cut = "hub.unreachable";
    const news = heard(
      ["fetching", 0],
      ["waiting", 0, cut],
      ["resolving", 0],
      ["waiting", 0, cut],
      ["fetching", 0],
      ["fetching", 100],
      ["waiting", 100, cut],
      ["checking", 100],
      ["checking", 100],
      ["resolving", 0],
    );
    expect(news.map(({ event }) => event)).toEqual([
      "download.begun",
      "download.waits",
      "download.came",
      "download.waits",
      "download.checked",
      "download.begun",
    ]);
  });
});
