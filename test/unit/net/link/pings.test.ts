/**
 * When a link pings: by itself, or with what is said.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Beat, type Beating } from "../../../../src/net/link/beat.ts";
import { APART_MS, Pings } from "../../../../src/net/link/pings.ts";
import { PING_MS } from "../../../../src/net/link/suspicion.ts";
import { LinkNet } from "../../../support/link-net.ts";

const SEED = Number(process.env["RBEE_SEED"]);

/** One link of a machine, as link.ts goes about it. */
function pinging() {
  const net = new LinkNet();
  const machine = net.machine();
  const [beat, pings, sent] = [new Beat(machine), new Pings(), [] as number[]];
  const note = (goes: boolean): void => {
    if (goes) sent.push(net.clock.monotonicMs());
    machine.soon(() => pings.left());
  };
  const link: Beating = { excuse() {}, beat: (nowMs) => note(pings.beat(nowMs)), look: () => false };
  beat.join(link);
  const say = (): void => {
    const { moves, pings: goes } = pings.said(net.clock.monotonicMs());
    if (moves) beat.follow(link);
    note(goes);
  };
  return { net, machine, say, sent };
}

describe("the pings of a link", () => {
  test(`PN1 PN2 whatever is said when, two are never further apart than that, nor many (seed ${SEED})`, () => {
    const waits = fc.array(fc.oneof(fc.nat(60), fc.nat(3200)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(waits, (given) => {
        const { net, say, sent } = pinging();
        net.run(PING_MS);
        for (const waitMs of given) {
          say();
          net.run(waitMs);
        }
        net.run(PING_MS * 3);
        const gaps = sent.slice(1).map((ms, i) => ms - (sent[i] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(APART_MS);
        const tookMs = net.clock.monotonicMs();
        expect(sent.length).toBeLessThanOrEqual(2 * Math.ceil(tookMs / (PING_MS - 200)));
      }),
      { seed: SEED },
    );
  });

  test("PN2 a machine that stood still has its ping at once, and the next one in time", () => {
    for (let ms = 0; ms < PING_MS; ms += 70) {
      const { net, machine, say, sent } = pinging();
      net.run(PING_MS);
      say();
      machine.stop();
      net.run(4000 + ms);
      machine.goOn();
      net.run(PING_MS * 3);
      const after = sent.filter((at) => at >= PING_MS + 4000 + ms);
      expect(after.slice(1).every((at, i) => at - (after[i] ?? 0) <= APART_MS)).toBe(true);
      expect(after.length).toBeGreaterThanOrEqual(3);
    }
  });

  test("PN1 what is said in the turn of a ping takes no other along", () => {
    const pings = new Pings();
    expect(pings.beat(1000)).toBe(true);
    expect(pings.said(1001)).toEqual({ moves: true, pings: false });
    pings.left();
    expect(pings.said(1002)).toEqual({ moves: false, pings: false });
  });
});
