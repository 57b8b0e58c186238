/**
 * Goal: a name is one machine's, a machine is its key, and one that was removed is out, with its work.
 *
 * @see src/actors/queen/machines.ts, MC1 to MC3
 * @module
 */
import { expect, test } from "vitest";
import { answerMachines, removeMachine, REMOVED_KEPT_MS } from "../../../../src/actors/queen/machines.ts";
import { hives, joinTokens, machines, workers } from "../../../../src/actors/queen/tables.ts";
import { spendToken } from "../../../../src/actors/queen/tokens.ts";
import { queenStage, settings, told } from "../../../support/queen-stage.ts";
import { workerRow } from "../../../support/rows.ts";
import type { Stage } from "../../../support/stage.ts";

const AT = 1000;
const B = "hive@beta/hive/main";
const stageOf = (...rows: readonly { key: string; name: string; removedAt?: number }[]): Stage =>
  queenStage()
    .set(machines, Object.fromEntries(rows.map((row) => [row.key, { joinedAt: AT, ...row }])))
    .set(joinTokens, { t1: { id: "t1", hash: "aa", createdAt: AT } });

const spend = (name: string, key: string, at = AT) =>
  ({ event: { type: "spend.token", hash: "aa", joiner: { name, key } }, asked: true, at }) as const;
const spending = spendToken(settings);

test("MC1 machine.taken: a name that another machine has, or hers, is refused, and the token stays good", () => {
  const stage = stageOf({ key: "11", name: "beta" });
  expect(told(stage, spending, spend("beta", "22"))).toEqual(["refuse machine.taken"]);
  expect(told(stage, spending, spend(settings.name, "22"))).toEqual(["refuse machine.taken"]);
  expect(told(stage, spending, spend("gamma", "22"))).toEqual(["reply token.spent, flushed"]);
  expect(stage.all(machines)).toMatchObject({ "11": { name: "beta" }, "22": { name: "gamma", joinedAt: AT } });
});

test("MC1 the same machine comes again, under another name too, and has one name", () => {
  const stage = stageOf({ key: "11", name: "beta" });
  const row = { address: B, name: "beta", isLocal: false, isPresent: true, known: true, stopped: false };
  stage.set(hives, { [B]: row });
  expect(told(stage, spending, spend("beta", "11"))).toEqual(["reply token.spent, flushed"]);
  expect(Object.keys(stage.all(hives))).toContain(B);
  const again = stageOf({ key: "11", name: "beta" }).set(hives, { [B]: row });
  expect(told(again, spending, spend("desk", "11")).join()).toContain("reply token.spent");
  expect([B in again.all(hives), again.all(machines)]).toEqual([
    false,
    { "11": expect.objectContaining({ name: "desk" }) },
  ]);
});

test("MC2 MC3 machine.removed: one that is removed is out when the disk has it, and its workers are lost at once", () => {
  const row = { address: B, name: "beta", isLocal: false, isPresent: true, known: true, stopped: false };
  const stage = stageOf({ key: "11", name: "beta" })
    .set(hives, { [B]: row })
    .set(workers, { w1: workerRow({ id: "w1", hive: B }) });
  const removal = { event: { type: "remove.machine", name: "beta" }, asked: true, at: AT + 5 } as const;
  expect(told(stage, removeMachine, removal).at(-1)).toBe("reply machine.removed, flushed");
  expect([stage.all(workers), B in stage.all(hives)]).toEqual([{}, false]);
  expect(told(stage, removeMachine, removal)).toEqual(["refuse hive.unknown"]);
  expect(told(stage, spending, spend("beta", "11"))).toEqual(["refuse machine.removed"]);
  // Its name is free, for a machine of another key.
  expect(told(stage, spending, spend("beta", "22"))).toEqual(["reply token.spent, flushed"]);
  const listed = stage.play(answerMachines, undefined, { event: { type: "machines" }, asked: true });
  expect(listed[0]).toMatchObject({
    result: {
      event: {
        machines: [
          { key: "11", removedAt: AT + 5 },
          { key: "22", name: "beta" },
        ],
      },
    },
  });
});

test("MC2 what was removed is remembered for as long as its certificate may last, and no longer", () => {
  const made = (at: number): string[] => {
    const stage = stageOf({ key: "11", name: "beta", removedAt: AT });
    stage.set(joinTokens, { t1: { id: "t1", hash: "aa", createdAt: at } });
    told(stage, spending, spend("gamma", "22", at));
    return Object.keys(stage.all(machines));
  };
  expect(made(AT + REMOVED_KEPT_MS)).toEqual(["11", "22"]);
  expect(made(AT + REMOVED_KEPT_MS + 1)).toEqual(["22"]);
});
