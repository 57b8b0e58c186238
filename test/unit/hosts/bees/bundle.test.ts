/**
 * Goal: threads say many things to each other in few posts.
 *
 * @see src/hosts/bees/bundle.ts, BN1 to BN3
 * @module
 */
import { expect, test } from "vitest";
import { Bundle } from "../../../../src/hosts/bees/bundle.ts";

test("BN1 what is said in one go is posted in one piece and in order, before the event loop goes on", async () => {
  const posted: (readonly number[])[] = [];
  const bundle = new Bundle<number>((messages) => posted.push(messages));
  for (const n of [1, 2, 3]) bundle.say(n);
  expect(posted).toEqual([]);
  let before: number | undefined;
  const later = new Promise<void>((resolve) => {
    setImmediate(() => {
      before = posted.length;
      resolve();
    });
  });
  await later;
  expect([before, posted]).toEqual([1, [[1, 2, 3]]]);
});

test("BN1 whoever ends posts what it has said, once", async () => {
  const posted: (readonly string[])[] = [];
  const bundle = new Bundle<string>((messages) => posted.push(messages));
  bundle.say("the last");
  bundle.flush();
  await Promise.resolve();
  expect(posted).toEqual([["the last"]]);
});

test("BN2 what can wait is posted with what is said next, in order, and alone never", async () => {
  const posted: (readonly string[])[] = [];
  const bundle = new Bundle<string>((messages) => posted.push(messages));
  bundle.sayWithNext("heard");
  await new Promise(setImmediate);
  expect(posted).toEqual([]);
  bundle.say("turned");
  bundle.sayWithNext("heard as well");
  await Promise.resolve();
  expect(posted).toEqual([["heard", "turned", "heard as well"]]);
  bundle.say("the next");
  await Promise.resolve();
  expect(posted).toHaveLength(2);
});

test("BN3 what waited for who is gone is not said to who comes next", async () => {
  const posted: (readonly string[])[] = [];
  const bundle = new Bundle<string>((messages) => posted.push(messages));
  bundle.sayWithNext("to the last life");
  bundle.forget();
  bundle.say("to this one");
  await Promise.resolve();
  expect(posted).toEqual([["to this one"]]);
});
