/**
 * Goal: a worker is offered only when it is ready and has a free slot, the least busy first.
 * Method: random lives of workers against a plain search through all rows.
 *
 * @see machines/rules/fleet.ts, V1 to V3; machines/rules/schedule.ts, X1 to X3; X4 and X5: schedule.test.ts
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Fleet, type WorkerRow } from "../../../../machines/rules/fleet.ts";
import { Queue } from "../../../../machines/rules/queue.ts";
import { type Facts, schedule } from "../../../../machines/rules/schedule.ts";
import { jobRow, workerRow } from "../../../support/rows.ts";

const MODELS = ["m", "n"];
const HIVES = ["a/hive/main", "b/hive/main"] as const;
const change = fc.record({
  id: fc.constantFrom("w1", "w2", "w3", "w4", "w5"),
  row: fc.option(
    fc.record({
      model: fc.constantFrom(...MODELS),
      state: fc.constantFrom<WorkerRow["state"]>("asked", "loading", "ready", "ready", "ready", "stopping"),
      slots: fc.integer({ min: 1, max: 3 }),
      busy: fc.nat(3),
      isDoubted: fc.nat(4).map((one) => one === 0),
      tokensPerS: fc.constantFrom(0, 10, 100),
      hive: fc.constantFrom(...HIVES),
    }),
    { nil: undefined },
  ),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
const life = fc.array(change, { maxLength: 40, size: "max" });

function lived(changes: readonly Change[]): { readonly fleet: Fleet; readonly rows: ReadonlyMap<string, WorkerRow> } {
  const fleet = new Fleet();
  const rows = new Map<string, WorkerRow>();
  for (const { id, row } of changes) {
    const before = rows.get(id);
    if (row === undefined) {
      if (before !== undefined) fleet.del(id, before);
      rows.delete(id);
      continue;
    }
    const jobs = Array.from({ length: Math.min(row.busy, row.slots) }, (_, index) => `j${index}`);
    const { busy: _busy, ...given } = row;
    const after = workerRow({ ...given, id, jobs });
    fleet.put(id, after, before);
    rows.set(id, after);
  }
  return { fleet, rows };
}

const factsOf = (rows: ReadonlyMap<string, WorkerRow>, given: Partial<Facts> = {}): Facts => ({
  worker: (id) => rows.get(id),
  holders: () => [],
  isKept: () => false,
  nameOf: (hive) => hive,
  ...given,
});

const isFree = ({ state, jobs, slots, isDoubted }: WorkerRow): boolean =>
  state === "ready" && jobs.length < slots && !isDoubted;
/** Who was never measured counts as the fastest. */
const pace = ({ tokensPerS }: WorkerRow): number => (tokensPerS === 0 ? Number.POSITIVE_INFINITY : tokensPerS);
const byRank = (a: WorkerRow, b: WorkerRow): number => {
  const [ours, theirs] = [pace(a), pace(b)];
  return a.jobs.length - b.jobs.length || (ours === theirs ? (a.id < b.id ? -1 : 1) : theirs - ours);
};
const ofModel = (rows: ReadonlyMap<string, WorkerRow>, model: string): readonly WorkerRow[] =>
  [...rows.values()].filter((row) => row.model === model);

describe("the fleet", () => {
  test.prop([life])("V1 V2 offers the least busy ready worker with a free slot, then the fastest (RJ4)", (changes) => {
    const { fleet, rows } = lived(changes);
    for (const model of MODELS) {
      const free = ofModel(rows, model).filter(isFree);
      expect(fleet.free(model)).toBe(free.toSorted(byRank)[0]?.id);
      expect(fleet.frees(model, 2)).toEqual(
        free
          .toSorted(byRank)
          .slice(0, 2)
          .map(({ id }) => id),
      );
      expect(fleet.freeCount(model)).toBe(free.length);
      expect(fleet.coming(model)).toBe(ofModel(rows, model).filter(({ state }) => state !== "stopping").length);
    }
  });

  test.prop([life])("V3 knows what is on each machine: its workers, their jobs, what is booked", (changes) => {
    const { fleet, rows } = lived(changes);
    for (const hive of HIVES) {
      const here = [...rows.values()].filter((row) => row.hive === hive);
      const sum = (of: readonly WorkerRow[]): number => of.reduce((bytes, row) => bytes + row.reservedBytes, 0);
      expect([...fleet.here(hive)].toSorted()).toEqual(here.map(({ id }) => id).toSorted());
      expect(fleet.on(hive)).toBe(here.filter(({ state }) => state !== "stopping").length);
      expect(fleet.busyOn(hive)).toBe(here.reduce((count, { jobs }) => count + jobs.length, 0));
      const coming = here.filter(({ state }) => state === "asked" || state === "loading");
      expect(fleet.bookingOn(hive, "cpu")).toEqual({ bookedBytes: sum(here), comingBytes: sum(coming) });
    }
  });

  test.prop([life])("V3 rebuilt from its rows it gives the same answers", (changes) => {
    const { fleet, rows } = lived(changes);
    const rebuilt = new Fleet();
    for (const [id, row] of [...rows].toReversed()) rebuilt.put(id, row, undefined);
    const answers = (of: Fleet): unknown =>
      MODELS.map((model) => [
        of.free(model),
        of.freeCount(model),
        of.coming(model),
        of.ranked(model, 9),
        of.size(model),
      ]);
    expect(answers(rebuilt)).toEqual(answers(fleet));
  });
});

const READY = { model: "m", state: "ready", isDoubted: false, tokensPerS: 0, hive: HIVES[0] } as const;

describe("the schedule", () => {
  const waiting = fc.array(fc.record({ model: fc.constantFrom(...MODELS), priority: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 8,
    size: "max",
  });

  test.prop([life, waiting])(
    "X1 places the next job, on a worker that is ready, has its model and a free slot (RJ4)",
    (changes, jobs) => {
      const { fleet, rows } = lived(changes);
      const queue = new Queue();
      for (const [seq, job] of jobs.entries()) queue.put(`j${seq}`, jobRow({ id: `j${seq}`, seq, ...job }), undefined);
      for (const model of MODELS) {
        const decision = schedule(model, queue, fleet, factsOf(rows));
        expect(decision.why).not.toBe("");
        if (decision.kind !== "place") continue;
        expect(decision.job).toBe(queue.heads(model)[0]?.job);
        const worker = rows.get(decision.worker);
        expect(worker !== undefined && isFree(worker) && worker.model === model).toBe(true);
      }
    },
  );

  test.prop([life, waiting])(
    "X3 loads a model only when a job waits and nobody serves it or is about to",
    (changes, jobs) => {
      const { fleet, rows } = lived(changes);
      const queue = new Queue();
      for (const [seq, job] of jobs.entries()) queue.put(`j${seq}`, jobRow({ id: `j${seq}`, seq, ...job }), undefined);
      for (const model of MODELS) {
        const serves = ofModel(rows, model).filter(({ state }) => state !== "stopping");
        const waits = jobs.some((job) => job.model === model);
        const expected = !waits ? "wait" : serves.some(isFree) ? "place" : serves.length > 0 ? "wait" : "load";
        expect(schedule(model, queue, fleet, factsOf(rows)).kind).toBe(expected);
      }
    },
  );

  test("X2 says in words which worker and why", () => {
    const { fleet, rows } = lived([
      { id: "w1", row: { ...READY, slots: 2, busy: 1 } },
      { id: "w2", row: { ...READY, slots: 3, busy: 0 } },
    ]);
    const queue = new Queue();
    queue.put("j1", jobRow({ id: "j1", seq: 1 }), undefined);
    const told = (model: string): string => schedule(model, queue, fleet, factsOf(rows)).why;
    expect(told("m")).toBe("w2 has m loaded, 0 of 3 slots busy, the least busy of 2 free");
    expect(told("n")).toBe("no job waits for n");
  });
});
