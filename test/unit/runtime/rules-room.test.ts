/**
 * Kernel rules 6 and 7 (src/runtime/DESIGN.md): bounds, gates, lanes. RM5, RM6, RM12.
 *
 * Method: puppets with small mailboxes on virtual time, on simulated disks and on real LMDB.
 */
import { describe, expect, test } from "vitest";
import type { Address } from "../../../machines/words.ts";
import { ask, type Command, hint, spawn, tell } from "../../../src/runtime/behaviour.ts";
import type { Frame, Lane } from "../../../src/runtime/envelope.ts";
import { OUTBOX_MAX } from "../../../src/runtime/emit.ts";
import { Host } from "../../../src/runtime/host.ts";
import { Outbox } from "../../../src/runtime/outbox.ts";
import { SimClock } from "../../simulation/sim-clock.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { deaf, heard, notes, obey, puppet, toyTables } from "../../support/toy-machines.ts";

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

const mail = (n: number): Frame => ({
  kind: "mail",
  envelope: { to: PUPPET_A, from: "z/puppet/p", lane: "data", n, label: "private", event: say(`m${n}`) },
});

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

  test("rule 6: what a cell tells itself does not overtake what waits for room in it (RM1)", () => {
    const world = new PuppetWorld(kind, small(4));
    spawnOther(world, "a");
    const other: Address = "a/puppet/other";
    world.sim.tell(PUPPET_A, obey(tell(other, obey(tell(other, say("last")))), ...numbered(10, other)));
    world.sim.run(50);
    expect(heard(world.sim.host("a"), other)).toEqual([...names(10), "last"]);
  });

  test("rule 6: a cell that is full of data takes the answers it waits for, and its timers fire (RM12)", () => {
    const world = new PuppetWorld(kind, small(2));
    world.sim.tell(
      PUPPET_A,
      obey(ask("a/port/hand", say("work"), { name: "q", deadlineMs: 9000, onRestart: "again" })),
    );
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(500);
    world.sim.freeze("a");
    world.sim.run(1000);
    const host = world.sim.host("a");
    host.receive("z", [mail(1), mail(2), mail(3)]);
    expect(host.core.cells.get(PUPPET_A)?.mailbox.hasRoom("data")).toBe(false);
    world.port.answer(world.port.calls[0]?.id ?? "", say("done"));
    world.sim.thaw("a");
    world.sim.run(50);
    expect(heard(host, PUPPET_A)).toEqual(["done", "rang", "m1", "m2"]);
  });

  test("rule 6: from the first that was refused on, only that one opens the gate: what was behind it waits (RM1)", () => {
    const world = new PuppetWorld(kind, small(2));
    const host = world.sim.host("a");
    host.receive("z", [mail(1), mail(2), mail(3)]);
    host.turn();
    // There is room again, and this one was under way before its sender heard of the gate.
    host.receive("z", [mail(4)]);
    host.turn();
    expect(heard(host, PUPPET_A)).toEqual(["m1", "m2"]);
    host.receive("z", [mail(3), mail(4)]);
    host.turn();
    expect(heard(host, PUPPET_A)).toEqual(["m1", "m2", "m3", "m4"]);
  });

  test("rule 6: a gate that was opened and finds its cell full again is shut again, and opened again", () => {
    const world = new PuppetWorld(kind, small(2));
    const host = world.sim.host("a");
    host.peerUp("z", 1);
    const gates = tap(world, "a", "gate");
    const told = (): readonly unknown[] => gates.map((gate) => (gate.kind === "gate" ? [gate.n, gate.open] : []));
    host.receive("z", [mail(1), mail(2), mail(3)]);
    world.sim.run(5);
    host.receive("y", [mail(1), mail(2)]);
    host.receive("z", [mail(3)]);
    world.sim.run(5);
    expect(told()).toEqual([
      [3, false],
      [3, true],
      [3, false],
      [3, true],
    ]);
  });

  test("rule 6: a hint is lost where its cell is full, or nobody lives, and counted", () => {
    const world = new PuppetWorld(kind, small(4));
    spawnOther(world, "a");
    const hints = Array.from({ length: 10 }, (_, i) => hint("a/puppet/other", say(`h${i}`)));
    world.sim.tell(PUPPET_A, obey(...hints, hint("a/puppet/nobody", say("lost"))));
    world.sim.run(20);
    expect(heard(world.sim.host("a"), "a/puppet/other")).toEqual(["h0", "h1", "h2", "h3"]);
    expect(world.sim.host("a").core.counts.dropped).toBe(7);
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

  test("rule 7: a busy cell gets another quantum only after every cell in line had its own", () => {
    const world = new PuppetWorld(kind, small(1000));
    const host = world.sim.host("a");
    spawnOther(world, "a");
    host.receive(
      "z",
      Array.from({ length: 600 }, (_, i) => mail(i + 1)),
    );
    world.sim.tell("a/puppet/other", say("waits"));
    host.turn();
    expect(heard(host, "a/puppet/other")).toEqual(["waits"]);
    expect(heard(host, PUPPET_A).length).toBeLessThan(600);
  });

  test("rule 7: the control of one cell is folded before the data of another that has control too", () => {
    const world = new PuppetWorld(kind);
    spawnOther(world, "a");
    for (const type of ["d1", "d2", "d3"]) world.sim.tell(PUPPET_A, say(type));
    world.sim.tell(PUPPET_A, say("c1"), "control");
    world.sim.tell("a/puppet/other", say("c2"), "control");
    world.sim.host("a").turn();
    const bySerial = [...world.sim.host("a").core.tables.rows(notes).entries()].toSorted(([a], [b]) =>
      (a.split("#")[1] ?? "") < (b.split("#")[1] ?? "") ? -1 : 1,
    );
    expect(bySerial.map(([, { event }]) => event.type)).toEqual(["c1", "c2", "d1", "d2", "d3"]);
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
    const added = outbox.add({ to, from: PUPPET_A, lane, n: 0, label: "private", event: say("e") });
    return outbox.release(added).map(({ n }) => n);
  };
  expect(add(PUPPET_B, "data")).toEqual([1]);
  outbox.shut(1, "b");
  expect(add(PUPPET_B, "data")).toEqual([]);
  expect(add(OTHER, "data")).toEqual([3]);
  expect(add(PUPPET_B, "control")).toEqual([4]);
  expect(outbox.reopen(1, "b").map(({ n }) => n)).toEqual([1, 2]);
});

test("rule 6: news of a gate whose number is taken already, or was never given, is nothing", () => {
  const outbox = new Outbox();
  const added = outbox.add({ to: PUPPET_B, from: PUPPET_A, lane: "data", n: 0, label: "private", event: say("e") });
  const { n } = added.envelope;
  outbox.release(added);
  outbox.acked(n, "b");
  for (const of of [n, 99]) {
    outbox.shut(of, "b");
    expect(outbox.reopen(of, "b")).toEqual([]);
    expect(outbox.acked(of, "b")).toBeUndefined();
  }
});

test("rule 6: a shut gate leaves every other cell of that host open, also one that was sent something before", () => {
  const outbox = new Outbox();
  const add = (to: Address): number[] => {
    const added = outbox.add({ to, from: PUPPET_A, lane: "data", n: 0, label: "private", event: say("e") });
    return outbox.release(added).map(({ n }) => n);
  };
  expect([add(PUPPET_B), add(OTHER)]).toEqual([[1], [2]]);
  outbox.shut(1, "b");
  expect(add(OTHER)).toEqual([3]);
});

test("rule 6: what asks dropped before they were heard of put into a mailbox is bounded (RM5)", () => {
  const world = new PuppetWorld("simulated disks");
  const host = world.sim.host("a");
  host.receive(
    "z",
    Array.from({ length: 10_000 }, (_, i): Frame => ({ kind: "drop", to: PUPPET_A, id: `q${i}` })),
  );
  expect(host.core.cells.get(PUPPET_A)?.mailbox.length).toBe(4096);
});

test("rule 7: a turn ends after 8 ms, however much waits", () => {
  const clock = new SimClock();
  // A millisecond goes by each time that somebody looks.
  let passedMs = 0;
  const host = new Host({
    id: "a",
    behaviours: [puppet({ mailMax: 1000 })],
    tables: toyTables,
    journal: undefined,
    clock: { wallMs: () => clock.wallMs(), monotonicMs: () => (passedMs += 1) },
    transport: { send: () => {} },
    wake: () => {},
  });
  host.open();
  for (let i = 0; i < 100; i += 1) host.root("puppet", `c${i}`, {});
  expect(host.turn()).toBe(true);
  expect(host.core.counts.steps).toBeGreaterThan(4);
  expect(host.core.counts.steps).toBeLessThan(12);
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
