/**
 * Goal: what two threads say to each other past the porter is of their lives alone (WY1, WY2 of ways.ts).
 * Method: both ends in one thread.
 */
import { setImmediate } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { Ways } from "../../../../src/hosts/bees/ways.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";
import { waitUntil } from "../../../support/children.ts";

const ack = (...ns: readonly number[]): Frame => ({ kind: "ack", ns });
const ARRIVES_MS = 5_000;

/** Two threads that know each other, and what each has heard. */
function acquainted() {
  const { port1, port2 } = new MessageChannel();
  const heard: { readonly store: Frame[]; readonly thinkers: Frame[] } = { store: [], thinkers: [] };
  const store = new Ways((from, frames) => void (from === "thinkers" && heard.store.push(...frames)));
  const thinkers = new Ways((from, frames) => void (from === "store" && heard.thinkers.push(...frames)));
  store.meet("thinkers", port1);
  thinkers.meet("store", port2);
  onTestFinished(() => [store, thinkers].forEach((ways) => ways.partAll()));
  return { heard, store, thinkers };
}

test("WY2 what is said to a thread arrives in order, also what was said just before the other end closed", async () => {
  const { heard, store, thinkers } = acquainted();
  expect(store.send("thinkers", [ack(1), ack(2)])).toBe(true);
  expect(store.send("thinkers", [ack(3)])).toBe(true);
  expect(thinkers.send("store", [ack(4)])).toBe(true);
  store.partAll();
  await waitUntil(() => heard.thinkers.length >= 3, ARRIVES_MS);
  expect(heard.thinkers).toEqual([ack(1), ack(2), ack(3)]);
  expect([store.send("thinkers", [ack(5)]), store.send("queen", [ack(6)])]).toEqual([false, false]);
});

test("WY1 nothing that was said to or by a life that is over arrives, once the next one is known", async () => {
  const { heard, store, thinkers } = acquainted();
  thinkers.send("store", [ack(1)]);
  // It is posted by now, and not heard yet.
  await Promise.resolve();
  const next = new MessageChannel();
  store.meet("thinkers", next.port1);
  const another = new Ways(() => {});
  another.meet("store", next.port2);
  another.send("store", [ack(2)]);
  await waitUntil(() => heard.store.length > 0, ARRIVES_MS);
  await setImmediate();
  another.partAll();
  expect(heard.store).toEqual([ack(2)]);
});
