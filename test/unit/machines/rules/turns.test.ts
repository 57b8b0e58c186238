/**
 * Goal: nobody waits for all that another has sent: parties take turns, and each keeps its own order.
 * Method: crowds of parties that send at random moments while slots come free one at a time, against the bound, and
 * against a plain search through all that was ever known of them.
 *
 * @see machines/rules/turns.ts, TU1 to TU3; machines/README.md, TL9
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type JobRow, Queue } from "../../../../machines/rules/queue.ts";
import { PLACES_PER_PRIORITY } from "../../../../machines/rules/turns.ts";
import { jobRow } from "../../../support/rows.ts";

/** A queue whose jobs are given slots in its order. */
class Crowd {
  readonly queue = new Queue();
  readonly rows = new Map<string, JobRow>();
  /** As they were given slots. */
  readonly placed: JobRow[] = [];
  #serial = 0;

  #put(row: JobRow): void {
    this.queue.put(row.id, row, this.rows.get(row.id));
    this.rows.set(row.id, row);
  }

  send(party: string, priority = 5): string {
    const seq = (this.#serial += 1);
    const id = `j${seq}`;
    this.#put(jobRow({ id, seq, party, priority }));
    return id;
  }

  get next(): string | undefined {
    return this.queue.heads("m")[0]?.job;
  }

  /** The next one is given a slot, and is done before anybody else moves. */
  place(): JobRow | undefined {
    const row = this.rows.get(this.next ?? "");
    if (row === undefined) return undefined;
    const placedSeq = (this.#serial += 1);
    this.#put({ ...row, state: "running", attempt: 1, startedAt: 0, placedSeq });
    this.#put({ ...row, state: "done", attempt: 1, startedAt: 0, placedSeq, endedAt: placedSeq });
    this.placed.push(row);
    return row;
  }

  waiting(): readonly JobRow[] {
    return [...this.rows.values()].filter(({ state }) => state === "queued");
  }
}

const PARTIES = ["a", "b", "c", "d"];
type Move = { readonly sends: string; readonly many: number; readonly priority: number } | "place";
const sends: fc.Arbitrary<Move> = fc.record({
  sends: fc.constantFrom(...PARTIES),
  many: fc.integer({ min: 1, max: 12 }),
  priority: fc.integer({ min: 0, max: 9 }),
});
const moves = fc.array(fc.oneof(sends, fc.constant("place" as const)), { maxLength: 60, size: "max" });

function played(all: readonly Move[], priority?: number, each: (crowd: Crowd) => void = () => undefined): Crowd {
  const crowd = new Crowd();
  for (const move of all) {
    if (move === "place") crowd.place();
    else for (let sent = 0; sent < move.many; sent++) crowd.send(move.sends, priority ?? move.priority);
    each(crowd);
  }
  return crowd;
}

/** How many of each other party are given a slot before this one is. */
function passing(crowd: Crowd, id: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let row = crowd.place(); row !== undefined && row.id !== id; row = crowd.place()) {
    counts.set(row.party ?? "", (counts.get(row.party ?? "") ?? 0) + 1);
  }
  return counts;
}

describe("turns", () => {
  test.prop([moves, fc.integer({ min: 1, max: 5 })])(
    "TU2 the k-th job of a party waits for at most k of each other one, however many these have (TL9)",
    (before, own) => {
      const crowd = played(before, 5);
      let last = "";
      for (let sent = 0; sent < own; sent++) last = crowd.send("new");
      for (const [party, count] of passing(crowd, last)) {
        if (party !== "new") expect(count, `${party} passes`).toBeLessThanOrEqual(own);
      }
    },
  );

  test("TU2 one job of its own behind ten thousand of another is next but one, and so is each that it sends then", () => {
    const crowd = new Crowd();
    for (let sent = 0; sent < 10_000; sent++) crowd.send("busy");
    for (let turn = 0; turn < 20; turn++) {
      const id = crowd.send("new");
      expect([...passing(crowd, id)].map(([, count]) => count)).toEqual([1]);
    }
    // And whoever has sent all that waits as long as anybody: every other slot is theirs.
    expect(crowd.placed.filter(({ party }) => party === "busy").length).toBe(20);
  });

  test("TU2 parties that send one after another, each once, do not keep out one that has sent many", () => {
    const crowd = new Crowd();
    for (let sent = 0; sent < 50; sent++) crowd.send("busy");
    for (let turn = 0; turn < 50; turn++) {
      crowd.send(`fresh-${turn}`);
      crowd.place();
      crowd.place();
    }
    expect(crowd.waiting()).toEqual([]);
  });

  test.prop([moves])("TU1 a party's own jobs keep the order of their admission", (all) => {
    const crowd = played(all, 5);
    while (crowd.place() !== undefined);
    for (const party of PARTIES) {
      const seqs = crowd.placed.filter((row) => row.party === party).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    }
  });

  test.prop([moves])("TU1 TU2 TU3 who is next follows from the rows, by turns and priority", (all) => {
    const crowd = played(all, undefined, ({ rows, queue, next }) => {
      const known = [...rows.values()];
      const lastOf = (party: string | undefined): number =>
        Math.max(0, ...known.filter((row) => row.party === party).map(({ placedSeq = 0 }) => placedSeq));
      const rank = ({ seq, priority }: JobRow): number => seq + priority * PLACES_PER_PRIORITY;
      const firsts = PARTIES.flatMap(
        (party) =>
          known
            .filter((row) => row.party === party && row.state === "queued")
            .toSorted((a, b) => rank(a) - rank(b))[0] ?? [],
      );
      const turn = (row: JobRow): number => Math.max(row.seq, lastOf(row.party)) + row.priority * PLACES_PER_PRIORITY;
      const least = Math.min(...firsts.map(turn));
      if (firsts.length === 0) expect(next).toBeUndefined();
      else expect(firsts.filter((row) => turn(row) === least).map(({ id }) => id)).toContain(next);
      expect(queue.queued).toBe(known.filter(({ state }) => state === "queued").length);
    });
    const rebuilt = new Queue();
    for (const row of [...crowd.rows.values()].toReversed()) rebuilt.put(row.id, row, undefined);
    expect(rebuilt.heads("m")).toEqual(crowd.queue.heads("m"));
  });

  test.prop([moves])("a job is told as many as go before it, if nobody else comes", (all) => {
    const crowd = played(all, 5);
    for (const row of crowd.waiting()) {
      const told = crowd.queue.before(row);
      expect({ id: row.id, told }).toEqual({ id: row.id, told: placesBefore(played(all, 5), row.id) });
    }
  });

  test.prop([moves])("whoever comes is told as many as go before it", (all) => {
    const crowd = played(all, 5);
    for (const party of ["a", "new"]) {
      const fresh = played(all, 5);
      const told = crowd.queue.ahead({ model: "m", priority: 5, party });
      expect({ party, told }).toEqual({ party, told: placesBefore(fresh, fresh.send(party)) });
    }
  });

  test("what is less urgent than a new job is not told to go before it", () => {
    const crowd = new Crowd();
    for (const party of PARTIES) for (const priority of [1, 5, 9]) crowd.send(party, priority);
    expect([1, 5, 9].map((priority) => crowd.queue.ahead({ model: "m", priority, party: "new" }))).toEqual([4, 4, 8]);
  });
});

function placesBefore(crowd: Crowd, id: string): number {
  const begun = crowd.placed.length;
  passing(crowd, id);
  return crowd.placed.length - begun - 1;
}
