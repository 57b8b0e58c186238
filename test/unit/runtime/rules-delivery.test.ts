/**
 * Kernel rules 1, 3, 4 and 5 (src/runtime/DESIGN.md): what leaves when, what is written, what arrives once.
 *
 * Method: two hosts of puppets on virtual time, once on simulated disks and once on real LMDB.
 */
import { describe, expect, test } from "vitest";
import type { Address } from "../../../machines/words.ts";
import { ask, del, hint, put, reply, tell } from "../../../src/runtime/behaviour.ts";
import type { Envelope, Frame } from "../../../src/runtime/envelope.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { heard, moods, notesOf, obey, paints, puppet, toyTables } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });
const HAND = "a/port/hand" as const;
const question = { name: "q", deadlineMs: 5000, onRestart: "again" } as const;

/** A durable envelope as another host would send it. */
const mail = (n: number, type: string, lane: "control" | "data" = "data"): Frame => ({
  kind: "mail",
  envelope: { to: PUPPET_A, from: "z/puppet/p", lane, n, label: "private", event: say(type) } satisfies Envelope,
});

describe.each(STORAGES)("on %s", (kind) => {
  test("rule 1: nothing leaves a host whose commit was refused, neither mail nor a port call", () => {
    const world = new PuppetWorld(kind);
    const left: Frame[] = [];
    world.sim.host("a").core.options.transport.send = (_to, frames) => void left.push(...frames);
    world.storage("a").full = true;
    world.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("hello")), ask(HAND, say("work"), question)));
    world.sim.run(100);
    expect(world.sim.isUp("a")).toBe(false);
    expect(left).toEqual([]);
    expect(heard(world.sim.host("b"), PUPPET_B)).not.toContain("hello");
    expect(world.port.calls).toEqual([]);
  });

  test("rule 1: what was committed leaves, once, also when the host dies right after", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("hello"))));
    world.sim.host("a").turn();
    world.restart("a");
    expect(heard(world.sim.host("b"), PUPPET_B)).toEqual(["hello"]);
  });

  test("rule 3: an event that changes nothing and commands nothing is not written", () => {
    const world = new PuppetWorld(kind);
    const before = world.sim.host("a").core.counts.commits;
    world.sim.tell(PUPPET_A, say("ignored"));
    world.sim.tell(PUPPET_A, obey());
    world.sim.run(20);
    expect(world.sim.host("a").core.counts.commits).toBe(before);
  });

  test("rule 3: a hint is never stored, and what its folding decided is", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(hint(PUPPET_B, obey(put(paints, "wall", { colour: "red" })))));
    world.sim.run(20);
    expect(world.keys("a", "o/")).toEqual([]);
    world.restart("b");
    expect(world.sim.host("b").core.tables.rows(paints).get("wall")).toEqual({ colour: "red" });
  });

  test("rule 3: a hint that a turn leaves over is not stored, whether it came from here or from another host", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ mailMax: 1000 })] });
    const host = world.sim.host("a");
    const hints = Array.from({ length: 700 }, (_, i) => say(`h${i}`));
    host.receive(
      "z",
      hints.map((event): Frame => ({
        kind: "mail",
        envelope: { to: PUPPET_A, from: "z/puppet/p", lane: "data", n: 0, label: "private", event },
      })),
    );
    host.turn();
    expect(host.core.cells.get(PUPPET_A)?.mailbox.dataLength).toBeGreaterThan(0);
    expect(world.keys("a", "m/")).toEqual([]);
    world.sim.run(50);
    world.sim.tell(PUPPET_A, obey(...hints.map((event) => hint(PUPPET_A, event))));
    host.turn();
    expect(host.core.cells.get(PUPPET_A)?.mailbox.dataLength).toBeGreaterThan(0);
    expect(world.keys("a", "m/")).toEqual([]);
  });

  test("rule 3: rows of a volatile table live in memory only", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(put(moods, "p", "cheerful")));
    world.sim.run(20);
    expect(world.sim.host("a").core.tables.rows(moods).get("p")).toBe("cheerful");
    expect(world.keys("a", "r/moods")).toEqual([]);
    world.restart("a");
    expect(world.sim.host("a").core.tables.rows(moods).size).toBe(0);
  });

  test("rule 4: mail folded in the turn it arrives is never written; what is left over is, and survives", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ mailMax: 1000 })] });
    const host = world.sim.host("a");
    host.receive(
      "z",
      Array.from({ length: 600 }, (_, i) => mail(i + 1, `m${i + 1}`)),
    );
    host.turn();
    const folded = heard(host, PUPPET_A).length;
    expect(folded).toBeGreaterThan(0);
    expect(folded).toBeLessThan(600);
    expect(world.keys("a", "m/")).toHaveLength(600 - folded);
    world.restart("a");
    expect(heard(world.sim.host("a"), PUPPET_A).filter((type) => type !== "restored")).toEqual(
      Array.from({ length: 600 }, (_, i) => `m${i + 1}`),
    );
    expect(world.keys("a", "m/")).toEqual([]);
  });

  test("rule 4: mail that waits for more than a turn is written once, and folded once after a crash", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ mailMax: 2000 })] });
    const host = world.sim.host("a");
    host.receive(
      "z",
      Array.from({ length: 1500 }, (_, i) => mail(i + 1, `m${i + 1}`)),
    );
    for (const _turn of [1, 2]) host.turn();
    const left = 1500 - heard(host, PUPPET_A).length;
    expect(left).toBeGreaterThan(0);
    expect(world.keys("a", "m/")).toHaveLength(left);
    world.restart("a");
    world.sim.run(1000);
    expect(heard(world.sim.host("a"), PUPPET_A).filter((type) => type !== "restored")).toHaveLength(1500);
  });

  test("rule 5: a duplicate from the same host is acknowledged and never folded twice", () => {
    const world = new PuppetWorld(kind);
    const host = world.sim.host("a");
    const sent: Frame[] = [];
    const { send } = host.core.options.transport;
    host.core.options.transport.send = (to, frames) => (to === "z" ? void sent.push(...frames) : send(to, frames));
    host.receive("z", [mail(7, "once")]);
    world.sim.run(20);
    host.receive("z", [mail(7, "once")]);
    world.sim.run(20);
    expect(heard(host, PUPPET_A)).toEqual(["once"]);
    expect(sent).toEqual([
      { kind: "ack", ns: [7] },
      { kind: "ack", ns: [7] },
    ]);
  });

  test("rule 5: the mark of a sending host survives a restart, and goes with the cell", () => {
    const world = new PuppetWorld(kind);
    world.sim.host("a").receive("z", [mail(7, "once")]);
    world.sim.run(20);
    world.restart("a");
    world.sim.host("a").receive("z", [mail(7, "once")]);
    world.sim.run(20);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["once", "restored"]);
    expect(world.keys("a", "k/")).toHaveLength(1);
    world.sim.tell(PUPPET_A, say("finish"));
    world.sim.run(20);
    expect(world.keys("a", "k/")).toEqual([]);
  });

  test("rule 5: the mark of the latest turn survives a restart, not only that of the first (UN1)", () => {
    const world = new PuppetWorld(kind);
    for (const n of [7, 8]) {
      world.sim.host("a").receive("z", [mail(n, `number ${n}`)]);
      world.sim.run(20);
    }
    world.restart("a");
    world.sim.host("a").receive("z", [mail(8, "number 8"), mail(9, "number 9")]);
    world.sim.run(20);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["number 7", "number 8", "restored", "number 9"]);
  });

  test("rule 5: a number is never used twice: not after a restart, nor by a host whose journal was thrown away", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("one"))));
    world.sim.run(20);
    const before = world.sim.host("a").core.outbox.next;
    world.restart("a");
    expect(world.sim.host("a").core.outbox.next).toBe(before);
    // A later birth begins above all that an earlier self can have used.
    expect(before).toBeGreaterThan((world.sim.clock.wallMs() - 1000) * 1000);
  });

  test("rule 5: what is told while the other host is away arrives once and in order when it comes", () => {
    const world = new PuppetWorld(kind);
    world.sim.cut("a", "b");
    for (const type of ["one", "two", "three"]) world.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say(type))));
    world.sim.run(100);
    world.restart("a");
    world.sim.heal("a", "b");
    world.sim.run(100);
    expect(heard(world.sim.host("b"), PUPPET_B)).toEqual(["one", "two", "three"]);
    expect(world.keys("a", "o/")).toEqual([]);
  });
});

test("rule 3: a volatile host writes nothing, tells once, and forgets everything at its end", () => {
  const { sim } = new PuppetWorld("simulated disks", { storage: "none" });
  sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("hello")), put(paints, "wall", { colour: "red" })));
  sim.run(50);
  expect(heard(sim.host("b"), PUPPET_B)).toEqual(["hello"]);
  expect(sim.host("a").core.outbox.size).toBe(0);
  sim.kill("a");
  sim.start("a");
  sim.run(50);
  expect(sim.host("a").core.tables.rows(paints).size).toBe(0);
  expect(heard(sim.host("a"), PUPPET_A)).toEqual([]);
});

const PUPPET_C: Address = "c/puppet/p";

describe("on simulated disks that are slow", () => {
  test("rule 4: mail is acknowledged, and an answer a client relies on is given, only when the disk has it", () => {
    const world = new PuppetWorld("simulated disks");
    const { sim } = world;
    sim.disk("b").slow = true;
    sim.tell(
      PUPPET_A,
      obey(tell(PUPPET_B, say("hello")), ask(PUPPET_B, say("may.i"), { ...question, deadlineMs: 60_000 })),
    );
    sim.run(50);
    const re = notesOf(sim.host("b"), PUPPET_B).find(({ event }) => event.type === "may.i")?.re;
    if (re === undefined) throw new Error("b was not asked");
    sim.tell(PUPPET_B, obey(reply(re, say("you.may"), "flush")));
    sim.run(50);
    expect(world.keys("a", "o/")).toHaveLength(1);
    expect(heard(sim.host("a"), PUPPET_A)).not.toContain("you.may");
    sim.disk("b").slow = false;
    sim.disk("b").flush();
    sim.run(50);
    expect(world.keys("a", "o/")).toEqual([]);
    expect(heard(sim.host("a"), PUPPET_A)).toContain("you.may");
  });

  test("rule 4: a volatile host of the same machine is told after the commit, unless a client will rely on it", () => {
    const world = new PuppetWorld("simulated disks", { machine: "one" });
    const { sim } = world;
    sim.add({
      id: "c",
      behaviours: [puppet()],
      tables: toyTables,
      roots: [["puppet", "p", {}]],
      machine: "one",
      storage: "none",
    });
    sim.run(50);
    sim.disk("a").slow = true;
    const asked = { ...question, deadlineMs: 60_000 };
    sim.tell(PUPPET_A, obey(tell(PUPPET_C, say("one")), ask(PUPPET_C, say("two"), { ...asked, name: "two" })));
    sim.tell(PUPPET_A, obey(ask(PUPPET_C, say("three"), { ...asked, name: "three", after: "flush" })));
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("one"))));
    sim.run(50);
    expect(heard(sim.host("c"), PUPPET_C)).toEqual(["one", "two"]);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual([]);
    sim.disk("a").slow = false;
    sim.disk("a").flush();
    sim.run(50);
    expect(heard(sim.host("c"), PUPPET_C)).toEqual(["one", "two", "three"]);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual(["one"]);
  });

  test("rule 5: mail that waited for the flush does not overtake what a new connection sends again", () => {
    const { sim } = new PuppetWorld("simulated disks");
    sim.hold("a", "b");
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("one"))));
    sim.run(20);
    sim.disk("a").slow = true;
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("two"))));
    sim.run(20);
    sim.cut("a", "b");
    sim.release("a", "b");
    sim.heal("a", "b");
    sim.run(20);
    sim.disk("a").slow = false;
    sim.disk("a").flush();
    sim.run(50);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual(["one", "two"]);
  });

  test("rule 5: what was to leave on a connection stays when the next is there before the turn is over", () => {
    const { sim } = new PuppetWorld("simulated disks");
    const host = sim.host("a");
    const sent: number[] = [];
    const { send } = host.core.options.transport;
    host.core.options.transport.send = (to, frames) => {
      if (to !== "z") return send(to, frames);
      for (const frame of frames) if (frame.kind === "mail") sent.push(frame.envelope.n);
    };
    host.peerUp("z", 1);
    sim.tell(PUPPET_A, obey(tell("z/puppet/p", say("one"))));
    sim.run(20);
    const [first = 0] = sent;
    host.receive("z", [{ kind: "gate", to: "z/puppet/p", n: first, open: true }]);
    host.peerUp("z", 2);
    sim.run(20);
    expect(sent).toEqual([first, first]);
  });

  test("rule 5: a loss of power cannot make a host use a number again that another host has seen", () => {
    const world = new PuppetWorld("simulated disks");
    const { sim } = world;
    sim.disk("a").flush();
    sim.disk("a").slow = true;
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("lost with the power"))));
    sim.run(50);
    sim.powerLoss("a");
    sim.disk("a").slow = false;
    sim.start("a");
    sim.run(50);
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("new")), del(paints, "nothing")));
    sim.run(50);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual(["new"]);
  });
});
