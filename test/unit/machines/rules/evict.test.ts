/**
 * Goal: room is made by those that were used the longest time ago, by no more of them than it takes, and never by one
 * that works.
 *
 * @see machines/rules/evict.ts, E1 to E4
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plain } from "vitest";
import { claims, evict } from "../../../../machines/rules/evict.ts";
import type { WorkerRow } from "../../../../machines/rules/fleet.ts";
import { workerRow } from "../../../support/rows.ts";

const lacking = (missingBytes: number) => ({ model: "new", device: "cpu", missingBytes });
const nobody = () => false;
const workersOf = (choice: ReturnType<typeof evict>): readonly string[] =>
  choice.kind === "evict" ? choice.workers : [];

const fleet: fc.Arbitrary<readonly WorkerRow[]> = fc
  .array(
    fc.record({
      reservedBytes: fc.integer({ min: 1, max: 50 }),
      usedAt: fc.nat(5),
      state: fc.constantFrom("asked" as const, "loading" as const, "ready" as const, "stopping" as const),
      jobs: fc.constantFrom<readonly string[]>([], [], ["j1"]),
      model: fc.constantFrom("a", "b", "c"),
      device: fc.constantFrom("cpu", "cpu", "gpu0"),
    }),
    { maxLength: 8 },
  )
  .map((rows) => rows.map((row, at) => workerRow({ id: `w${at}`, ...row })));

describe("making room", () => {
  test.prop([fleet, fc.integer({ min: 1, max: 60 }), fc.constantFrom("a", "b", "c")])(
    "E1 E2 E3 E4 whoever goes is idle, on that device and unwanted; together they are enough, and none too many",
    (rows, missingBytes, wanted) => {
      const choice = evict(lacking(missingBytes), rows, (model) => model === wanted);
      const chosen = workersOf(choice).map((id) => rows.find((row) => row.id === id) as WorkerRow);
      for (const row of chosen) {
        expect(row).toMatchObject({ state: "ready", jobs: [], device: "cpu" });
        expect(row.model).not.toBe(wanted);
      }
      const freed = chosen.reduce((sum, row) => sum + row.reservedBytes, 0);
      const idle = rows.filter(
        (row) => row.state === "ready" && row.jobs.length === 0 && row.device === "cpu" && row.model !== wanted,
      );
      const most = idle.reduce((sum, row) => sum + row.reservedBytes, 0);
      expect(choice.kind).toBe(most >= missingBytes ? "evict" : "wait");
      if (choice.kind === "wait") return;
      expect(freed).toBeGreaterThanOrEqual(missingBytes);
      for (const row of chosen) expect(freed - row.reservedBytes).toBeLessThan(missingBytes);
    },
  );

  plain("E4 the least recently used goes, among equals the smaller id", () => {
    const rows = [
      workerRow({ id: "w3", usedAt: 5 }),
      workerRow({ id: "w2", usedAt: 5 }),
      workerRow({ id: "w1", usedAt: 9 }),
    ];
    expect(evict(lacking(100), rows, nobody)).toMatchObject({ kind: "evict", workers: ["w2"] });
    expect(workersOf(evict(lacking(150), rows, nobody))).toEqual(["w2", "w3"]);
  });

  plain("E4 one that is enough by itself goes alone, though a smaller one is older", () => {
    const rows = [workerRow({ id: "w1", usedAt: 1, reservedBytes: 10 }), workerRow({ id: "w2", usedAt: 2 })];
    expect(workersOf(evict(lacking(100), rows, nobody))).toEqual(["w2"]);
  });

  plain("E2 one whose model somebody waits for stays, though it has nothing to do at the moment", () => {
    const rows = [workerRow({ id: "w1", model: "asked for", usedAt: 1 }), workerRow({ id: "w2", usedAt: 2 })];
    expect(workersOf(evict(lacking(100), rows, (model) => model === "asked for"))).toEqual(["w2"]);
  });

  plain("says who goes and for whom, or who is in the way", () => {
    const idle = workerRow({ id: "w1", model: "old" });
    expect(evict(lacking(100), [idle], nobody).why).toBe(
      "w1 (old) used longest ago, and gone 100 bytes more are there for new",
    );
    expect(evict(lacking(100), [{ ...idle, jobs: ["j1"] }], nobody).why).toBe(
      "new lacks 100 bytes, and in use are w1 (old)",
    );
  });
});

describe("E2 whoever is crowded out", () => {
  const at = { nowMs: 40_000, boundMs: 30_000 };
  plain.each([
    ["has waited for its bound, and longest", { sinceMs: 10_000, seq: 1 }, { sinceMs: 10_000, seq: 2 }, true],
    ["has waited for its bound, and nobody else waits", { sinceMs: 10_000, seq: 1 }, undefined, true],
    ["has not waited for its bound", { sinceMs: 10_001, seq: 1 }, { sinceMs: 10_001, seq: 2 }, false],
    ["came later", { sinceMs: 0, seq: 3 }, { sinceMs: 0, seq: 2 }, false],
    ["waits no longer", undefined, undefined, false],
  ])("and %s: %j before %j is %s", (_why, crowded, other, expected) => {
    expect(claims(crowded, other, at)).toBe(expected);
  });
});
