/**
 * Goal: a model is loaded where the least is going on, and nobody who said no is asked again (CH1, CH2).
 *
 * @see machines/rules/choose-hive.ts
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { chooseHive, HIVES_TRIED_MAX, type HiveView } from "../../../../machines/rules/choose-hive.ts";
import type { Address } from "../../../../machines/words.ts";

const hive = (id: string, given: Partial<HiveView> = {}): HiveView => {
  return { address: `${id}/hive/main`, name: id, isLocal: false, isPresent: true, workers: 0, ...given };
};

describe("the machine for a model", () => {
  test("CH2 is the one with the fewest workers, among equals the queen's own, then the smaller address", () => {
    expect(chooseHive([hive("a", { workers: 1 }), hive("b")], [])?.name).toBe("b");
    expect(chooseHive([hive("a"), hive("b", { isLocal: true })], [])?.name).toBe("b");
    expect(chooseHive([hive("b"), hive("a")], [])?.name).toBe("a");
  });

  test("CH1 is none after so many have said no: each of them had to measure it", () => {
    const tried = Array.from({ length: HIVES_TRIED_MAX }, (_, at): Address => `t${at}/hive/main`);
    expect(chooseHive([hive("a")], tried)).toBeUndefined();
    expect(chooseHive([hive("a")], tried.slice(1))?.name).toBe("a");
  });

  const views = fc.uniqueArray(
    fc.record({
      address: fc.constantFrom("a", "b", "c", "d").map((id): Address => `${id}/hive/main`),
      name: fc.constant("n"),
      isLocal: fc.boolean(),
      isPresent: fc.boolean(),
      workers: fc.nat(3),
    }),
    { selector: ({ address }) => address },
  );
  test.prop([views, fc.subarray(["a/hive/main", "b/hive/main"] as const)])(
    "CH1 is there, and has not said no; when there is such a one, one is chosen",
    (all, tried) => {
      const chosen = chooseHive(all, tried);
      const possible = all.filter(({ isPresent, address }) => isPresent && !tried.some((said) => said === address));
      expect(chosen !== undefined).toBe(possible.length > 0);
      if (chosen === undefined) return;
      expect(possible).toContain(chosen);
      expect(chosen.workers).toBe(Math.min(...possible.map(({ workers }) => workers)));
      expect(chooseHive(all.toReversed(), tried)).toBe(chosen);
    },
  );
});
