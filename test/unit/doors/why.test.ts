/**
 * Goal: a person is told in sentences what the data says of a job: waiting, placement, load, alternatives, end.
 * Method: what a queen remembers, made by hand, against the words that come of it.
 *
 * @see src/doors/why.ts, WY1
 * @module
 */
import { describe, expect, test } from "vitest";
import type { AttemptRow, Waiting } from "../../../machines/rules/history.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import { type Explained, whyOf } from "../../../src/doors/why.ts";
import { whyView } from "../../../src/protocol/why-api.ts";
import { jobRow } from "../../support/rows.ts";

const HIVE = "hive/hive/main";
const ATTEMPT: AttemptRow = {
  attempt: 1,
  worker: "w7",
  hive: HIVE,
  why: "w7 has m loaded, 0 of 4 slots busy, the only one free",
  placedAt: 1500,
  waitedMs: 1500,
  busySlots: 0,
  slots: 4,
  memoryBytes: 512 * 2 ** 20,
  load: undefined,
  alternatives: [],
  moreAlternatives: 0,
  otherMachines: 0,
  saidTokens: undefined,
  end: undefined,
};
const WAITING: Waiting = {
  phase: "serving",
  ahead: 0,
  workers: [],
  moreWorkers: 0,
  loads: [],
  failedLoads: 0,
  crowdedBy: undefined,
};

const LOST = { worker: "w6", askedAt: 0, at: 5300, code: "worker.hung", message: "nothing was heard from it" };
const explained = (job: Partial<JobRow>, more: Partial<Explained> = {}): Explained => ({
  at: 4000,
  job: jobRow({ id: "j1", seq: 1, ...job }),
  history: { ahead: 0, attempts: [] },
  waiting: undefined,
  saidTokens: 0,
  progress: undefined,
  ...more,
});
const wordsOf = (given: Explained): string[] => whyView.parse(whyOf(given)).words;
const attempts = (...rows: Partial<AttemptRow>[]): Pick<Explained, "history"> => ({
  history: { ahead: 2, attempts: rows.map((row) => ({ ...ATTEMPT, ...row })) },
});

describe("who asked", () => {
  test("WY1 the request, the key by its id, and the trace stand in the data and in a sentence", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const given = explained({ caller: { requestId: "r-7", key: "k3", traceparent } });
    expect(whyView.parse(whyOf(given))).toMatchObject({ request_id: "r-7", key: "k3", traceparent });
    expect(wordsOf(given)).toContain(`It came as request r-7, with the key k3, in trace ${traceparent}.`);
    expect(wordsOf(explained({ caller: { requestId: "r-7" } }))).toContain("It came as request r-7.");
    expect(whyOf(explained({}))).not.toHaveProperty("request_id");
  });
});

describe("the words of why", () => {
  test("WY1 of a job that is done: behind whom, where and why, what it waited for, what else there was, how quick", () => {
    const usage = { promptTokens: 9, completionTokens: 21, firstTokenMs: 100, totalMs: 1100 };
    const load = { worker: "w7", waitedMs: 1400, decidedMs: 200, startedMs: 300, loadedMs: 900 };
    const others = attempts({
      load: { ...load, why: "512 MiB of 8 GiB free", instead: ["w2"], lost: [LOST] },
      alternatives: [
        { worker: "w3", hive: HIVE, state: "ready", busySlots: 4, slots: 4 },
        { worker: "w4", hive: HIVE, state: "loading", busySlots: 0, slots: 0 },
        { worker: "w5", hive: HIVE, state: "stopping", busySlots: 0, slots: 4 },
      ],
      moreAlternatives: 2,
      otherMachines: 1,
    });
    expect(wordsOf(explained({ state: "done", attempt: 1, endedAt: 2700, usage }, others))).toEqual([
      "j1 is done, 2.7 s after it was admitted.",
      "Admitted at 1970-01-01T00:00:00.000Z, for text of m, priority 5, behind 2 jobs.",
      "Attempt 1 was placed on w7 of hive after 1.5 s of waiting.",
      "  Why there: w7 has m loaded, 0 of 4 slots busy, the only one free.",
      "  Before that w6 failed to come up, after 5.3 s, with worker.hung: nothing was heard from it.",
      "  It waited 1.4 s for that worker to come up: " +
        "200 ms for its memory and any download, 300 ms to start, 900 ms to load.",
      "  To make room w2 had to go.",
      "  On its memory: 512 MiB of 8 GiB free.",
      "  Instead of w3 (4 of 4 slots busy), w4 (still loading), w5 (stopping), 2 more, and 1 other machine was there.",
      "  w7 has 512 MiB of memory booked.",
      "  It was done after 1.2 s: " +
        "9 tokens of prompt read, 21 tokens said, the first of them after 100 ms, 20 tokens a second.",
    ]);
  });

  test("WY1 of attempts that were lost: the reason of each, and how far it had come", () => {
    const failure = { code: "job.attempts", class: "terminal", message: "2 attempts, the last: it was gone" } as const;
    const lost = attempts(
      { end: { at: 2000, code: "worker.hung", message: "it was silent for 5 s" }, saidTokens: 12 },
      {
        attempt: 2,
        worker: "w8",
        waitedMs: 0,
        placedAt: 2000,
        end: { at: 2250, code: "worker.lost", message: "gone" },
      },
    );
    const words = wordsOf(explained({ state: "failed", attempt: 2, endedAt: 2300, failure }, lost));
    expect(words[0]).toBe("j1 failed with job.attempts after 2.3 s: 2 attempts, the last: it was gone.");
    expect(words).toContain("  It ended after 500 ms with worker.hung: it was silent for 5 s, 12 tokens said so far.");
    expect(words).toContain("Attempt 2 was placed on w8 of hive at once.");
    expect(words.at(-1)).toBe("  It ended after 250 ms with worker.lost: gone.");
  });

  test("WY1 of a job that waits: for a load on its way and how far that is", () => {
    const load = { worker: "w9", model: "m", askedAt: 1000, reservedAt: 1200, loadingAt: 3000, readyAt: undefined };
    const coming = { worker: "w9", hive: HIVE, state: "loading", busySlots: 0, slots: 0 } as const;
    const waiting = { ...WAITING, ahead: 1, workers: [coming], loads: [{ ...load, why: "", instead: [] }] };
    const progress = { step: "load", fraction: 0.456 };
    expect(wordsOf(explained({}, { waiting, progress })).slice(-3)).toEqual([
      "1 job for m goes before it.",
      "It waits for w9, which loads since 1.0 s.",
      "The load is 45 % done.",
    ]);
    const asked = {
      ...waiting,
      loads: [{ ...load, reservedAt: undefined, loadingAt: undefined, why: "", instead: [] }],
    };
    expect(wordsOf(explained({}, { waiting: asked }))).toContain(
      "It waits for w9, which waits for memory or a download since 3.0 s.",
    );
  });

  test("WY1 of a job that waits: for room, for the queen, after loads that failed", () => {
    const crowded = { ...WAITING, crowdedBy: "m lacks 1 GiB, and in use are w1 (n)", failedLoads: 2 };
    expect(wordsOf(explained({}, { waiting: crowded })).slice(-4)).toEqual([
      "It is next for m.",
      "2 loads of the model failed just before.",
      "There is no room for the model now: m lacks 1 GiB, and in use are w1 (n).",
      "No worker has the model, and none is on its way.",
    ]);
    const draining = { ...WAITING, phase: "draining" };
    expect(wordsOf(explained({}, { waiting: draining })).at(-1)).toBe(
      "It waits for the queen: she is draining, and places nothing.",
    );
  });

  test("of one that runs how much it has said, and of one that was cancelled that it was", () => {
    const running = explained({ state: "running", attempt: 1 }, { ...attempts({}), saidTokens: 1 });
    expect(wordsOf(running)[0]).toBe("j1 runs, on w7.");
    expect(wordsOf(running).at(-1)).toBe("  It runs, 1 token said so far.");
    const failure = { code: "job.cancelled", class: "cancelled", message: "it was cancelled" } as const;
    const cancelled = wordsOf(explained({ state: "cancelled", endedAt: 10, failure }));
    expect(cancelled[0]).toBe("j1 was cancelled after 10 ms.");
  });
});
