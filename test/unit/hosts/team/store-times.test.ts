/**
 * Goal: how long the store takes is told of its last answers, and of no refusal.
 * Method: doors that answer at once or refuse.
 *
 * @see src/hosts/team/store-times.ts (Q12)
 */
import { expect, test } from "vitest";
import { address } from "../../../../machines/words.ts";
import { StoreTimes } from "../../../../src/hosts/team/store-times.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { Message } from "../../../../src/runtime/envelope.ts";

const TO = address("store", "library", "main");

function stage(answer: () => Promise<Message>) {
  const heardMs: number[] = [];
  const doors = { ask: async <Answer>() => (await answer()) as Answer, tell() {} };
  return { heardMs, times: new StoreTimes(doors, (ms) => heardMs.push(ms)) };
}

test("each answer has its time, the last of them are told, and nothing before the first", async () => {
  const { heardMs, times } = stage(async () => ({ type: "running" }));
  expect(times.told()).toEqual({});
  for (let n = 0; n < 600; n += 1) await times.ask(TO, { type: "list" }, 1_000);
  const { store } = times.told();
  expect(store?.asks).toBe(600);
  expect(heardMs).toHaveLength(600);
  expect(heardMs.slice(-512)).toContain(store?.ms.p50);
  expect(store?.ms.p95).toBeGreaterThanOrEqual(store?.ms.p50 ?? Infinity);
});

test("what is refused is refused as it was, and has no time", async () => {
  const { times } = stage(() => Promise.reject(new RbeeError("team.busy", "enough")));
  await expect(times.ask(TO, { type: "open" }, 1_000)).rejects.toMatchObject({ code: "team.busy" });
  expect(times.told()).toEqual({});
});
