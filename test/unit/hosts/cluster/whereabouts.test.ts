/**
 * Goal: nothing that was numbered for one connection leaves on the next, where it would hide what came before it (WH1,
 *       WH2; RM1, RM2).
 *
 * @see src/hosts/cluster/whereabouts.ts
 */
import { expect, test } from "vitest";
import { Whereabouts } from "../../../../src/hosts/cluster/whereabouts.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";

const HOST = "hive@b";
const mail = (n: number): Frame => ({
  kind: "mail",
  envelope: {
    to: "hive@b/hive/main",
    from: "queen/queen/main",
    lane: "data",
    n,
    label: "private",
    event: { type: "x" },
  },
});
const ack: Frame = { kind: "ack", ns: [1] };

test("WH1 a host whose link was new is known in a new life, though it lives on", () => {
  const where = new Whereabouts();
  const first = where.come(HOST, "b", 7);
  expect(where.outgoing(HOST, first, [mail(1)])).toEqual({ machine: "b", toLife: 7, frames: [mail(1)] });
  expect(where.go(HOST, "b")).toBe(true);
  expect(where.outgoing(HOST, first, [mail(2), ack])).toBeUndefined();
  const second = where.come(HOST, "b", 7);
  expect(where.outgoing(HOST, first, [mail(3), mail(0), ack])?.frames).toEqual([mail(0), ack]);
  expect(where.outgoing(HOST, second, [mail(3)])?.frames).toEqual([mail(3)]);
});

test("a host that moved is not taken away by the machine where it was", () => {
  const where = new Whereabouts();
  where.come("w1", "b", 1);
  where.come("w1", "c", 1);
  expect(where.go("w1", "b")).toBe(false);
  expect(where.machineOf("w1")).toBe("c");
});
