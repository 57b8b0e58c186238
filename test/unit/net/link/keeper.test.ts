/**
 * One connection for each machine, and what is done about machines that fall silent: on virtual time.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs, FIRST_MS, LAST_MS, REFUSED_MS } from "../../../../src/net/link/backoff.ts";
import { ALONE_MS, PAUSE_MS, PING_MS, SILENT_MS } from "../../../../src/net/link/suspicion.ts";
import type { ErrorCode } from "../../../../src/protocol/errors.ts";
import { KeptNet, type KeptMachine } from "../../../support/link-keepers.ts";

const SEED = Number(process.env["RBEE_SEED"]);

const said = ({ news }: KeptMachine): string[] => news.map((each) => each.said);
const ups = (machine: KeptMachine): string[] => said(machine).filter((each) => !each.startsWith("failed"));

/** A star: so many hives that dial a queen. */
function star(
  hives: number,
  seed = SEED,
): { readonly net: KeptNet; readonly queen: KeptMachine; readonly all: KeptMachine[] } {
  const net = new KeptNet(seed);
  const queen = net.start("queen");
  const all = Array.from({ length: hives }, (_, i) => net.start(`hive-${i}`));
  for (const { keeper } of all) keeper.want("queen", "queen");
  net.run(1000);
  return { net, queen, all };
}

describe("the keeper of links", () => {
  test(`KE2 when two machines dial each other at once, both keep the same one connection (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(6), (seed, laterMs) => {
        const net = new KeptNet(seed);
        const [a, b] = [net.start("a"), net.start("b")];
        a.keeper.want("b", "b");
        net.run(laterMs);
        b.keeper.want("a", "a");
        net.run(4000);
        expect([a.keeper.link("b")?.state, b.keeper.link("a")?.state]).toEqual(["up", "up"]);
        // The dial of the smaller name never fails; the other one's may.
        expect([said(a), ups(b)]).toEqual([["up b"], ["up a"]]);
      }),
      { numRuns: 200 },
    );
  });

  test(`KE1 KE4 whatever breaks, ups and downs take turns, and in the end both are linked again (seed ${SEED})`, () => {
    const deeds = fc.array(
      fc.tuple(fc.constantFrom("cut", "heal", "bounce", "swallow", "freeze", "thaw"), fc.nat(3000)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer(), deeds, (seed, given) => {
        const net = new KeptNet(seed);
        const [a, b] = [net.start("a"), net.start("b")];
        a.keeper.want("b", "b");
        b.keeper.want("a", "a");
        for (const [deed, ms] of given) {
          if (deed === "freeze") a.machine.stop();
          else if (deed === "thaw") a.machine.goOn();
          else net[deed]("a", "b");
          net.run(ms);
        }
        a.machine.goOn();
        net.heal("a", "b");
        net.run(60_000);
        for (const machine of [a, b]) {
          const turns = ups(machine).map((each) => each.split(" ")[0]);
          expect(turns).toEqual(turns.map((_, i) => (i % 2 === 0 ? "up" : "down")));
        }
        expect([a.keeper.link("b")?.state, b.keeper.link("a")?.state]).toEqual(["up", "up"]);
      }),
      { numRuns: 150 },
    );
  });

  test("KE3 a machine that comes again takes the place of its last connection", () => {
    const { net, queen, all } = star(1);
    all[0]?.machine.stop();
    net.run(PING_MS + PAUSE_MS / 2 + 200);
    expect(ups(queen)).toEqual(["up hive-0"]);
    const again = net.start("hive-0", { life: 2, instance: "hive-0-2" });
    again.keeper.want("queen", "queen");
    net.run(1000);
    const kept: ErrorCode = "link.kept";
    expect(ups(queen)).toEqual(["up hive-0", `down hive-0 ${kept}`, "up hive-0"]);
    expect(queen.keeper.link("hive-0")?.peer?.life).toBe(2);
  });

  test.each([
    ["later", 2],
    ["earlier", 0],
  ])(
    "KE7 machine.copied: a %s start of a machine that is linked and alive stays out, and that one stays",
    (_, life) => {
      const { net, queen, all } = star(1);
      const copy = net.start("hive-0", { life, instance: "copy" });
      copy.keeper.want("queen", "queen");
      net.run(REFUSED_MS);
      expect(ups(queen)).toEqual(["up hive-0"]);
      expect(new Set(said(copy))).toEqual(new Set(["failed queen machine.copied"]));
      expect(copy.news.length).toBeLessThan(10);
      all[0]?.keeper.close();
      net.run(REFUSED_MS);
      if (life > 1) expect(queen.keeper.link("hive-0")?.peer?.instance).toBe("copy");
    },
  );

  test("KE5 RC3 a life older than the last that was let in stays out, also when that one is gone", () => {
    const { net, queen, all } = star(1);
    all[0]?.keeper.close();
    const later = net.start("hive-0", { life: 5, instance: "five" });
    later.keeper.want("queen", "queen");
    net.run(1000);
    later.keeper.close();
    const older = net.start("hive-0", { life: 4, instance: "four" });
    older.keeper.want("queen", "queen");
    net.run(REFUSED_MS);
    expect(queen.keeper.link("hive-0")).toBeUndefined();
    expect(said(older)).toContain("failed queen link.stale");
    expect(older.news.length).toBeLessThan(5);
  });

  test("KE4 who is released is dialled no more; who is closed says goodbye to everybody", () => {
    const { net, queen, all } = star(2);
    all[0]?.keeper.release("queen", { code: "terminated", message: "it stops" });
    net.run(10_000);
    expect(ups(queen)).toContain("down hive-0 terminated");
    expect(queen.keeper.link("hive-0")).toBeUndefined();
    queen.keeper.close();
    net.run(100);
    const closed: ErrorCode = "link.closed";
    expect(all[1] && ups(all[1])).toEqual(["up queen", `down queen ${closed}`]);
  });

  test("a link that breaks is made again well within the grace of a lease", () => {
    const { net, queen, all } = star(5);
    for (const { node } of all) net.bounce(node, "queen");
    net.run(5000);
    for (const { node } of all) expect(queen.keeper.link(node)?.state).toBe("up");
  });

  test("BO1 BO2 the wait doubles up to its bound, and is long only where a person has to mend something", () => {
    const lost = { code: "link.lost", message: "" } as const;
    expect([0, 1, 2, 50].map((failures) => backoffMs(failures, lost, 1))).toEqual([FIRST_MS, 200, 400, LAST_MS]);
    expect(backoffMs(3, lost, 0)).toBe(0);
    expect(backoffMs(0, { code: "link.cluster", message: "" }, 0)).toBe(REFUSED_MS / 2);
  });

  test("BO2 who is taken for a copy of itself asks soon a few times, and rarely from then on", () => {
    const copied = { code: "machine.copied", message: "" } as const;
    expect([0, 4, 5, 50].map((failures) => backoffMs(failures, copied, 1))).toEqual([
      FIRST_MS,
      1600,
      REFUSED_MS,
      REFUSED_MS,
    ]);
  });
});

describe("machines that fall silent", () => {
  test("PH2 one that stands still is found dead within five seconds, and the others are not", () => {
    const { net, queen, all } = star(4);
    const fromMs = net.net.clock.monotonicMs();
    all[0]?.machine.stop();
    net.run(20_000);
    const [down, ...more] = queen.news.filter((each) => each.said.startsWith("down"));
    expect([down?.said, more]).toEqual(["down hive-0 link.silent", []]);
    expect((down?.atMs ?? 0) - fromMs).toBeLessThanOrEqual(SILENT_MS);
  });

  test("PH1 PH4 nobody is found dead for a pause below three seconds, on either side", () => {
    const { net, queen, all } = star(3);
    for (const machine of [queen, ...all]) {
      machine.machine.stop();
      net.run(PAUSE_MS - 1);
      machine.machine.goOn();
      net.run(3000);
    }
    for (const machine of [queen, ...all]) expect(said(machine).filter((each) => each.startsWith("down"))).toEqual([]);
  });

  test("PH4 a machine that stood still itself blames nobody for what it did not hear", () => {
    const { net, queen, all } = star(1);
    // As when the lid of a laptop is closed on both.
    for (const machine of [queen, ...all]) machine.machine.stop();
    net.run(60_000);
    for (const machine of [queen, ...all]) machine.machine.goOn();
    net.run(3000);
    expect(ups(queen)).toEqual(["up hive-0"]);
    expect(all[0] && ups(all[0])).toEqual(["up queen"]);
  });

  test("PH5 when most fall silent at once it is waited longer, and then said of ourselves", () => {
    const { net, queen, all } = star(5);
    const fromMs = net.net.clock.monotonicMs();
    for (const { node } of all.slice(1)) net.swallow(node, "queen");
    net.run(SILENT_MS + ALONE_MS + 200);
    const downs = queen.news.filter(({ said: each }) => each.startsWith("down"));
    expect(downs.filter(({ atMs }) => atMs < fromMs + SILENT_MS + ALONE_MS - 1500)).toEqual([]);
    const isolated: ErrorCode = "link.isolated";
    expect(downs[0]?.said).toMatch(new RegExp(`^down hive-[1-4] ${isolated}$`));
    expect(downs).toHaveLength(4);
  });
});
