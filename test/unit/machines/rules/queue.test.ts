/**
 * Goal: who is next is a matter of the rows alone: first come first served, with bounded overtaking.
 * Method: random lives of jobs against a plain search through all rows.
 *
 * @see machines/rules/queue.ts, Q1 to Q5; machines/rules/turns.ts, TU1
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type JobRow, Queue } from "../../../../machines/rules/queue.ts";
import { PLACES_PER_PRIORITY } from "../../../../machines/rules/turns.ts";
import { jobRow } from "../../../support/rows.ts";

/** A queue with the rows it is the index of, as a table keeps them. */
class Table {
  readonly rows = new Map<string, JobRow>();
  readonly queue = new Queue();

  put(row: JobRow): void {
    this.queue.put(row.id, row, this.rows.get(row.id));
    this.rows.set(row.id, row);
  }

  del(id: string): void {
    const row = this.rows.get(id);
    if (row !== undefined) this.queue.del(id, row);
    this.rows.delete(id);
  }
}

const MODELS = ["m", "n"];
const STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
/** What becomes of the job with this number, if it is there: another state, or it is forgotten. */
type Change = { readonly job: number; readonly to: JobRow["state"] | undefined };
type Admission = { readonly model: string; readonly priority: number; readonly gap: number };
const change: fc.Arbitrary<Change> = fc.record({
  job: fc.nat(30),
  to: fc.option(fc.constantFrom(...STATES), { nil: undefined }),
});
const admission: fc.Arbitrary<Admission> = fc.record({
  model: fc.constantFrom(...MODELS),
  priority: fc.integer({ min: 0, max: 9 }),
  gap: fc.integer({ min: 1, max: 1500 }),
});
const life = fc.array(fc.oneof(admission, change), { maxLength: 60, size: "max" });

function lived(events: readonly (Change | Admission)[]): Table {
  const table = new Table();
  let seq = 0;
  let count = 0;
  for (const event of events) {
    if ("model" in event) {
      seq += event.gap;
      count += 1;
      table.put(jobRow({ id: `j${count}`, seq, model: event.model, priority: event.priority }));
      continue;
    }
    const row = table.rows.get(`j${event.job}`);
    if (row === undefined) continue;
    const isOver = event.to !== "queued" && event.to !== "running";
    if (event.to === undefined) table.del(row.id);
    else {
      const begun = event.to === "running" ? { attempt: row.attempt + 1, startedAt: seq } : {};
      table.put({ ...row, ...begun, state: event.to, endedAt: isOver ? (seq += 1) : undefined });
    }
  }
  return table;
}

const waiting = ({ rows }: Table, model: string): readonly JobRow[] =>
  [...rows.values()].filter((row) => row.state === "queued" && row.model === model);
const place = ({ seq, priority }: JobRow): number => seq + priority * PLACES_PER_PRIORITY;
const inOrder = (rows: readonly JobRow[]): readonly JobRow[] =>
  rows.toSorted((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));

const next = (queue: Queue, model: string): string | undefined => queue.heads(model)[0]?.job;

/** Everything that can be asked of a queue. */
const answers = (queue: Queue): unknown => ({
  queued: queue.queued,
  running: queue.running,
  models: [...queue.models()].toSorted(),
  next: MODELS.map((model) => next(queue, model)),
  waiting: MODELS.map((model) => queue.waitingFor(model)),
  ahead: MODELS.map((model) => Array.from({ length: 10 }, (_, priority) => queue.ahead({ model, priority }))),
  done: MODELS.map((model) => queue.done(model)),
  oldestEnded: [0, 1, 2].map((kept) => queue.oldestEnded(kept)),
});

describe("the queue", () => {
  test.prop([life])(
    "Q1 Q2 names the waiting job of a model that comes first by its place and priority (RJ5)",
    (events) => {
      const table = lived(events);
      for (const model of MODELS) expect(next(table.queue, model)).toBe(inOrder(waiting(table, model))[0]?.id);
    },
  );

  test.prop([fc.array(admission, { minLength: 1, maxLength: 40, size: "max" }), fc.integer({ min: 0, max: 9 })])(
    "Q1 within a priority and a model the first admitted is the first out",
    (events, priority) => {
      const table = lived(events.map((event) => ({ ...event, model: "m", priority })));
      const out: number[] = [];
      for (let id = next(table.queue, "m"); id !== undefined; id = next(table.queue, "m")) {
        const row = table.rows.get(id);
        if (row !== undefined) table.put({ ...row, state: "running" });
        out.push(row?.seq ?? 0);
      }
      expect(out).toEqual(out.toSorted((a, b) => a - b));
      expect(out.length).toBe(events.length);
    },
  );

  test.prop([fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 30_000 })])(
    "Q2 a later job overtakes by 1000 places for each step of priority, and no further",
    (early, late, gap) => {
      const table = new Table();
      table.put(jobRow({ id: "early", seq: 1, priority: early }));
      table.put(jobRow({ id: "late", seq: 1 + gap, priority: late }));
      const overtakes = gap < (early - late) * PLACES_PER_PRIORITY;
      const isTie = gap === (early - late) * PLACES_PER_PRIORITY;
      expect(next(table.queue, "m")).toBe(overtakes && !isTie ? "late" : "early");
    },
  );

  test("Q5 the quickest of a model's jobs is told of those that were done at their first attempt and are known", () => {
    const table = new Table();
    const put = (id: string, ms: number, given: Partial<JobRow> = {}): void =>
      table.put(jobRow({ id, seq: 1, state: "done", attempt: 1, startedAt: 10, endedAt: 10 + ms, ...given }));
    put("slow", 30);
    put("quick", 20);
    put("rest", 1, { attempt: 2 });
    put("broken", 1, { state: "failed" });
    put("other", 1, { model: "n" });
    expect(table.queue.done("m")).toEqual({ known: 2, quickest: "quick" });
    table.del("quick");
    expect(table.queue.done("m")).toEqual({ known: 1, quickest: "slow" });
    table.del("slow");
    expect(table.queue.done("m")).toEqual({ known: 0, quickest: undefined });
  });

  test.prop([life])("Q3 a job that comes back stands where it stood", (events) => {
    const table = lived(events);
    for (const model of MODELS) {
      const first = next(table.queue, model);
      const row = first === undefined ? undefined : table.rows.get(first);
      if (row === undefined) continue;
      table.put({ ...row, state: "running" });
      expect(next(table.queue, model)).not.toBe(first);
      table.put(row);
      expect(next(table.queue, model)).toBe(first);
    }
  });

  test.prop([life, fc.infiniteStream(fc.nat())])(
    "Q4 rebuilt from its rows in any order it gives the same answers",
    (events, chance) => {
      const table = lived(events);
      const rebuilt = new Queue();
      const shuffled = [...table.rows]
        .map((row) => ({ row, at: chance.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at);
      for (const {
        row: [id, row],
      } of shuffled)
        rebuilt.put(id, row, undefined);
      expect(answers(rebuilt)).toEqual(answers(table.queue));
    },
  );

  test.prop([life])("counts what waits, what runs, and who stands ahead", (events) => {
    const table = lived(events);
    const all = [...table.rows.values()];
    expect(table.queue.queued).toBe(all.filter(({ state }) => state === "queued").length);
    expect(table.queue.running).toBe(all.filter(({ state }) => state === "running").length);
    for (const model of MODELS) {
      const rows = waiting(table, model);
      expect(table.queue.waitingFor(model)).toBe(rows.length);
      for (const priority of [0, 5, 9]) {
        expect(table.queue.ahead({ model, priority })).toBe(rows.filter((row) => row.priority <= priority).length);
      }
    }
    expect([...table.queue.models()].toSorted()).toEqual(MODELS.filter((model) => waiting(table, model).length > 0));
  });

  test.prop([life, fc.nat(5)])("names the job that ended first once more than so many have ended", (events, kept) => {
    const table = lived(events);
    const ended = [...table.rows.values()].filter(({ endedAt }) => endedAt !== undefined);
    const oldest = ended.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))[0];
    expect(table.queue.oldestEnded(kept)).toBe(ended.length > kept ? oldest?.id : undefined);
  });
});
