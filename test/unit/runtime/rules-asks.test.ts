/**
 * Kernel rule 2 (src/runtime/DESIGN.md), RM11: every ask has exactly one answer or failure.
 *
 * Method: two hosts of puppets on virtual time and a port answered by hand, on simulated disks and on real LMDB.
 */
import { describe, expect, test } from "vitest";
import { type AskOptions, ask, drop, reply, stop, spawn } from "../../../src/runtime/behaviour.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { deaf, heard, notesOf, obey, puppet } from "../../support/toy-machines.ts";

const HAND = "a/port/hand" as const;
const say = (type: string) => ({ type });
const again: AskOptions = { name: "q", deadlineMs: 5000, onRestart: "again" };
const once: AskOptions = { ...again, onRestart: "once" };

const heardAt = (world: PuppetWorld, id: "a" | "b"): string[] =>
  heard(world.sim.host(id), id === "a" ? PUPPET_A : PUPPET_B);
const only = <T>(found: readonly T[]): T => {
  expect(found).toHaveLength(1);
  return found[0] as T;
};
/** The open question that a puppet noted. */
const questionAt = (world: PuppetWorld, id: "a" | "b", type: string) => {
  const re = notesOf(world.sim.host(id), id === "a" ? PUPPET_A : PUPPET_B).find(({ event }) => event.type === type)?.re;
  if (re === undefined) throw new Error(`${id} was not asked ${type}`);
  return re;
};

describe.each(STORAGES)("on %s", (kind) => {
  test("rule 2: an ask is one row until its answer is folded, and a second answer is late", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("work"), again)));
    world.sim.run(20);
    const { id } = only(world.port.calls);
    expect(world.keys("a", "a/")).toHaveLength(1);
    world.port.answer(id, say("done"));
    world.port.answer(id, say("done.twice"));
    expect(world.sim.host("a").core.cells.get(PUPPET_A)?.mailbox.length).toBe(1);
    world.sim.run(20);
    world.port.answer(id, say("done.late"));
    world.sim.run(20);
    expect(heardAt(world, "a")).toEqual(["done"]);
    expect(world.keys("a", "a/")).toEqual([]);
    expect(world.sim.host("a").core.counts.late).toBe(2);
  });

  test("rule 2: after a restart an `again` ask is asked with the same id, and a `once` ask has failed", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(
      PUPPET_A,
      obey(ask(HAND, say("load"), again), ask(HAND, say("pay"), { ...once, name: "pay", key: "k1" })),
    );
    world.sim.run(20);
    const first = world.port.calls.map(({ id }) => id);
    world.restart("a");
    expect(world.port.calls.slice(2).map(({ id }) => id)).toEqual([first[0]]);
    const failed = notesOf(world.sim.host("a"), PUPPET_A).find(({ event }) => event.type === "pay.failed");
    expect(failed?.event).toMatchObject({ key: "k1", code: "host.restarted", class: "transient" });
    world.port.answer(first[0] ?? "", say("loaded"));
    world.sim.run(20);
    expect(heardAt(world, "a")).toEqual(["restored", "pay.failed", "loaded"]);
    expect(world.keys("a", "a/")).toEqual([]);
  });

  test("rule 2: at the deadline the ask fails, and whoever works on it is told to stop", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("work"), again), ask(PUPPET_B, say("help"), { ...again, name: "h" })));
    world.sim.run(6000);
    expect(heardAt(world, "a")).toEqual(["q.failed", "h.failed"]);
    expect(notesOf(world.sim.host("a"), PUPPET_A)[0]?.event).toMatchObject({ code: "ask.deadline" });
    expect(world.port.dropped).toEqual([only(world.port.calls).id]);
    expect(heardAt(world, "b")).toEqual(["help", "ask.dropped"]);
  });

  test("rule 2: the deadline of an ask belongs to its row, and runs on while the host is down", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("work"), again)));
    world.sim.run(20);
    world.sim.kill("a");
    world.sim.run(60_000);
    world.sim.start("a");
    world.sim.run(20);
    expect(heardAt(world, "a")).toEqual(["restored", "q.failed"]);
  });

  test("rule 2: drop deletes the row and aborts; the answer that comes after is late", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("work"), again)));
    world.sim.run(20);
    const { id } = only(world.port.calls);
    world.sim.tell(PUPPET_A, obey(drop("q")));
    world.sim.run(20);
    world.port.answer(id, say("done"));
    world.sim.run(20);
    expect(world.port.dropped).toEqual([id]);
    expect(heardAt(world, "a")).toEqual([]);
    expect(world.keys("a", "a/")).toEqual([]);
  });

  test("rule 2: to drop what was never asked, or is answered, is nothing", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(drop("q"), drop("q", "k")));
    world.sim.run(20);
    expect([world.sim.isUp("a"), world.port.dropped, world.keys("a", "d/")]).toEqual([true, [], []]);
  });

  test("rule 2: the same slot asked twice in one step drops the first, and the two have different ids", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("first"), again), ask(HAND, say("second"), again)));
    world.sim.run(20);
    const [first, second] = world.port.calls.map(({ id }) => id);
    expect(first).not.toBe(second);
    expect(world.port.dropped).toEqual([first]);
  });

  test("rule 2: a question dropped before it was folded is never folded", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "other", {})));
    world.sim.run(20);
    world.sim.tell(PUPPET_A, obey(ask("a/puppet/other", say("work"), again), drop("q")));
    world.sim.run(20);
    expect(heard(world.sim.host("a"), "a/puppet/other")).toEqual([]);
  });

  test("rule 2: what is asked while the other host is away is asked when it comes, a `once` ask too", () => {
    const world = new PuppetWorld(kind);
    world.sim.cut("a", "b");
    world.sim.tell(PUPPET_A, obey(ask(PUPPET_B, say("pay"), once)));
    world.sim.run(50);
    world.sim.heal("a", "b");
    world.sim.run(50);
    expect(heardAt(world, "b")).toEqual(["pay"]);
  });

  test("rule 2: a cell of the same host is asked and answers, once", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "other", {}), ask("a/puppet/other", say("may.i"), again)));
    world.sim.run(20);
    const re = only(notesOf(world.sim.host("a"), "a/puppet/other")).re;
    if (re === undefined) throw new Error("nobody was asked");
    world.sim.tell("a/puppet/other", obey(reply(re, say("you.may")), reply(re, say("you.may.not"))));
    world.sim.run(20);
    expect(heardAt(world, "a")).toEqual(["you.may"]);
    expect(world.keys("a", "a/")).toEqual([]);
  });

  test("rule 2: a question to nobody, to a cell that ends, that throws or that is deaf to it fails at once", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_B, obey(spawn("deaf", "d", {}), spawn("puppet", "ends", {})));
    world.sim.run(20);
    world.sim.tell(
      PUPPET_A,
      obey(
        ask("b/puppet/nobody", say("x"), { ...again, name: "nobody" }),
        ask("b/deaf/d", say("x"), { ...again, name: "deaf" }),
        ask("b/puppet/ends", say("throw.in.guard"), { ...again, name: "throws" }),
      ),
    );
    world.sim.run(50);
    world.sim.freeze("b");
    world.sim.tell(PUPPET_A, obey(ask("b/puppet/ends", say("x"), { ...again, name: "ends" })));
    world.sim.run(20);
    world.sim.tell("b/puppet/ends", say("finish"), "control");
    world.sim.thaw("b");
    world.sim.run(50);
    const failed = notesOf(world.sim.host("a"), PUPPET_A).map(({ event }) => [event.type, event["code"]]);
    expect(failed).toEqual([
      ["nobody.failed", "cell.gone"],
      ["deaf.failed", "defect"],
      ["throws.failed", "defect"],
      ["ends.failed", "cell.gone"],
    ]);
  });

  test("rule 2: a full cell answers mailbox.full; the question is not queued", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ mailMax: 1 }), deaf] });
    world.sim.tell(PUPPET_B, obey(spawn("puppet", "small", {})));
    world.sim.run(20);
    const slots = ["one", "two"].map((name) => ask("b/puppet/small", say(name), { ...again, name }));
    world.sim.tell(PUPPET_A, obey(...slots));
    world.sim.run(20);
    expect(heard(world.sim.host("b"), "b/puppet/small")).toEqual(["one"]);
    expect(notesOf(world.sim.host("a"), PUPPET_A).map(({ event }) => event["code"])).toEqual(["mailbox.full"]);
  });

  test("rule 2: after a lost connection an `again` ask is sent anew and a `once` ask waits for its answer", () => {
    const world = new PuppetWorld(kind);
    world.sim.hold("a", "b");
    world.sim.tell(
      PUPPET_A,
      obey(ask(PUPPET_B, say("load"), again), ask(PUPPET_B, say("pay"), { ...once, name: "pay" })),
    );
    world.sim.run(20);
    world.sim.cut("a", "b");
    world.sim.release("a", "b");
    world.sim.heal("a", "b");
    world.sim.run(50);
    expect(heardAt(world, "b")).toEqual(["load"]);
    world.sim.tell(PUPPET_B, obey(reply(questionAt(world, "b", "load"), say("loaded"))));
    world.sim.run(20);
    expect(heardAt(world, "a")).toEqual(["loaded"]);
    world.sim.run(5000);
    expect(heardAt(world, "a")).toEqual(["loaded", "pay.failed"]);
  });

  test("rule 2: when the host that was asked restarts, `again` is asked anew and `once` fails", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(
      PUPPET_A,
      obey(ask(PUPPET_B, say("load"), again), ask(PUPPET_B, say("pay"), { ...once, name: "pay" })),
    );
    world.sim.run(20);
    world.restart("b");
    expect(heardAt(world, "b")).toEqual(["load", "pay", "restored", "load"]);
    expect(notesOf(world.sim.host("a"), PUPPET_A).map(({ event }) => event["code"])).toEqual(["host.restarted"]);
  });

  test("rule 2: a cell that stops leaves no ask behind, and what it asked for is aborted", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", { commands: [ask(HAND, say("work"), again)] })));
    world.sim.run(20);
    world.sim.tell(PUPPET_A, obey(stop("a/puppet/child")));
    world.sim.tell(
      PUPPET_A,
      obey(spawn("puppet", "rash", { commands: [stop("a/puppet/rash"), ask(HAND, say("too.late"), again)] })),
    );
    world.sim.run(20);
    expect(world.port.dropped).toEqual([only(world.port.calls).id]);
    expect(world.sim.host("a").core.asks.size).toBe(0);
    expect(world.keys("a", "a/")).toEqual([]);
  });
});
