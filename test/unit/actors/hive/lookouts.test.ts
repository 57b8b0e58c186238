/**
 * Goal: whoever waits for other programs to leave memory is told once, and nobody looks for those who wait no longer.
 *
 * @see src/actors/hive/lookouts.ts, LK1 LK2
 * @module
 */
import { expect, test } from "vitest";
import type { HiveEvent } from "../../../../machines/hive.ts";
import { lookouts, members } from "../../../../src/actors/hive/tables.ts";
import { commanded, hiveStage, member, told } from "../../../support/hive-stage.ts";
import { ASKER, type Stage } from "../../../support/stage.ts";

const KEY = ASKER.id;
const wanted: HiveEvent = { type: "await.memory", epoch: 3, model: "m", device: "cpu", untilFreeBytes: 70 };

function awaited(): Stage {
  const stage = hiveStage().set(members, { w8: member("w8", { pid: 8 }), w9: member("w9", { device: "gpu0" }) });
  const [asked] = commanded(stage, "lookOut", { event: wanted, asked: true }).filter(({ do: what }) => what === "ask");
  const booked = [{ worker: "w8", pid: 8, reservedBytes: 40 }];
  expect(asked).toMatchObject({ event: { type: "lookout", key: KEY, device: "cpu", untilFreeBytes: 70, booked } });
  return stage;
}

test("LK1 whoever waits is told when so much is free, once", () => {
  const stage = awaited();
  const came = { event: { type: "memory.came", key: KEY } } as const;
  expect(told(stage, "tellMemory", came)).toEqual(["reply memory.came model=m"]);
  expect([told(stage, "tellMemory", came), stage.rows(lookouts).size]).toEqual([[], 0]);
});

test("LK1 or when it can be looked for no longer, with the reason", () => {
  const failed = { type: "lookout.failed", key: KEY, code: "ask.deadline", class: "transient", message: "" } as const;
  expect(told(awaited(), "tellMemory", { event: failed })).toEqual(["refuse ask.deadline"]);
});

test("what nobody waits for any longer is not looked for", () => {
  const stage = awaited();
  expect(told(stage, "forgetPending", { event: { type: "ask.dropped", id: "another" } })).toEqual([]);
  expect(told(stage, "forgetPending", { event: { type: "ask.dropped", id: KEY } })).toEqual([`drop lookout ${KEY}`]);
  expect(stage.rows(lookouts).size).toBe(0);
});

test("LK2 a queen of a later term has nothing looked for that an earlier one asked", () => {
  const inventory = (epoch: number) => ({ event: { type: "inventory", epoch }, asked: true }) as const;
  const stage = awaited();
  expect(told(stage, "answerInventory", inventory(3))).not.toContain(`drop lookout ${KEY}`);
  expect(told(stage, "answerInventory", inventory(4))).toContain(`drop lookout ${KEY}`);
});
