/**
 * Goal: a machine speaks for itself alone, and says to the queen what a hive has to say (PM1, PM2).
 *
 * @see src/hosts/cluster/permitted.ts
 */
import { describe, expect, test } from "vitest";
import type { Address } from "../../../../machines/words.ts";
import { mayBear, maySay } from "../../../../src/hosts/cluster/permitted.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";

const HIVE: Address = "hive@b/hive/main";
const mail = (event: string, given: { readonly to?: Address; readonly from?: Address } = {}): Frame => ({
  kind: "mail",
  envelope: {
    to: "queen/queen/main",
    from: HIVE,
    lane: "data",
    n: 1,
    label: "private",
    event: { type: event },
    ...given,
  },
});

describe("the machine b", () => {
  test("PM1 has its own hive and workers, and no host of anybody else's", () => {
    expect(["hive@b", "w17"].map((host) => mayBear("b", host))).toEqual([true, true]);
    const others = ["queen", "hive", "hive@a", "porter", "w", "w1/x", "store", ""];
    expect(others.filter((host) => mayBear("b", host))).toEqual([]);
  });

  test("PM2 tells the queen the news of its hive", () => {
    const news = ["hive.inventory", "hive.restored", "hive.stopped", "worker.ready", "worker.gone", "worker.weighed"];
    expect(news.filter((type) => !maySay("b", "hive@b", mail(type)))).toEqual([]);
  });

  test("PM2 cannot submit, spend, revoke, place or take her down", () => {
    const hers = [
      "submit",
      "cancel",
      "spend.token",
      "machines",
      "remove.machine",
      "revoke.key",
      "create.key",
      "drain",
      "hurry",
      "place",
      "hive.linked",
    ];
    expect(hers.filter((type) => maySay("b", "hive@b", mail(type)))).toEqual([]);
  });

  test("PM1 cannot speak in another's name, from another host, or to another cell", () => {
    const ready = "worker.ready";
    expect(maySay("b", "hive@b", mail(ready, { from: "hive@c/hive/main" }))).toBe(false);
    expect(maySay("b", "w17", mail(ready))).toBe(false);
    expect(maySay("b", "hive@b", mail(ready, { to: "queen/job/j1" }))).toBe(false);
    expect(maySay("b", "hive@b", mail(ready, { to: "queen/member/b" }))).toBe(false);
  });

  test("answers what it was asked, acknowledges, and has its gates", () => {
    const result = { ok: true, event: { type: "executed" } } as const;
    const frames: readonly Frame[] = [
      { kind: "answer", to: "queen/job/j1", id: "1", result },
      { kind: "ack", ns: [1] },
      { kind: "gate", to: HIVE, n: 1, open: false },
    ];
    expect(frames.filter((frame) => !maySay("b", "w17", frame))).toEqual([]);
  });
});
