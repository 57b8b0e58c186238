/**
 * Goal: an answer reaches whoever waits for it, and nobody else who came to the same id.
 *
 * @see src/hosts/desk.ts, K1 and K2
 * @module
 */
import { expect, test } from "vitest";
import { Desk } from "../../../src/hosts/desk.ts";
import type { Address } from "../../../machines/words.ts";
import type { AskResult, Frame } from "../../../src/runtime/envelope.ts";

interface Open {
  readonly id: string;
  readonly answer: (result: AskResult) => void;
}

function desk(): { readonly asked: Open[]; readonly sent: string[]; readonly desk: Desk } {
  const asked: Open[] = [];
  const sent: string[] = [];
  const port = { ask: ({ id }: { id: string }, answer: Open["answer"]) => void asked.push({ id, answer }), drop() {} };
  const told = (to: string, frames: readonly Frame[]): void => {
    for (const frame of frames)
      if (frame.kind === "answer") sent.push(`${to}: ${frame.id} ${JSON.stringify(frame.result)}`);
  };
  return { asked, sent, desk: new Desk({ calls: port }, told) };
}

const ask = (from: Address): Frame => ({
  kind: "mail",
  envelope: {
    to: "porter/port/calls",
    from,
    lane: "data",
    n: 0,
    label: "private",
    event: { type: "call" },
    re: { id: "x", from },
  },
});
const ok = (type: string): AskResult => ({ ok: true, event: { type } });
const THINKER: Address = "thinkers/specialist/d1-a-1";

test("K1 an ask that a port works on already is attached: whoever asked last has the answer", () => {
  const { asked, sent, desk: its } = desk();
  its.receive([ask(THINKER), ask("thinkers/specialist/other")]);
  expect(asked).toHaveLength(1);
  asked[0]?.answer(ok("called"));
  expect(sent).toEqual([`thinkers: x ${JSON.stringify(ok("called"))}`]);
});

test("K2 what a host asked that forgets is not answered to its next life, which asks something else under the same id", () => {
  const { asked, sent, desk: its } = desk();
  its.receive([ask(THINKER), ask("store/discussion/d1")]);
  its.receive([ask(THINKER)]);
  its.forgotten("thinkers");
  its.receive([ask(THINKER)]);
  expect(asked).toHaveLength(2);
  asked[0]?.answer(ok("of the last life"));
  expect(sent).toEqual([]);
  asked[1]?.answer(ok("of this one"));
  expect(sent).toEqual([`thinkers: x ${JSON.stringify(ok("of this one"))}`]);
});
