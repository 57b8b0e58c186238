/**
 * Goal: what is remembered of a job is bounded, says the first cause, and never blames a load for more than it took.
 * Method: properties over random fleets, histories and times, against plain searches.
 *
 * @see machines/rules/history.ts, HI1 to HI4
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Fleet, type WorkerRow } from "../../../../machines/rules/fleet.ts";
import {
  alternatives,
  ALTERNATIVES_MAX,
  type AttemptRow,
  type LoadRow,
  loadWaitedMs,
  NO_HISTORY,
  waitFor,
  withAttempt,
  withEnd,
  withSaid,
} from "../../../../machines/rules/history.ts";
import { workerRow } from "../../../support/rows.ts";

const worker = fc.record({
  state: fc.constantFrom<WorkerRow["state"]>("asked", "loading", "ready", "stopping"),
  slots: fc.integer({ min: 1, max: 3 }),
  busy: fc.nat(3),
});

const rowsOf = (found: readonly { state: WorkerRow["state"]; slots: number; busy: number }[]): readonly WorkerRow[] =>
  found.map(({ state, slots, busy }, at) =>
    workerRow({ id: `w${at}`, state, slots, jobs: Array.from({ length: Math.min(busy, slots) }, (_, n) => `j${n}`) }),
  );

/** Free ones by their load, then full ones, loading, asked for, stopping. */
function soonest(row: WorkerRow): number {
  if (row.state === "ready") return row.jobs.length < row.slots ? row.jobs.length : 10;
  return { loading: 11, asked: 12, stopping: 13 }[row.state];
}

describe("the alternatives of a placement", () => {
  test.prop([fc.array(worker, { minLength: 1, maxLength: 12 })])(
    "HI1 are the workers that would be taken next, without the chosen one: few are listed, all are counted",
    (found) => {
      const rows = rowsOf(found);
      const fleet = new Fleet();
      for (const row of rows) fleet.put(row.id, row, undefined);
      const chosen = fleet.free("m");
      const expected = rows
        .filter(({ id }) => id !== chosen)
        .toSorted((a, b) => soonest(a) - soonest(b) || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
      const listed = alternatives("m", chosen, fleet, (id) => rows.find((row) => row.id === id));
      expect(listed.alternatives.map((each) => each.worker)).toEqual(expected.slice(0, ALTERNATIVES_MAX));
      expect(listed.alternatives.length + listed.moreAlternatives).toBe(expected.length);
    },
  );
});

const attempt = (number: number, more: Partial<AttemptRow> = {}): AttemptRow => ({
  attempt: number,
  worker: `w${number}`,
  hive: "hive/hive/main",
  busySlots: 0,
  slots: 1,
  why: "",
  placedAt: 0,
  waitedMs: 0,
  memoryBytes: 0,
  load: undefined,
  alternatives: [],
  moreAlternatives: 0,
  otherMachines: 0,
  saidTokens: undefined,
  end: undefined,
  ...more,
});
const twice = withAttempt(withAttempt(NO_HISTORY, attempt(1)), attempt(2));
const ends = fc.array(
  fc.record({ attempt: fc.integer({ min: 1, max: 3 }), at: fc.nat(), code: fc.string(), message: fc.string() }),
);

describe("the end of an attempt", () => {
  test.prop([ends])("HI2 is the first that is told of it, and no other attempt's", (told) => {
    let history = twice;
    for (const { attempt: number, ...end } of told) history = withEnd(history, number, end);
    for (const row of history.attempts) {
      const { attempt: number, ...first } = told.find((each) => each.attempt === row.attempt) ?? { attempt: 0 };
      expect(row.end).toEqual(number === 0 ? undefined : first);
    }
  });

  test("HI2 that changes nothing gives back the history itself, so that nothing is written", () => {
    const ended = withEnd(twice, 1, { at: 1, code: "worker.lost", message: "" });
    expect(withEnd(ended, 1, { at: 2, code: "interrupted", message: "" })).toBe(ended);
    expect(withEnd(ended, 7, { at: 2, code: "interrupted", message: "" })).toBe(ended);
  });

  test("what was said goes with its own attempt", () => {
    expect(withSaid(twice, 1, 12).attempts.map(({ saidTokens }) => saidTokens)).toEqual([12, undefined]);
  });
});

describe("the load that a job waited for", () => {
  const steps = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100));

  test.prop([steps, fc.nat(500), fc.nat(100)])(
    "HI3 never takes longer than the job waited, and its parts are its whole",
    ([asked, reserved, loading, ready], since, later) => {
      const askedAt = asked;
      const reservedAt = askedAt + reserved;
      const loadingAt = reservedAt + loading;
      const readyAt = loadingAt + ready;
      const load: LoadRow = { worker: "w1", model: "m", askedAt, reservedAt, loadingAt, readyAt, why: "", instead: [] };
      const wait = waitFor(load, since);
      expect(wait === undefined).toBe(readyAt <= since);
      if (wait === undefined) return;
      const placedAt = readyAt + later;
      expect(wait.waitedMs).toBeLessThanOrEqual(placedAt - since);
      expect(wait.waitedMs).toBeLessThanOrEqual(readyAt - askedAt);
      const parts = wait.decidedMs + wait.startedMs + wait.loadedMs;
      expect(parts).toBe(readyAt - askedAt);
    },
  );

  test("HI4 tells of loads before it that were lost while the job waited, and not of earlier ones", () => {
    const times = { askedAt: 50, reservedAt: 60, loadingAt: 70, readyAt: 80 };
    const lost = [20, 40].map((at) => ({ worker: `w${at}`, askedAt: 0, at, code: "worker.hung", message: "" }));
    const load: LoadRow = { worker: "w1", model: "m", ...times, why: "", instead: [], lost };
    expect(waitFor(load, 0)?.lost).toEqual(lost);
    expect(waitFor(load, 20)?.lost).toEqual(lost.slice(1));
    expect(waitFor(load, 40)).not.toHaveProperty("lost");
  });

  test("HI3 is none where the worker was ready before, or is not known", () => {
    expect(waitFor(undefined, 0)).toBeUndefined();
    const load = {
      worker: "w1",
      model: "m",
      askedAt: 0,
      reservedAt: 1,
      loadingAt: 2,
      readyAt: undefined,
      why: "",
      instead: [],
    };
    expect(waitFor(load, 0)).toBeUndefined();
  });

  test("counts for all attempts together", () => {
    const load = { worker: "w1", waitedMs: 5, decidedMs: 0, startedMs: 0, loadedMs: 5, why: "", instead: [] };
    const history = [attempt(1, { load }), attempt(2), attempt(3, { load })].reduce(withAttempt, NO_HISTORY);
    expect(loadWaitedMs(history)).toBe(10);
  });
});
