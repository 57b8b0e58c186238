/**
 * Goal: a home that was copied and started twice has one queen: her members go with the later one, and the other is
 *       told so by proof and ends.
 * Method: two machines that have the same address, one after the other, as when a home is restored on a new machine
 *       and the old one is switched on again.
 *
 * @see src/hosts/cluster/terms.ts, TM1 TM2; src/hosts/cluster/links.ts, LN5; DESIGN.md of src/runtime for RC1
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { LanCluster, longTask } from "../support/lan-cluster.ts";
import { needsNetwork } from "../support/network.ts";
import type { TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WITHIN_MS = 60_000;
/** A member says so when it has heard her term, which is a moment after she has. */
const linksOf = (member: TestNode): number => member.stderr.split("linked with alpha").length - 1;
const untilLinked = (queen: TestNode): Promise<number> =>
  waitUntil(() => queen.stderr.includes("linked with beta"), WITHIN_MS);

test(
  "RC1 TM1 TM2 LN5 queen.superseded: of two queens of one home the later leads, and the other steps down",
  { ...needsNetwork(), timeout: 180_000 },
  async () => {
    const cluster = await LanCluster.begin({ RBEE_QUEEN_LEASE: "2s" });
    const beta = await cluster.join("beta");
    await cluster.queen.stop();
    const copy = join(temporaryFolder(), "home");
    cpSync(cluster.home, copy, { recursive: true });

    const linksAtFirst = linksOf(beta.node);
    const old = await cluster.startQueen();
    await untilLinked(old);
    await waitUntil(() => linksOf(beta.node) > linksAtFirst, WITHIN_MS);
    const linksBefore = linksOf(beta.node);
    cluster.machine.unplug();
    const machine = await cluster.lan.machine();
    machine.move(cluster.machine.address);
    const later = await cluster.startQueen({ home: copy, machine });
    expect(later.ready.epoch).toBe(old.ready.epoch);
    await untilLinked(later);
    await waitUntil(() => linksOf(beta.node) > linksBefore, WITHIN_MS);

    machine.unplug();
    cluster.machine.plug();
    await waitUntil(() => old.isOver, WITHIN_MS);
    expect((await old.ended).code).toBe(78);
    expect(old.stderr).toContain("queen.superseded");
    expect(beta.node.isOver).toBe(false);
    expect(later.isOver).toBe(false);

    machine.plug();
    await cluster.untilState("beta", "serving");
    expect((await later.run(longTask())).at(-1)).toMatchObject({ type: "done" });
  },
);
