/**
 * Goal: an answer reaches whoever waits for it, and nobody else who came to the same id.
 *
 * @see src/hosts/porter/desk.ts, K1 to K4
 * @module
 */
import { expect, test } from "vitest";
import { Desk } from "../../../../src/hosts/porter/desk.ts";
import type { Address } from "../../../../machines/words.ts";
import type { AskResult, Frame } from "../../../../src/runtime/envelope.ts";

interface Open {
  readonly id: string;
  readonly answer: (result: AskResult) => void;
}

interface Stage {
  readonly asked: Open[];
  readonly sent: string[];
  /** To whom each went, and how many frames it had. */
  readonly messages: string[];
  readonly desk: Desk;
}

function desk(): Stage {
  const asked: Open[] = [];
  const sent: string[] = [];
  const messages: string[] = [];
  const port = { ask: ({ id }: { id: string }, answer: Open["answer"]) => void asked.push({ id, answer }), drop() {} };
  const told = (to: string, frames: readonly Frame[]): void => {
    messages.push(`${to}: ${frames.length}`);
    for (const frame of frames)
      if (frame.kind === "answer") sent.push(`${to}: ${frame.id} ${JSON.stringify(frame.result)}`);
  };
  return { asked, sent, messages, desk: new Desk({ calls: port }, told) };
}

const ask = (from: Address, id = "x"): Frame => ({
  kind: "mail",
  envelope: {
    to: "porter/port/calls",
    from,
    lane: "data",
    n: 0,
    label: "private",
    event: { type: "call" },
    re: { id, from },
  },
});
const ok = (type: string): AskResult => ({ ok: true, event: { type } });
const moment = (): Promise<void> => Promise.resolve();
const THINKER: Address = "thinkers/specialist/d1-a-1";

test("K1 an ask that a port works on already is attached: whoever asked last has the answer", async () => {
  const { asked, sent, desk: its } = desk();
  its.receive([ask(THINKER), ask("thinkers/specialist/other")]);
  expect(asked).toHaveLength(1);
  asked[0]?.answer(ok("called"));
  await moment();
  expect(sent).toEqual([`thinkers: x ${JSON.stringify(ok("called"))}`]);
});

test("K2 what a host asked that forgets is not answered to its next life, which asks something else under the same id", async () => {
  const { asked, sent, desk: its } = desk();
  its.receive([ask(THINKER), ask("store/discussion/d1")]);
  its.receive([ask(THINKER)]);
  its.receive([ask(THINKER, "y")]);
  asked[1]?.answer(ok("not sent yet"));
  its.forgotten("thinkers");
  its.receive([ask(THINKER)]);
  expect(asked).toHaveLength(3);
  asked[0]?.answer(ok("of the last life"));
  await moment();
  expect(sent).toEqual([]);
  asked[2]?.answer(ok("of this one"));
  await moment();
  expect(sent).toEqual([`thinkers: x ${JSON.stringify(ok("of this one"))}`]);
});

test("K3 what ports answer at one moment is one message for each host, in the order of the answers", async () => {
  const { asked, sent, messages, desk: its } = desk();
  its.receive([ask(THINKER, "1"), ask("store/discussion/d1", "2"), ask(THINKER, "3")]);
  for (const { answer } of asked) answer(ok("heard"));
  await moment();
  expect(messages).toEqual(["thinkers: 2", "store: 1"]);
  expect(sent.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(["thinkers: 1", "thinkers: 3", "store: 2"]);
  asked[0]?.answer(ok("again"));
  its.receive([ask(THINKER, "4")]);
  asked[3]?.answer(ok("heard"));
  await moment();
  expect(messages.slice(2)).toEqual(["thinkers: 1"]);
});

test("K4 an answer that nobody waits for is sent as one that can wait, and no other is", async () => {
  const asked: Open[] = [];
  const sent: (readonly [to: string, id: string, canWait: boolean])[] = [];
  const port = { ask: ({ id }: { id: string }, answer: Open["answer"]) => void asked.push({ id, answer }), drop() {} };
  const its = new Desk({ calls: port, audience: { ...port, isUnhurried: true } }, (to, frames, canWait) => {
    for (const frame of frames) if (frame.kind === "answer") sent.push([to, frame.id, canWait]);
  });
  const publish = ask("store/discussion/d1", "1");
  if (publish.kind !== "mail") throw new Error("an ask is mail");
  its.receive([{ ...publish, envelope: { ...publish.envelope, to: "porter/port/audience" } }, ask(THINKER, "2")]);
  for (const { answer } of asked) answer(ok("heard"));
  await moment();
  expect(sent).toEqual([
    ["store", "1", true],
    ["thinkers", "2", false],
  ]);
});
