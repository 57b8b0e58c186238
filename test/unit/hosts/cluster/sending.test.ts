/**
 * Goal: something that is too large for a link fails whoever asked for it, and nothing and nobody else.
 * Method: two real ends of a link that takes a megabyte, on virtual time.
 *
 * @see src/hosts/cluster/sending.ts, SN1
 * @module
 */
import { expect, test } from "vitest";
import { sendOver } from "../../../../src/hosts/cluster/sending.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";
import { linkedHosts, mail } from "../../../support/link-stage.ts";

const LARGE = "x".repeat(2 ** 21);

function asking(n: number, text: string): Frame {
  const frame = mail(n, { text });
  if (frame.kind !== "mail") throw new Error("no mail");
  return { ...frame, envelope: { ...frame.envelope, re: { id: `a${n}`, from: "here/cell/1" } } };
}

test("SN1 request.too.large: what goes with it arrives, who asked is told, and it is not sent again", () => {
  const { net, a, b } = linkedHosts();
  const back: Frame[] = [];
  const frames = [mail(1), asking(2, LARGE), mail(3, { lane: "control" }), mail(4)];
  sendOver(a.link, { from: "here", to: "there", toLife: 1, frames }, (frame) => void back.push(frame));
  net.run(100);
  expect(b.numbers).toEqual([3, 1, 4]);
  expect(back).toEqual([
    { kind: "ack", ns: [2] },
    {
      kind: "answer",
      to: "here/cell/1",
      id: "a2",
      result: { ok: false, error: expect.objectContaining({ code: "request.too.large" }) },
    },
  ]);
  expect(a.closed).toEqual([]);
});

test("SN1 an answer that is too large becomes the failure of what was asked", () => {
  const { net, a, b } = linkedHosts();
  const answer: Frame = {
    kind: "answer",
    to: "there/cell/1",
    id: "a1",
    result: { ok: true, event: { type: "said", text: LARGE } as { type: string } },
  };
  sendOver(a.link, { from: "here", to: "there", toLife: 1, frames: [answer] }, () => {});
  net.run(100);
  expect(b.heard.map(({ frame }) => frame)).toMatchObject([
    { id: "a1", result: { ok: false, error: { code: "request.too.large" } } },
  ]);
});
