/**
 * Kernel rules 6 and 7 (src/runtime/DESIGN.md): bounds, gates, lanes. RM5, RM6, RM12.
 *
 * Method: puppets with small mailboxes on virtual time, on simulated disks and on real LMDB.
 */
import { describe, expect, test } from "vitest";
import type { Address } from "../../../machines/words.ts";
import { type Command, spawn, tell } from "../../../src/runtime/behaviour.ts";
import type { Frame, Lane } from "../../../src/runtime/envelope.ts";
import { OUTBOX_MAX } from "../../../src/runtime/emit.ts";
import { Outbox } from "../../../src/runtime/outbox.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { deaf, heard, obey, puppet } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });
const numbered = (count: number, to: Address, lane: Lane = "data"): Command[] =>
  Array.from({ length: count }, (_, i) => tell(to, say(`m${i}`), lane));
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);
const small = (mailMax: number) => ({ behaviours: [puppet({ mailMax }), deaf] });

const OTHER: Address = "b/puppet/other";
const spawnOther = (world: PuppetWorld, host: "a" | "b"): void => {
  world.sim.tell(`${host}/puppet/p`, obey(spawn("puppet", "other", {})));
  world.sim.run(20);
};

/** The frames of one kind that a host sends, from now on. */
function tap(world: PuppetWorld, id: string, kind: Frame["kind"]): Frame[] {
  const seen: Frame[] = [];
  const { transport } = world.sim.host(id).core.options;
  const { send } = transport;
  transport.send = (to, frames) => {
    seen.push(...frames.filter((frame) => frame.kind === kind));
    send(to, frames);
  };
  return seen;
}

describe.each(STORAGES)("on %s", (kind) => {
  test("rule 6: a full cell takes everything in the end, in order, and its mailbox is never above its bound", () => {
    const world = new PuppetWorld(kind, small(8));
    world.sim.freeze("b");
    world.sim.tell(PUPPET_A, obey(...numbered(300, PUPPET_B)));
    world.sim.run(20);
    world.sim.thaw("b");
    const cell = world.sim.host("b").core.cells.get(PUPPET_B);
    for (let i = 0; i < 1000; i += 1) {
      world.sim.run(1);
      expect(cell?.mailbox.dataLength).toBeLessThanOrEqual(8);
    }
    expect(heard(world.sim.host("b"), PUPPET_B)).toEqual(names(300));
    expect(world.keys("a", "o/")).toEqual([]);
    expect(world.sim.host("b").core.gated.size).toBe(0);
  });

  test("rule 6: a backlog is sent about once, not whole each time a gate opens", () => {
    const world = new PuppetWorld(kind, small(16));
    const mails = tap(world, "a", "mail");
    world.sim.tell(PUPPET_A, obey(...numbered(2000, PUPPET_B)));
    world.sim.run(3000);
    expect(heard(world.sim.host("b"), PUPPET_B)).toEqual(names(2000));
    expect(mails.length).toBeLessThan(2000 * 6);
  });

  test("rule 6: a gate is closed once and opened once for each time that it was full", () => {
    const world = new PuppetWorld(kind, small(16));
    const gates = tap(world, "b", "gate");
    world.sim.tell(PUPPET_A, obey(...numbered(60, PUPPET_B)));
    world.sim.run(500);
    const shut = gates.filter((gate) => gate.kind === "gate" && !gate.open);
    const open = gates.filter((gate) => gate.kind === "gate" && gate.open);
    expect(shut.length).toBeGreaterThan(0);
    expect(open).toHaveLength(shut.length);
  });

  test("rule 6: a full cell closes only its own gate; mail for another cell of the same host flows", () => {
    const world = new PuppetWorld(kind, small(4));
    spawnOther(world, "b");
    world.sim.host("b").core.cells.get(PUPPET_B)?.mailbox.takeHot();
    world.sim.freeze("b");
    world.sim.tell(PUPPET_A, obey(...numbered(40, PUPPET_B), tell(OTHER, say("flows"))));
    world.sim.run(20);
    world.sim.thaw("b");
    // One turn lets everything in that has arrived, and folds.
    world.sim.run(3);
    expect(heard(world.sim.host("b"), OTHER)).toEqual(["flows"]);
    expect(world.sim.host("b").core.counts.refused).toBeGreaterThan(0);
  });

  test("rule 6: what a full cell of the same host is told waits in the outbox, in order, also over a restart", () => {
    const world = new PuppetWorld(kind, small(4));
    spawnOther(world, "a");
    world.sim.tell(PUPPET_A, obey(...numbered(50, "a/puppet/other")));
    world.sim.host("a").core.counts.steps = 0;
    world.sim.run(1000);
    expect(heard(world.sim.host("a"), "a/puppet/other")).toEqual(names(50));
    expect(world.keys("a", "o/")).toEqual([]);
  });

  test("rule 6: mail that waits in the outbox for a cell of the same host is delivered after a crash", () => {
    const world = new PuppetWorld(kind, small(4));
    spawnOther(world, "a");
    // More than one turn folds.
    world.sim.tell(PUPPET_A, obey(...numbered(700, "a/puppet/other")));
    world.sim.host("a").turn();
    expect(world.keys("a", "o/").length).toBeGreaterThan(100);
    world.restart("a");
    world.sim.run(200);
    const told = heard(world.sim.host("a"), "a/puppet/other").filter((type) => type !== "restored");
    expect(told).toEqual(names(700));
    expect(world.keys("a", "o/")).toEqual([]);
  });

  test("rule 6: a cell that ends lets go of what waits for it, here and at other hosts", () => {
    const world = new PuppetWorld(kind, small(2));
    spawnOther(world, "a");
    spawnOther(world, "b");
    world.sim.freeze("b");
    world.sim.tell(
      PUPPET_A,
      obey(...numbered(20, OTHER), ...numbered(20, "a/puppet/other"), tell("a/puppet/other", say("finish"), "control")),
    );
    world.sim.run(20);
    world.sim.tell(OTHER, say("finish"), "control");
    world.sim.thaw("b");
    world.sim.run(200);
    expect(world.sim.host("a").core.outbox.size).toBe(0);
    expect(world.keys("a", "o/")).toEqual([]);
    const { deadLetters } = world.sim.host("b").core;
    expect(deadLetters.count).toBeGreaterThan(15);
  });

  test("rule 7: control passes a full data lane, from this host and from another, and is folded first", () => {
    const world = new PuppetWorld(kind, small(4));
    world.sim.freeze("b");
    world.sim.tell(PUPPET_A, obey(...numbered(40, PUPPET_B), tell(PUPPET_B, say("stop.now"), "control")));
    world.sim.run(20);
    world.sim.thaw("b");
    world.sim.run(300);
    const told = heard(world.sim.host("b"), PUPPET_B);
    expect(told[0]).toBe("stop.now");
    expect(told.slice(1)).toEqual(names(40));
  });

  test("rule 7: control is taken while the data of every cell waits for room in the outbox", () => {
    const world = new PuppetWorld(kind, small(OUTBOX_MAX + 100));
    world.sim.cut("a", "b");
    world.sim.tell(PUPPET_A, obey(...numbered(OUTBOX_MAX, PUPPET_B)));
    world.sim.run(50);
    world.sim.tell(PUPPET_A, say("waits"));
    world.sim.tell(PUPPET_A, say("urgent"), "control");
    world.sim.run(50);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["urgent"]);
    world.sim.heal("a", "b");
    world.sim.run(500);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["urgent", "waits"]);
  });

  test("rule 7: a cell with control in front of many with data is folded in the same turn", () => {
    const world = new PuppetWorld(kind);
    const host = world.sim.host("a");
    world.sim.tell(PUPPET_A, obey(...Array.from({ length: 600 }, (_, i) => spawn("puppet", `c${i}`, {}))));
    world.sim.run(50);
    for (let i = 0; i < 600; i += 1) world.sim.tell(`a/puppet/c${i}`, say("data"));
    world.sim.tell("a/puppet/c599", say("control"), "control");
    host.turn();
    expect(heard(host, "a/puppet/c599")[0]).toBe("control");
    expect(heard(host, "a/puppet/c598")).toEqual([]);
  });

  test("rule 7: a flood of what is hot does not starve the data of other cells", () => {
    const world = new PuppetWorld(kind);
    const host = world.sim.host("a");
    world.sim.tell(PUPPET_A, obey(...Array.from({ length: 600 }, (_, i) => spawn("puppet", `c${i}`, {}))));
    world.sim.run(50);
    for (let i = 0; i < 600; i += 1) world.sim.tell(`a/puppet/c${i}`, say("control"), "control");
    world.sim.tell(PUPPET_A, say("data"));
    host.turn();
    expect(heard(host, PUPPET_A)).toEqual(["data"]);
  });
});

test("rule 6: a shut gate parks one lane of one address; its other lane and every other cell of that host flow", () => {
  const outbox = new Outbox();
  const add = (to: Address, lane: Lane): number[] => {
    outbox.add({ to, from: PUPPET_A, lane, label: "private", event: say("e") });
    return outbox.release(to, lane).map(({ n }) => n);
  };
  expect(add(PUPPET_B, "data")).toEqual([1]);
  outbox.shut(1, "b");
  expect(add(PUPPET_B, "data")).toEqual([]);
  expect(add(OTHER, "data")).toEqual([3]);
  expect(add(PUPPET_B, "control")).toEqual([4]);
  expect(outbox.reopen(1, "b").map(({ n }) => n)).toEqual([1, 2]);
});

describe("on simulated disks", () => {
  test("rule 6: cells that fill each other's mailboxes and the outbox still come to an end (RM12)", () => {
    const world = new PuppetWorld("simulated disks", small(4));
    spawnOther(world, "a");
    // One cell tells more than the outbox holds to one that is slower: each of them must go on.
    for (let i = 0; i < 4; i += 1) world.sim.tell(PUPPET_A, obey(...numbered(4000, "a/puppet/other")));
    world.sim.run(2000);
    expect(heard(world.sim.host("a"), "a/puppet/other")).toHaveLength(16_000);
    expect(world.sim.host("a").core.outbox.size).toBe(0);
  });

  test("rule 6: the outbox is bounded: what would overfill it is a dead letter", () => {
    const world = new PuppetWorld("simulated disks");
    world.sim.cut("a", "b");
    for (let i = 0; i < 5; i += 1) world.sim.tell(PUPPET_A, obey(...numbered(5000, PUPPET_B)), "control");
    world.sim.run(100);
    const { outbox, deadLetters } = world.sim.host("a").core;
    expect(outbox.size).toBe(2 * OUTBOX_MAX);
    expect(deadLetters.count).toBe(5000);
  });
});
