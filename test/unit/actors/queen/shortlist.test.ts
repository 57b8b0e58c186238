/**
 * Goal: of a thousand machines a few are looked at, and nobody can tell (MV3 of src/actors/queen/candidates.ts, CH4 of
 * machines/rules/choose-hive.ts).
 * Method: clusters at random; what is chosen, and told to whoever asks why, by those few and by all.
 *
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { chooseHive } from "../../../../machines/rules/choose-hive.ts";
import { newPair, pairKey } from "../../../../machines/rules/pair.ts";
import { allViews, choiceOf, viewsFor } from "../../../../src/actors/queen/candidates.ts";
import { advice, hives, pairs, workers } from "../../../../src/actors/queen/tables.ts";
import type { Scope } from "../../../../src/runtime/behaviour.ts";
import { cpu } from "../../../support/memory.ts";
import { queenStage } from "../../../support/queen-stage.ts";
import { hiveRow, workerRow } from "../../../support/rows.ts";
import type { Stage } from "../../../support/stage.ts";

const NEED_BYTES = 110;

/** Most of them are as they should be. */
const seldom = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const machine = fc.record({
  isPresent: seldom.map((not) => !not),
  isDoubted: seldom,
  isDraining: seldom,
  isBarred: seldom,
  isTried: seldom,
  hasFile: fc.boolean(),
  freeBytes: fc.constantFrom(100, 120, 1000),
  tokensPerS: fc.constantFrom(0, 1, 50),
  workers: fc.nat(2),
});
type Machine = typeof machine extends fc.Arbitrary<infer Of> ? Of : never;

const addressOf = (n: number): `${string}/hive/main` => `h${n}/hive/main`;

function clusterOf(machines: readonly Machine[]): Stage {
  const stage = queenStage();
  for (const [n, { hasFile, freeBytes, isBarred, tokensPerS, ...row }] of machines.entries()) {
    const hive = addressOf(n);
    const { isPresent, isDoubted, isDraining } = row;
    const pair = { ...newPair(hive, "m"), tokensPerS, barredUntil: isBarred ? 5000 : 0 };
    stage.set(hives, { [hive]: hiveRow({ address: hive, isPresent, isDoubted, isDraining }) });
    stage.set(advice, {
      [hive]: { devices: [cpu(1000, freeBytes)], models: hasFile ? [{ name: "m", bytes: 100 }] : [] },
    });
    stage.set(pairs, { [pairKey(hive, "m")]: pair });
    for (let i = 0; i < row.workers; i += 1)
      stage.set(workers, { [`w${n}-${i}`]: workerRow({ id: `w${n}-${i}`, hive }) });
  }
  return stage;
}

describe("those who are looked at", () => {
  test.prop([fc.array(machine, { maxLength: 24 })])(
    "MV3 CH4 are enough: what is chosen and told is the same",
    (all) => {
      const look = (_: undefined, scope: Scope): readonly [] => {
        const tried = all.flatMap(({ isTried }, n) => (isTried ? [addressOf(n)] : [])).slice(0, 7);
        const wanted = { tried, needBytes: NEED_BYTES };
        const [few, many] = [viewsFor("m", wanted, scope), allViews("m", scope)];
        const chosen = chooseHive(many, wanted);
        expect(chooseHive(few, wanted)).toEqual(chosen);
        if (chosen === undefined || tried.length > 0) return [];
        const row = { hive: chosen.address, isPinned: false };
        expect(choiceOf(row, few, NEED_BYTES, scope)).toEqual(choiceOf(row, many, NEED_BYTES, scope));
        return [];
      };
      clusterOf(all).play(look, undefined, { event: { type: "place", model: "m" } });
    },
  );

  test("MV3 are those with the file, where these are many", () => {
    const good = { isPresent: true, isDoubted: false, isDraining: false, isBarred: false, isTried: false };
    const more = { hasFile: true, freeBytes: 1000, tokensPerS: 0, workers: 0 } as const;
    const all = Array.from({ length: 50 }, (_, n) => ({ ...good, ...more, hasFile: n < 10 }));
    const look = (_: undefined, scope: Scope): readonly [] => {
      expect(viewsFor("m", { tried: [], needBytes: NEED_BYTES }, scope)).toHaveLength(10);
      return [];
    };
    clusterOf(all).play(look, undefined, { event: { type: "place", model: "m" } });
  });
});
