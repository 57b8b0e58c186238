/**
 * Goal: an attempt on another machine that went on while this node was away is heard again (S7 S9 of streams.ts).
 * Method: a spool driven directly, restored from what another one wrote.
 */
import { describe, expect, test } from "vitest";
import type { Said } from "../../../machines/job.ts";
import type { SpoolLog, SpoolRecord } from "../../../src/net/spool.ts";
import { type Resume, Streams } from "../../../src/net/streams.ts";
import type { Chunk } from "../../../src/protocol/worker.ts";

const NOTHING: Said = { pieces: [], tokens: 0 };
const note = { type: "assigned", worker: "w1", attempt: 1, why: "" } as const;
const begin = { type: "begin", job: "j", attempt: 1, said: NOTHING, worker: "w1", note } as const;
const chunk = (index: number): Chunk => {
  return { job: "j", attempt: 1, index, kind: "text", text: `${index} `, tokens: 1 };
};

function world() {
  const granted: number[] = [];
  const streams = new Streams({ credit: (_worker, _job, _attempt, chunks) => granted.push(chunks) });
  return { streams, granted };
}

describe("a spool whose node was away", () => {
  test("S7 an attempt that went on while the node was away is heard again, from where the spool stands", () => {
    const written: SpoolRecord[] = [];
    const log: SpoolLog = { add: (record) => written.push(record), forget: () => {}, flushed: () => Promise.resolve() };
    const before = new Streams({ credit: () => {}, log });
    before.begin(begin);
    before.chunk(chunk(0));
    before.chunk(chunk(1));

    const { streams } = world();
    streams.restore(written);
    streams.chunk(chunk(2));
    expect(streams.dropped).toBe(1);
    streams.begin(begin);
    expect(streams.resuming(() => true)).toEqual([{ worker: "w1", job: "j", attempt: 1, next: 2, granted: 2 }]);
    streams.chunk(chunk(2));
    expect(streams.isWhole("j", 1, 3)).toBe(true);
  });

  test("S7 what was recalled for another attempt is not heard again", () => {
    const { streams } = world();
    streams.begin(begin);
    streams.chunk(chunk(0));
    streams.recall("j");
    streams.begin(begin);
    streams.chunk(chunk(1));
    expect(streams.isWhole("j", 1, 1)).toBe(true);
  });

  test("S9 unless that is under way after all: then it goes on from there, and nothing it said meanwhile is lost", () => {
    const told: Resume[] = [];
    const streams = new Streams({ credit: () => {}, resume: (standing) => told.push(standing) });
    streams.begin(begin);
    streams.chunk(chunk(0));
    streams.recall("j");
    streams.chunk(chunk(1));
    streams.begin({ ...begin, isUnderWay: true });
    expect(told).toEqual([{ worker: "w1", job: "j", attempt: 1, next: 1, granted: 0 }]);
    streams.chunk(chunk(1));
    streams.chunk(chunk(2));
    expect(streams.isWhole("j", 1, 3)).toBe(true);
  });

  test("S9 while no other has begun", () => {
    const told: Resume[] = [];
    const streams = new Streams({ credit: () => {}, resume: (standing) => told.push(standing) });
    streams.begin(begin);
    streams.recall("j");
    streams.begin({ ...begin, attempt: 2 });
    streams.begin({ ...begin, isUnderWay: true });
    streams.chunk(chunk(0));
    expect(told).toEqual([]);
    expect(streams.isWhole("j", 2, 0)).toBe(true);
  });

  test("S7 an attempt that said more than was kept is not held up for want of a reader", () => {
    const { streams, granted } = world();
    streams.begin(begin);
    streams.chunk(chunk(1));
    expect(granted).toEqual([1]);
    expect(streams.isWhole("j", 1, 2)).toBe(false);
  });
});
