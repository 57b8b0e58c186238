/**
 * Goal: the kernel's structures do what a plain array or Map would do, only faster.
 * Method: random histories against a model that is too simple to be wrong.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Address } from "../../../machines/words.ts";
import { Due } from "../../../src/runtime/due.ts";
import type { Envelope, Lane } from "../../../src/runtime/envelope.ts";
import { Line } from "../../../src/runtime/line.ts";
import { type Item, Mailbox } from "../../../src/runtime/mailbox.ts";
import { Numbered } from "../../../src/runtime/numbered.ts";
import { Outbox } from "../../../src/runtime/outbox.ts";
import { TableSet } from "../../../src/runtime/tables.ts";
import { type Paint, paints } from "../../support/toy-machines.ts";

const numRuns = 300;
const lane = fc.constantFrom<Lane>("control", "data");

describe("Line", () => {
  test.prop([fc.array(fc.boolean(), { maxLength: 500 })], { numRuns })(
    "first in is first out, whatever the history",
    (history) => {
      const line = new Line<number>();
      const model: number[] = [];
      history.forEach((push, i) => {
        if (push) {
          line.push(i);
          model.push(i);
        } else expect(line.take()).toBe(model.shift());
        expect([line.length, line.first, ...line.rest()]).toEqual([model.length, model[0], ...model]);
      });
    },
  );
});

describe("Numbered", () => {
  const deed = fc.oneof(
    { weight: 3, arbitrary: fc.constant("set" as const) },
    { weight: 2, arbitrary: fc.constant("first" as const) },
    { weight: 1, arbitrary: fc.nat(1000) },
  );

  test.prop([fc.nat(2 ** 40), fc.array(deed, { maxLength: 500 })], { numRuns })(
    "NU1 what was set is found until it is deleted, and nothing else",
    (start, history) => {
      const numbered = new Numbered<number>();
      const model = new Map<number, number>();
      let next = start;
      for (const given of history) {
        if (given === "set") {
          numbered.set(next, -next);
          model.set(next, -next);
          next += 1;
        } else {
          const n = given === "first" ? ([...model.keys()][0] ?? start) : start + given;
          numbered.delete(n);
          model.delete(n);
          expect(numbered.get(n)).toBeUndefined();
        }
        expect(numbered.size).toBe(model.size);
      }
      for (let n = start - 1; n <= next; n += 1) expect(numbered.get(n)).toBe(model.get(n));
    },
  );

  test("NU2 it takes room for what is there, however many came and went", () => {
    const numbered = new Numbered<number>();
    for (let n = 0; n < 1_000_000; n += 1) {
      numbered.set(n, n);
      if (n % 1000 !== 0) numbered.delete(n);
    }
    expect([numbered.size, numbered.pages]).toEqual([1000, 1000]);
    for (let n = 0; n < 1_000_000; n += 1000) numbered.delete(n);
    expect([numbered.size, numbered.pages]).toEqual([0, 0]);
  });
});

describe("Due", () => {
  const added = fc.array(fc.oneof(fc.nat(50), fc.constant("take" as const), fc.constant("sweep" as const)), {
    maxLength: 200,
  });

  test.prop([added], { numRuns })(
    "things come due in the order of time, and of setting where times are equal",
    (history) => {
      const due = new Due<number>();
      let model: { readonly atMs: number; readonly what: number }[] = [];
      history.forEach((given, i) => {
        if (given === "sweep") due.sweep(() => true);
        else if (given === "take") {
          const first = model.toSorted((a, b) => a.atMs - b.atMs || a.what - b.what)[0];
          expect(due.nextMs).toBe(first?.atMs);
          expect(due.take(25)).toBe(first !== undefined && first.atMs <= 25 ? first.what : undefined);
          if (first !== undefined && first.atMs <= 25) model = model.filter((entry) => entry !== first);
        } else {
          due.add(given, i);
          model.push({ atMs: given, what: i });
        }
      });
    },
  );

  test("what no longer stands is forgotten before it comes due, and what stands keeps its order", () => {
    const due = new Due<number>();
    for (let i = 0; i < 100_000; i += 1) {
      due.add(i % 977, i);
      due.sweep((what) => what % 100 === 0);
    }
    expect(due.size).toBeLessThan(4096);
    const taken: number[] = [];
    for (let what = due.take(1000); what !== undefined; what = due.take(1000)) if (what % 100 === 0) taken.push(what);
    expect(taken).toEqual(
      Array.from({ length: 1000 }, (_, i) => i * 100).toSorted((a, b) => (a % 977) - (b % 977) || a - b),
    );
  });
});

describe("Mailbox", () => {
  const to: Address = "a/x/1";
  const mail = (of: Lane, n: number): Item => ({
    kind: "mail",
    envelope: { to, from: to, lane: of, n, label: "private", event: { type: "e" } },
    durable: false,
    row: undefined,
    taken: false,
    withdrawn: false,
  });
  const item = fc.oneof(
    lane.map((of) => ({ lane: of })),
    fc.constant({ lane: "answer" as const }),
    fc.constant({ lane: "timer" as const }),
    fc.constant({ lane: "take" as const }),
  );
  const ORDER = ["control", "answer", "timer", "data"];

  test.prop([fc.array(item, { maxLength: 300 })], { numRuns })(
    "M1 M2 M3 bounds, control before data, first in first out",
    (history) => {
      const box = new Mailbox(5);
      const model: { readonly lane: string; readonly n: number; readonly item: Item }[] = [];
      const count = (of: string): number => model.filter((entry) => entry.lane === of).length;
      history.forEach(({ lane: of }, n) => {
        if (of === "take") {
          const first = model.toSorted((a, b) => ORDER.indexOf(a.lane) - ORDER.indexOf(b.lane) || a.n - b.n)[0];
          expect(box.takeHot() ?? box.takeData()).toBe(first?.item);
          if (first !== undefined) model.splice(model.indexOf(first), 1);
        } else if (of === "answer" || of === "timer") {
          const given: Item =
            of === "answer"
              ? { kind: "answer", id: `${n}`, result: { ok: true, event: { type: "e" } } }
              : { kind: "timer", id: `${n}`, arming: n };
          box.push(given);
          model.push({ lane: of, n, item: given });
        } else {
          expect(box.hasRoom(of)).toBe(count(of) < 5);
          if (!box.hasRoom(of)) return;
          const given = mail(of, n);
          box.push(given);
          model.push({ lane: of, n, item: given });
        }
        expect([box.length, box.hotLength, box.dataLength]).toEqual([
          model.length,
          model.length - count("data"),
          count("data"),
        ]);
      });
    },
  );
});

describe("TableSet", () => {
  const change = fc.record({
    key: fc.constantFrom("a", "b", "c", "d"),
    colour: fc.option(fc.constantFrom("red", "blue"), { nil: undefined }),
  });
  const apply = (set: TableSet, changes: readonly { key: string; colour: string | undefined }[]): void => {
    for (const { key, colour } of changes) {
      if (colour === undefined) set.del("paints", key);
      else set.put("paints", key, { colour } satisfies Paint);
    }
  };
  const tables = (): TableSet => new TableSet([paints]);

  test.prop([fc.array(change), fc.array(change)], { numRuns })(
    "T2 T3 undo is as if it had not been, and an index is its rows' alone",
    (kept, undone) => {
      const set = tables();
      apply(set, kept);
      set.takeChanges();
      apply(set, undone);
      set.undo();
      const fresh = tables();
      apply(fresh, kept);
      const view = (of: TableSet): unknown => [
        [...of.rows(paints).entries()].toSorted(),
        [...of.rows(paints).index.counts].toSorted(),
      ];
      expect(view(set)).toEqual(view(fresh));
      const rebuilt = tables();
      for (const [key, row] of set.rows(paints).entries()) rebuilt.put("paints", key, row);
      expect(view(rebuilt)).toEqual(view(set));
    },
  );

  test.prop([fc.array(change)], { numRuns })("what a step changed is told with what it is now", (changes) => {
    const set = tables();
    apply(set, changes);
    for (const { key, row } of set.takeChanges()) expect(row).toEqual(set.rows(paints).get(key));
    expect([...set.takeChanges()]).toEqual([]);
  });
});

describe("Outbox", () => {
  const target = fc.constantFrom<Address>("b/x/1", "b/x/2", "c/x/1");
  const deed = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), to: target, lane }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("ack" as const), pick: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("shut" as const, "reopen" as const), pick: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), host: fc.constantFrom("b", "c") }) },
  );

  test.prop([fc.array(deed, { maxLength: 200 })], { numRuns })(
    "O1 O3 numbers rise by one; a lane is sent in their order, and again in their order after each beginning",
    (history) => {
      const outbox = new Outbox();
      const waiting = new Map<number, Envelope>();
      /** By lane of an address: the last number sent since it was begun anew. */
      const last = new Map<string, number>();
      const key = ({ to, lane: of }: Envelope): string => `${to} ${of}`;
      const sent = (envelopes: readonly Envelope[]): void => {
        for (const envelope of envelopes) {
          expect(envelope.n).toBeGreaterThan(last.get(key(envelope)) ?? 0);
          last.set(key(envelope), envelope.n);
        }
      };
      let n = 0;
      for (const given of history) {
        if (given.do === "add") {
          const added = outbox.add({
            to: given.to,
            from: "a/x/1",
            lane: given.lane,
            n: 0,
            label: "private",
            event: { type: "e" },
          });
          expect(added.envelope.n).toBe((n += 1));
          waiting.set(n, added.envelope);
          sent(outbox.release(added));
        } else if (given.do === "reconnect") {
          for (const of of last.keys()) if (of.startsWith(given.host)) last.delete(of);
          sent(outbox.reconnect(given.host));
        } else {
          const envelope = [...waiting.values()][given.pick % Math.max(1, waiting.size)];
          if (envelope === undefined) continue;
          const from = envelope.to.slice(0, 1);
          if (given.do === "shut") outbox.shut(envelope.n, from);
          else if (given.do === "reopen") {
            last.delete(key(envelope));
            sent(outbox.reopen(envelope.n, from));
          } else {
            waiting.delete(envelope.n);
            expect(outbox.acked(envelope.n, "z")).toBeUndefined();
            sent(outbox.acked(envelope.n, from) ?? []);
          }
        }
        expect(outbox.size).toBe(waiting.size);
      }
      const all = ["b", "c"].flatMap((host) => outbox.reconnect(host).map((envelope) => envelope.n));
      expect(all.toSorted((a, b) => a - b)).toEqual([...waiting.keys()].toSorted((a, b) => a - b));
      // RM8: when everything is taken, nothing is left of any route.
      for (const left of waiting.values()) outbox.acked(left.n, left.to.slice(0, 1));
      const targets: readonly Address[] = ["b/x/1", "b/x/2", "c/x/1"];
      expect(targets.some((to) => outbox.waits(to, "data") || outbox.waits(to, "control"))).toBe(false);
      expect([outbox.size, outbox.addresses("b").size, outbox.addresses("c").size]).toEqual([0, 0, 0]);
    },
  );
});
