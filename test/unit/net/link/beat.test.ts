/**
 * One timer for many links: on virtual time.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Beat, BEHIND_MS, type Beating } from "../../../../src/net/link/beat.ts";
import { APART_MS } from "../../../../src/net/link/pings.ts";
import { ALONE_MS, LOOK_MS, PAUSE_MS, PING_MS, SILENT_MS, Suspicion } from "../../../../src/net/link/suspicion.ts";
import { LinkNet } from "../../../support/link-net.ts";
import { KeptNet } from "../../../support/link-keepers.ts";

const SEED = Number(process.env["RBEE_SEED"]);

/** What became of one link: when it beat, when it was looked at, and what it was excused. */
class Noted implements Beating {
  readonly beats: number[] = [];
  readonly looks: number[] = [];
  readonly did: string[] = [];
  isQuiet = false;
  excusedMs = 0;

  excuse(ms: number): void {
    this.did.push("excuse");
    this.excusedMs += ms;
  }

  beat(nowMs: number): void {
    this.did.push("beat");
    this.beats.push(nowMs);
  }

  look(nowMs: number): boolean {
    this.did.push("look");
    this.looks.push(nowMs);
    return this.isQuiet;
  }
}

function links(count: number) {
  const net = new LinkNet();
  const machine = net.machine();
  const beat = new Beat(machine);
  const all = Array.from({ length: count }, () => new Noted());
  for (const link of all) beat.join(link);
  return { net, machine, beat, all };
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((ms, i) => ms - (times[i] ?? 0));

describe("the beat of many links", () => {
  test("BT1 each beats once in the time, those that came together at moments spread evenly over it", () => {
    const { net, all } = links(300);
    net.run(PING_MS * 4);
    for (const { beats } of all) expect(new Set(gaps(beats))).toEqual(new Set([PING_MS]));
    const moments = Map.groupBy(all, ({ beats }) => (beats[0] ?? 0) % PING_MS);
    expect(moments.size).toBe(PING_MS / LOOK_MS);
    for (const together of moments.values()) expect(together).toHaveLength((300 * LOOK_MS) / PING_MS);
  });

  test(`BT1 whoever comes and goes when, each of those that stay has its beat in time (seed ${SEED})`, () => {
    const comings = fc.array(fc.tuple(fc.nat(4000), fc.boolean()), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(comings, (given) => {
        const { net, beat } = links(0);
        const here = given.map(([waitMs, leaves]) => {
          net.run(waitMs);
          const link = new Noted();
          beat.join(link);
          if (leaves) net.clock.after(waitMs, () => beat.leave(link));
          return { link, leaves, fromMs: net.clock.monotonicMs() };
        });
        net.run(PING_MS * 3);
        const untilMs = net.clock.monotonicMs();
        for (const { link } of here.filter(({ leaves }) => !leaves)) {
          expect(Math.max(0, ...gaps(link.beats))).toBeLessThanOrEqual(PING_MS + 1);
          expect(untilMs - (link.beats.at(-1) ?? 0)).toBeLessThanOrEqual(PING_MS + 1);
          expect(link.excusedMs).toBe(0);
        }
        for (const { link, fromMs } of here) expect(link.beats.filter((ms) => ms < fromMs)).toEqual([]);
      }),
      { seed: SEED },
    );
  });

  test("BT2 a quiet link is looked at often, the others when they beat, until it is quiet no more", () => {
    const { net, all } = links(2);
    const [one, other] = all as [Noted, Noted];
    one.isQuiet = true;
    net.run(PING_MS * 2);
    const before = one.looks.length;
    net.run(PING_MS * 10);
    expect(one.looks.length - before).toBeGreaterThanOrEqual((PING_MS * 10) / LOOK_MS);
    expect(other.looks).toHaveLength(other.beats.length);
    one.isQuiet = false;
    net.run(PING_MS);
    const after = one.looks.length;
    net.run(PING_MS * 4);
    expect(one.looks.length - after).toBe(4);
  });

  test("BT3 BT4 who stood still excuses every link before it looks, each has one beat, and then goes on in its rhythm", () => {
    const { net, machine, all } = links(60);
    net.run(PING_MS * 3);
    const before = all.map(({ beats, did }) => ({ beats: beats.length, did: did.length, at: beats.at(-1) ?? 0 }));
    machine.stop();
    net.run(20_000);
    machine.goOn();
    for (const [i, { beats, did, excusedMs }] of all.entries()) {
      expect(beats.length - (before[i]?.beats ?? 0)).toBe(1);
      expect(did.slice(before[i]?.did)).toEqual(["excuse", "beat", "look"]);
      expect(excusedMs).toBeGreaterThan(20_000 - PING_MS);
    }
    net.run(PING_MS);
    for (const [i, { beats }] of all.entries()) expect(((beats.at(-1) ?? 0) - (before[i]?.at ?? 0)) % PING_MS).toBe(0);
  });

  test("BT3 a link that comes while the others beat seldom excuses nobody", () => {
    const { net, beat, all } = links(1);
    for (let ms = 0; ms < PING_MS * 2; ms += 10) {
      net.run(10);
      beat.join(new Noted());
    }
    expect(all[0]?.excusedMs).toBe(0);
  });

  test("BT4 a moment that went by while the links before it were looked at is no wait of less than nothing", () => {
    const waits: number[] = [];
    let nowMs = 0;
    let due = (): void => {};
    const beat = new Beat({
      // To look takes longer than until the next moment.
      monotonicMs: () => (nowMs += LOOK_MS * 1.5),
      soon: (run) => run(),
      after(ms, run) {
        waits.push(ms);
        due = run;
        return () => {};
      },
    });
    for (let n = 0; n < PING_MS / LOOK_MS; n += 1) beat.join(new Noted());
    for (let n = 0; n < 5; n += 1) due();
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });

  test("BT6 a beat that was moved comes just behind that moment, in this round and in the next ones", () => {
    const { net, beat, all } = links(30);
    net.run(PING_MS * 3);
    for (const link of all) {
      net.run(17);
      const atMs = net.clock.monotonicMs();
      const before = link.beats.length;
      beat.follow(link);
      net.run(PING_MS * 3);
      const behind = link.beats.slice(before).map((ms) => ms - atMs);
      expect(behind).toHaveLength(3);
      for (const [round, ms] of behind.entries()) {
        expect(ms - PING_MS * round).toBeGreaterThan(BEHIND_MS - LOOK_MS);
        expect(ms - PING_MS * round).toBeLessThanOrEqual(BEHIND_MS);
      }
    }
  });

  test("BT5 without links there is no timer", () => {
    const machine = new LinkNet().machine();
    const timers = new Set<symbol>();
    const beat = new Beat({
      monotonicMs: () => machine.monotonicMs(),
      soon: (run) => machine.soon(run),
      after() {
        const timer = Symbol();
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    });
    const all = [new Noted(), new Noted()];
    for (const link of all) beat.join(link);
    expect(timers.size).toBe(1);
    for (const link of all) beat.leave(link);
    expect(timers.size).toBe(0);
  });
});

describe("how rare pings may be", () => {
  test("PH1 PH2 between a ping that is late by a pause and a death found in time there is room for the way", () => {
    expect(PING_MS % LOOK_MS).toBe(0);
    expect(SILENT_MS - LOOK_MS - (APART_MS + PAUSE_MS)).toBeGreaterThanOrEqual(300);
    expect(new Suspicion(0).judge(APART_MS + PAUSE_MS + 100)).not.toBe("dead");
  });

  test(`RC4 whoever stands still below the pause at whatever moment, on a way that takes a while, nobody is dead (seed ${SEED})`, () => {
    const stalls = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: PAUSE_MS - 1 }), fc.nat(4000)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.integer(), stalls, (seed, given) => {
        const net = new KeptNet(seed);
        net.net.slowestMs = 100;
        const all = ["queen", "hive-0", "hive-1"].map((node) => net.start(node));
        for (const { keeper } of all.slice(1)) keeper.want("queen", "queen");
        net.run(3000);
        for (const [who, stillMs, afterMs] of given) {
          all[who]?.machine.stop();
          net.run(stillMs);
          all[who]?.machine.goOn();
          net.run(PING_MS + afterMs);
        }
        expect(all.flatMap(({ news }) => news.filter(({ said }) => said.startsWith("down")))).toEqual([]);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test(`PH2 whoever stands still for good at whatever moment is found dead by the others within the time (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(2), fc.nat(5000), (seed, who, afterMs) => {
        const net = new KeptNet(seed);
        const all = ["queen", "hive-0", "hive-1"].map((node) => net.start(node));
        for (const { keeper } of all.slice(1)) keeper.want("queen", "queen");
        net.run(3000 + afterMs);
        const fromMs = net.net.clock.monotonicMs();
        all[who]?.machine.stop();
        net.run(SILENT_MS + ALONE_MS);
        const node = all[who]?.node ?? "";
        const finders = who === 0 ? all.slice(1) : all.slice(0, 1);
        for (const { news } of finders) {
          const found = news.find(({ said }) => said === `down ${node} link.silent`);
          expect((found?.atMs ?? Infinity) - fromMs).toBeLessThanOrEqual(SILENT_MS);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
