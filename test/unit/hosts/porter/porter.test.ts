/**
 * Goal: no numbered mail reaches a life of a host that it was not sent to, where it would hide what came before it
 *       (P3 of porter.ts; RM1, RM2).
 * Method: the choice of what may still go, frame by frame.
 */
import { expect, test } from "vitest";
import { type Frame, isNumbered } from "../../../../src/runtime/envelope.ts";

const to = "hive/hive/main";
const mail = (n: number): Frame => ({
  kind: "mail",
  envelope: { to, from: "queen/queen/main", lane: "data", n, label: "private", event: { type: "x" } },
});

test("P3 numbered mail and gates are for one life; acks, answers, drops and what may be lost are for any", () => {
  const numbered: readonly Frame[] = [mail(1), { kind: "gate", to, n: 1, open: true }];
  const any: readonly Frame[] = [
    mail(0),
    { kind: "ack", ns: [1] },
    { kind: "answer", to, id: "a", result: { ok: true, event: { type: "x" } } },
    { kind: "drop", to, id: "a" },
  ];
  expect(numbered.filter(isNumbered)).toEqual(numbered);
  expect(any.filter(isNumbered)).toEqual([]);
});
