/**
 * The detector of silent machines, by itself.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAlone, LOOK_MS, PAUSE_MS, PING_MS, SILENT_MS, Suspicion } from "../../../../src/net/link/suspicion.ts";
import { Prng } from "../../../support/prng.ts";

const SEED = Number(process.env["RBEE_SEED"]);

/** A listener that has heard pings, so many ms apart. */
function heardPings(intervalsMs: readonly number[]): { readonly suspicion: Suspicion; readonly nowMs: number } {
  const suspicion = new Suspicion(0);
  let nowMs = 0;
  for (const ms of intervalsMs) {
    nowMs += ms;
    suspicion.pinged(nowMs);
  }
  return { suspicion, nowMs };
}

const rhythms = fc.array(fc.integer({ min: 0, max: PING_MS + PAUSE_MS }), { maxLength: 300 });

describe("whether a silent machine is dead", () => {
  test("PH2 whatever rhythm was heard before, a machine that is silent for the time is found dead by then", () => {
    fc.assert(
      fc.property(rhythms, (intervalsMs) => {
        const { suspicion, nowMs } = heardPings(intervalsMs);
        expect(suspicion.judge(nowMs + SILENT_MS - LOOK_MS)).toBe("dead");
      }),
    );
  });

  test("PH1 whatever rhythm was heard before, a pause of three seconds between two pings is no death", () => {
    fc.assert(
      fc.property(rhythms, (intervalsMs) => {
        const { suspicion, nowMs } = heardPings(intervalsMs);
        expect(suspicion.judge(nowMs + PING_MS + PAUSE_MS - 1)).not.toBe("dead");
      }),
    );
  });

  test("phi of a regular machine passes 8 soon after the pause that is allowed for, of an irregular one later", () => {
    const regular = heardPings(Array.from({ length: 100 }, () => PING_MS)).suspicion;
    const irregular = heardPings(Array.from({ length: 100 }, (_, i) => PING_MS + (i % 2 === 0 ? 500 : -500))).suspicion;
    expect(regular.phi(PING_MS + PAUSE_MS)).toBeLessThan(1);
    expect(regular.phi(SILENT_MS - 2 * LOOK_MS)).toBeGreaterThan(8);
    expect(irregular.phi(SILENT_MS - 2 * LOOK_MS)).toBeLessThan(8);
  });

  test("phi grows with the silence", () => {
    fc.assert(
      fc.property(rhythms, fc.nat(10_000), fc.nat(10_000), (intervalsMs, ms, moreMs) => {
        const { suspicion } = heardPings(intervalsMs);
        expect(suspicion.phi(ms + moreMs)).toBeGreaterThanOrEqual(suspicion.phi(ms));
      }),
    );
  });

  test("PH3 anything that is heard is a sign of life, and only pings teach the rhythm", () => {
    const { suspicion, nowMs } = heardPings([PING_MS, PING_MS, PING_MS]);
    const before = suspicion.phi(4500);
    for (let ms = 0; ms < 900; ms += 1) suspicion.heard(nowMs + ms);
    expect(suspicion.judge(nowMs + 900 + PING_MS + PAUSE_MS - 1)).not.toBe("dead");
    expect(suspicion.phi(4500)).toBe(before);
  });

  test("PH4 while the listener itself stood still nobody fell silent", () => {
    const { suspicion, nowMs } = heardPings([1000, 1000]);
    suspicion.excuse(60_000, nowMs + 60_000);
    expect(suspicion.judge(nowMs + 60_000)).toBe("alive");
    expect(suspicion.judge(nowMs + 60_000 + SILENT_MS)).toBe("dead");
  });

  test("PH5 when most of three or more are quiet it is us; of two, or a minority, it is them", () => {
    expect(isAlone(["quiet", "dead", "alive"])).toBe(true);
    expect(isAlone(["quiet", "dead"])).toBe(false);
    expect(isAlone(["dead", "alive", "alive"])).toBe(false);
    expect(isAlone(["dead", "dead", "alive", "alive"])).toBe(false);
  });

  test(`RC4 in a million intervals with delays and pauses below what is allowed for, nobody is found dead (${SEED})`, () => {
    const rng = new Prng(SEED);
    const suspicion = new Suspicion(0);
    let [sentMs, heardMs, dead] = [0, 0, 0];
    for (let ping = 0; ping < 1_000_000; ping += 1) {
      // The next one is sent in its time, or after a pause; and is on its way for a while, long at times.
      sentMs += PING_MS + (rng.chance(0.01) ? rng.int(0, PAUSE_MS - 500) : 0);
      const arrivesMs = Math.max(heardMs, sentMs + Math.min(400, -30 * Math.log(1 - rng.next())));
      // The last look before it is heard.
      if (suspicion.judge(Math.max(heardMs, arrivesMs - 1)) === "dead") dead += 1;
      suspicion.pinged(arrivesMs);
      heardMs = arrivesMs;
    }
    expect(dead).toBeLessThanOrEqual(1);
  });
});
