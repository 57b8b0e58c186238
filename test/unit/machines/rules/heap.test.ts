/**
 * Goal: the heap's first is always the smallest of what is in it, whatever was added, moved and taken out.
 * Method: random operations against a plain map that is searched from end to end.
 *
 * @see machines/rules/heap.ts
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { Heap } from "../../../../machines/rules/heap.ts";

const key = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
const change = fc.record({ key, rank: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }) });

const firstOf = (all: ReadonlyMap<string, number>): string | undefined =>
  [...all].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))[0]?.[0];

test.prop([fc.array(change, { maxLength: 200, size: "max" })])(
  "the first is the one of least rank, and among equals the one that sorts first",
  (changes) => {
    const heap = new Heap();
    const all = new Map<string, number>();
    for (const { key: at, rank } of changes) {
      if (rank === undefined) {
        heap.delete(at);
        all.delete(at);
      } else {
        heap.set(at, rank);
        all.set(at, rank);
      }
      expect([heap.first(), heap.size]).toEqual([firstOf(all), all.size]);
    }
  },
);

test.prop([fc.array(fc.tuple(key, fc.integer({ min: 0, max: 5 })), { maxLength: 40, size: "max" })])(
  "emptied from the front it is in order, however it was filled",
  (filled) => {
    const heap = new Heap();
    const all = new Map(filled);
    for (const [at, rank] of filled) heap.set(at, rank);
    const order: string[] = [];
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      order.push(first);
      heap.delete(first);
    }
    expect(order).toEqual([...all].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([at]) => at));
  },
);

test.prop([fc.array(fc.tuple(key, fc.integer({ min: 0, max: 5 })), { maxLength: 40, size: "max" }), fc.nat(14)])(
  "the firsts of a heap are the beginning of its order, and it knows how many go before each key",
  (filled, count) => {
    const heap = new Heap();
    const all = new Map(filled);
    for (const [at, rank] of filled) heap.set(at, rank);
    const order = [...all].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([at]) => at);
    expect(heap.firsts(count)).toEqual(order.slice(0, count));
    expect(order.map((at) => heap.before(at))).toEqual(order.map((_, place) => place));
    expect(heap.before("nobody")).toBe(order.length);
  },
);
