/**
 * Goal: a model is loaded where it fits and its file is, where the least is going on, and nobody who said no is asked
 * again (CH1 to CH3).
 *
 * @see machines/rules/choose-hive.ts
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { chooseHive, HIVES_TRIED_MAX, type HiveView } from "../../../../machines/rules/choose-hive.ts";
import type { Address } from "../../../../machines/words.ts";

const hive = (id: string, given: Partial<HiveView> = {}): HiveView => {
  return {
    address: `${id}/hive/main`,
    name: id,
    isLocal: false,
    isPresent: true,
    isDoubted: false,
    isDraining: false,
    isBarred: false,
    workers: 0,
    hasFile: false,
    roomBytes: undefined,
    tokensPerS: 0,
    ...given,
  };
};
const NEED = 100;
const best = (...hives: readonly HiveView[]): string | undefined =>
  chooseHive(hives, { tried: [], needBytes: NEED })?.name;

describe("the machine for a model", () => {
  test("CH2 is the one with the fewest workers, among equals the queen's own, then the smaller address", () => {
    expect(best(hive("a", { workers: 1 }), hive("b"))).toBe("b");
    expect(best(hive("a"), hive("b", { isLocal: true }))).toBe("b");
    expect(best(hive("b"), hive("a"))).toBe("a");
  });

  test("CH2 has room for it, then its file, whatever else goes on there", () => {
    const room = { roomBytes: NEED, workers: 9 };
    const full = { roomBytes: NEED - 1, hasFile: true };
    expect(best(hive("a", full), hive("b", room))).toBe("b");
    expect(best(hive("a", { roomBytes: NEED }), hive("b", { ...room, hasFile: true }))).toBe("b");
    expect(best(hive("a", { roomBytes: NEED - 1 }), hive("b", { ...full, workers: 9 }))).toBe("b");
    // What is not known speaks against nobody.
    expect(best(hive("b", { hasFile: true }), hive("a", room))).toBe("b");
    expect(chooseHive([hive("b"), hive("a", full)], { tried: [], needBytes: undefined })?.name).toBe("a");
  });

  test("CH2 is where the model is fastest, of those with as many workers; about as fast is as fast", () => {
    const [slow, quick] = [hive("a", { tokensPerS: 10 }), hive("b", { tokensPerS: 40 })];
    expect(best(slow, quick)).toBe("b");
    expect(best(hive("a", { tokensPerS: 39 }), quick)).toBe("a");
    expect(best(slow, { ...quick, workers: 1 })).toBe("a");
  });

  test("CH2 is one where the model has not just failed, and where it has only if there is no other", () => {
    const barred = hive("a", { isBarred: true, hasFile: true });
    expect(best(barred, hive("b", { workers: 5, roomBytes: 0 }))).toBe("b");
    expect(best(barred, hive("b", { isDraining: true }))).toBe("a");
  });

  test("CH3 of who is pinned is that one or none, and being refused there is the end of it", () => {
    const node: Address = "a/hive/main";
    const pinned = (tried: readonly Address[], ...hives: readonly HiveView[]): string | undefined =>
      chooseHive(hives, { tried, needBytes: NEED, node })?.name;
    expect(pinned([], hive("a", { workers: 9, roomBytes: 0, isBarred: true }), hive("b"))).toBe("a");
    expect(pinned([node], hive("a"), hive("b"))).toBeUndefined();
    expect(pinned([], hive("a", { isPresent: false }), hive("b"))).toBeUndefined();
  });

  test("CH1 is none after so many have said no: each of them had to measure it", () => {
    const tried = Array.from({ length: HIVES_TRIED_MAX }, (_, at): Address => `t${at}/hive/main`);
    const asking = (given: readonly Address[]) => chooseHive([hive("a")], { tried: given, needBytes: NEED });
    expect([asking(tried), asking(tried.slice(1))?.name]).toEqual([undefined, "a"]);
  });

  const views = fc.uniqueArray(
    fc.record({
      address: fc.constantFrom("a", "b", "c", "d").map((id): Address => `${id}/hive/main`),
      name: fc.constant("n"),
      isLocal: fc.boolean(),
      isPresent: fc.boolean(),
      isDoubted: fc.boolean(),
      isDraining: fc.boolean(),
      isBarred: fc.boolean(),
      workers: fc.nat(3),
      hasFile: fc.boolean(),
      roomBytes: fc.constantFrom(undefined, 0, NEED),
      tokensPerS: fc.constantFrom(0, 10, 100),
    }),
    { selector: ({ address }) => address },
  );
  test.prop([views, fc.subarray(["a/hive/main", "b/hive/main"] as const)])(
    "CH1 is there, neither doubted nor drained, and has not said no; when there is such a one, one is chosen",
    (all, tried) => {
      const wanted = { tried, needBytes: NEED };
      const chosen = chooseHive(all, wanted);
      const possible = all.filter(
        ({ isPresent, isDoubted, isDraining, address }) =>
          isPresent && !isDoubted && !isDraining && !tried.some((said) => said === address),
      );
      expect(chosen !== undefined).toBe(possible.length > 0);
      if (chosen === undefined) return;
      expect(possible).toContain(chosen);
      expect(chooseHive(all.toReversed(), wanted)).toBe(chosen);
    },
  );
});
