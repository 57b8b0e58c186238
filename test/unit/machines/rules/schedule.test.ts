/**
 * Goal: which worker it is among several that could: where its machine has the least to do, where the model is fast,
 * where the prompt's beginning is; and of a pinned job one of its own machine or none.
 *
 * @see machines/rules/schedule.ts, X1 X4 X5 X7; machines/rules/queue.ts, Q6
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Fleet, type WorkerRow } from "../../../../machines/rules/fleet.ts";
import { type JobRow, Queue } from "../../../../machines/rules/queue.ts";
import { type Decision, EXCESS_MAX, type Facts, schedule, SHORTLIST } from "../../../../machines/rules/schedule.ts";
import type { Address } from "../../../../machines/words.ts";
import { jobRow, workerRow } from "../../../support/rows.ts";

const A: Address = "a/hive/main";
const B: Address = "b/hive/main";
const jobsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `x${at}`);
const worker = (id: string, hive: Address, busy: number, given: Partial<WorkerRow> = {}): WorkerRow =>
  workerRow({ id, hive, slots: 9, jobs: jobsOf(busy), ...given });

function decide(workers: readonly WorkerRow[], jobs: readonly JobRow[], given: Partial<Facts> = {}): Decision {
  const [fleet, queue] = [new Fleet(), new Queue()];
  for (const row of workers) fleet.put(row.id, row, undefined);
  for (const row of jobs) queue.put(row.id, row, undefined);
  const nameOf = (hive: Address): string => hive.slice(0, 1).toUpperCase();
  return schedule("m", queue, fleet, {
    worker: (id) => workers.find((row) => row.id === id),
    holders: () => [],
    isKept: () => false,
    nameOf,
    ...given,
  });
}

const any = jobRow({ id: "j1", seq: 1 });
const pinned = (seq: number, node: Address): JobRow => jobRow({ id: `p${seq}`, seq, node });
const chosen = (decision: Decision) => (decision.kind === "place" ? [decision.job, decision.worker] : decision.kind);

describe("among workers that could", () => {
  test("X4 it is the one whose machine has the least to do, of the least busy", () => {
    const other = worker("w3", A, 4, { model: "n" });
    const decision = decide([worker("w1", A, 0), worker("w2", B, 0), other], [any]);
    expect(chosen(decision)).toEqual(["j1", "w2"]);
    expect(decision.why).toContain("its machine has 0 of them to do, the next one's 4");
    expect(chosen(decide([worker("w1", A, 0), worker("w2", B, 1), other], [any]))).toEqual(["j1", "w1"]);
  });

  test("X4 it is the fastest, of those with as much to do; one that was never measured is tried", () => {
    const [slow, quick] = [worker("w1", A, 0, { tokensPerS: 9 }), worker("w2", B, 0, { tokensPerS: 90 })];
    expect(chosen(decide([slow, quick], [any]))).toEqual(["j1", "w2"]);
    expect(decide([slow, quick], [any]).why).toContain("and the fastest of them");
    expect(chosen(decide([slow, quick, worker("w3", "c/hive/main", 0)], [any]))).toEqual(["j1", "w3"]);
  });

  test("X2 what each of those that were looked at had is told, the chosen one first", () => {
    const decision = decide([worker("w1", A, 1, { tokensPerS: 9 }), worker("w2", B, 0)], [any], {
      holders: () => [{ worker: "w1", marks: 3 }],
    });
    expect(decision.kind === "place" && decision.among).toEqual([
      { worker: "w1", hiveJobs: 1, tokensPerS: 9, cachedChars: 3072 },
      { worker: "w2", hiveJobs: 0, tokensPerS: 0, cachedChars: 0 },
    ]);
    expect(decision.why).toContain("the first 3 Ki characters of the prompt are in its cache, which is worth 1 more");
  });
});

describe("X7 a machine that is kept for another model", () => {
  const isKept = (hive: Address): boolean => hive === A;

  test("is given no job, and whoever is free elsewhere is, however many come before", () => {
    const here = Array.from({ length: SHORTLIST + 1 }, (_, at) => worker(`w${at}`, A, 0));
    const decision = decide([...here, worker("w9", B, 3)], [any], { isKept });
    expect(chosen(decision)).toEqual(["j1", "w9"]);
    expect(decision.why).toContain("the only one free");
    expect(chosen(decide(here, [any], { isKept }))).toBe("wait");
  });

  test("holds up none that are to run elsewhere, and is chosen for no cache", () => {
    const rows = [worker("w1", A, 0), worker("w2", B, 0)];
    expect(chosen(decide(rows, [pinned(1, A), pinned(2, B)], { isKept }))).toEqual(["p2", "w2"]);
    const holders = () => [{ worker: "w1", marks: 9 }];
    expect(chosen(decide(rows, [any], { isKept, holders }))).toEqual(["j1", "w2"]);
  });
});

describe("a prompt whose beginning is cached", () => {
  const busy = fc.nat(8);
  test.prop([busy, busy, busy, fc.boolean(), fc.boolean()])(
    "X5 goes there, unless that has more than so many jobs above the least busy, or may not be given any",
    (least, here, hereOnly, isDoubted, isStopping) => {
      const held = worker("w3", A, here, { isDoubted, state: isStopping ? "stopping" : "ready" });
      const rows = [worker("w1", B, least), worker("w2", B, Math.max(least, hereOnly)), held];
      const decision = decide(rows, [any], { holders: () => [{ worker: "w3", marks: 1 }] });
      const may = !isDoubted && !isStopping;
      const isNear = here <= least + EXCESS_MAX;
      if (may && isNear) expect(chosen(decision)).toEqual(["j1", "w3"]);
      else if (!may || here > least) expect(chosen(decision)).not.toEqual(["j1", "w3"]);
    },
  );

  test("X5 is no reason to wait: where that one is full, another answers", () => {
    const rows = [worker("w1", A, 1, { slots: 1 }), worker("w2", B, 0)];
    expect(chosen(decide(rows, [any], { holders: () => [{ worker: "w1", marks: 9 }] }))).toEqual(["j1", "w2"]);
  });
});

describe("a pinned job", () => {
  test("X1 is placed on its machine alone, and Q6 holds up nobody while that has nothing free", () => {
    const rows = [worker("w1", A, 9), worker("w2", B, 0)];
    expect(chosen(decide(rows, [pinned(1, A)]))).toBe("wait");
    expect(chosen(decide(rows, [pinned(1, A), jobRow({ id: "j2", seq: 2 })]))).toEqual(["j2", "w2"]);
    expect(chosen(decide(rows, [pinned(1, B), jobRow({ id: "j2", seq: 2 })]))).toEqual(["p1", "w2"]);
    expect(decide(rows, [pinned(1, B)]).why).toContain("the only one free on B, where it is to run");
  });

  test("X1 goes to no other machine for a cache", () => {
    const elsewhere = { holders: () => [{ worker: "w2", marks: 9 }] };
    expect(chosen(decide([worker("w1", A, 0), worker("w2", B, 0)], [pinned(1, A)], elsewhere))).toEqual(["p1", "w1"]);
  });

  test("X3 has its model loaded there, however many have it elsewhere, and once", () => {
    const decision = decide([worker("w2", B, 9)], [pinned(1, A)]);
    expect(decision).toMatchObject({ kind: "load", nodes: [A], why: "no worker has m on A" });
    expect(chosen(decide([worker("w2", A, 0, { state: "loading" })], [pinned(1, A)]))).toBe("wait");
  });

  test("X6 is told with all for whom nobody is on their way, in their order: the first may be in vain", () => {
    const coming = worker("w1", "c/hive/main", 0, { state: "loading" });
    const waiting = [pinned(3, "c/hive/main"), pinned(2, A), pinned(1, B), { ...any, seq: 4 }];
    expect(decide([coming], waiting)).toMatchObject({ nodes: [B, A], why: "no worker has m on B" });
    expect(decide([], [pinned(2, A), any])).toMatchObject({ nodes: [undefined, A], why: "no worker has m" });
  });

  test.prop([fc.array(fc.record({ to: fc.constantFrom(undefined, A, B), priority: fc.nat(9) }), { maxLength: 12 })])(
    "Q6 who comes first in each lane is told, those that come first, first",
    (jobs) => {
      const queue = new Queue();
      const rows = jobs.map(({ to, priority }, seq) =>
        jobRow({ id: `j${seq}`, seq, priority, ...(to === undefined ? {} : { node: to }) }),
      );
      for (const row of rows) queue.put(row.id, row, undefined);
      const rank = ({ seq, priority }: JobRow): number => seq + priority * 1000;
      const inOrder = rows.toSorted((a, b) => rank(a) - rank(b));
      const first = inOrder.filter((row, at) => inOrder.findIndex(({ node }) => node === row.node) === at);
      expect(queue.heads("m")).toEqual(first.map(({ id, node }) => ({ job: id, node })));
      for (const row of rows) queue.del(row.id, row);
      expect([queue.heads("m"), queue.waitingIn("m", A), [...queue.models()]]).toEqual([[], 0, []]);
    },
  );
});
