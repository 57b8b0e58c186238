/**
 * Goal: a device whose memory did not come back is given nothing, and only for as long as that is so.
 *
 * @see machines/rules/quarantine.ts, Q1 to Q3
 * @module
 */
import { expect, test } from "vitest";
import { quarantined, usable } from "../../../../machines/rules/quarantine.ts";
import { cpu, gpu } from "../../../support/memory.ts";

const departure = { worker: "w1", heldBytes: 40, freeBeforeBytes: 20, bookedSinceBytes: 0 };

test("Q1 memory that stays away after a reap keeps models from its device, with the reason, until it is back", () => {
  const row = quarantined(gpu("gpu0", 100, 49), departure);
  expect(row).toEqual({
    device: "gpu0",
    untilFreeBytes: 50,
    why: "w1 is gone, and 11 bytes of its memory did not come back",
  });
  expect(quarantined(gpu("gpu0", 100, 50), departure)).toBeUndefined();
  const kept = row === undefined ? [] : [row];
  expect(usable([gpu("gpu0", 100, 49), gpu("gpu1", 100, 1)], kept).map(({ id }) => id)).toEqual(["gpu1"]);
  expect(usable([gpu("gpu0", 100, 50)], kept).map(({ id }) => id)).toEqual(["gpu0"]);
});

test("Q2 what others have booked in the meantime explains what is missing", () => {
  expect(quarantined(gpu("gpu0", 100, 45), { ...departure, bookedSinceBytes: 10 })).toBeUndefined();
});

test("Q3 plain memory is never quarantined: the reap is the proof", () => {
  expect(quarantined(cpu(100, 0), departure)).toBeUndefined();
});
