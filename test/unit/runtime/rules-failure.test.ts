/**
 * Kernel rules 9 and 10 (src/runtime/DESIGN.md), RM7, RL2: what throws, what kills a host, a full disk.
 *
 * Method: puppets that throw, and one event that no journal can store, which kills the host at its commit.
 */
import { describe, expect, test } from "vitest";
import { type AskOptions, ask, put, raise, spawn, tell, watch } from "../../../src/runtime/behaviour.ts";
import type { Frame } from "../../../src/runtime/envelope.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { deaf, heard, notesOf, obey, paints, puppet } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });
const CHILD = "a/puppet/child" as const;
const HAND = "a/port/hand" as const;
const again: AskOptions = { name: "q", deadlineMs: 60_000, onRestart: "again" };

const mail = (n: number, event: { readonly type: string }): Frame => ({
  kind: "mail",
  envelope: { to: PUPPET_A, from: "z/puppet/p", lane: "data", n, label: "private", event },
});
/** Kills the host at the commit of its step. */
const poison = say("poison");

const reasons = (world: PuppetWorld): unknown[] =>
  world.keys("a", "d/").map((key) => (world.rows("a").get(key) as { why: unknown }).why);

describe.each(STORAGES)("on %s", (kind) => {
  test.each(["throw.in.handler", "throw.in.guard"])(
    "rule 9: a step that throws (%s) is a dead letter and keeps nothing",
    (type) => {
      const world = new PuppetWorld(kind);
      world.sim.host("a").receive("z", [mail(1, say(type)), mail(2, say("next"))]);
      world.sim.run(50);
      const host = world.sim.host("a");
      expect(heard(host, PUPPET_A).toSorted()).toEqual(["next", "restored"]);
      expect(host.core.tables.rows(paints).size).toBe(0);
      expect(host.core.cells.get(PUPPET_A)?.snapshot?.value).toBe("idle");
      expect(world.keys("a", "t/")).toEqual([]);
      expect(reasons(world)).toEqual(["threw"]);
      // Never retried: acknowledged, and not folded again after a restart.
      world.restart("a");
      expect(reasons(world)).toEqual(["threw"]);
    },
  );

  test("rule 9: rows that one handler put are undone, in the index too, when a later one throws", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(put(paints, PUPPET_A, { colour: "white" })));
    world.sim.tell(PUPPET_A, say("throw.in.handler"));
    world.sim.run(50);
    const rows = world.sim.host("a").core.tables.rows(paints);
    expect(rows.get(PUPPET_A)).toEqual({ colour: "white" });
    expect([...rows.index.counts]).toEqual([["white", 1]]);
  });

  test("rule 9: a cell that throws more often than its intensity is stopped once, and who watches it hears why", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {}), watch(CHILD)));
    world.sim.run(20);
    for (let i = 0; i < 6; i += 1) world.sim.tell(CHILD, say("throw.in.guard"));
    world.sim.run(50);
    const ended = notesOf(world.sim.host("a"), PUPPET_A).filter(({ event }) => event.type === "terminated");
    expect(ended.map(({ event }) => event["reason"])).toEqual(["defect"]);
    expect(world.keys("a", `c/${CHILD}`)).toEqual([]);
  });

  test("rule 9: restarts that are far apart do not add up", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {})));
    for (let i = 0; i < 8; i += 1) {
      world.sim.run(61_000);
      world.sim.tell(CHILD, say("throw.in.guard"));
    }
    world.sim.run(50);
    expect(world.sim.host("a").core.cells.get(CHILD)?.incarnation).toBe(9);
  });

  test("rule 9: mail that kills its host is dead at the third time, and what was behind it is folded", () => {
    const world = new PuppetWorld(kind, { restartMs: 100 });
    const host = world.sim.host("a");
    host.receive("z", [mail(1, say("before")), mail(2, say("same.turn"))]);
    host.turn();
    // Another host sends it again after every restart, as long as it is not acknowledged.
    world.sim.keepTrace = true;
    for (let i = 0; i < 5; i += 1) {
      if (world.sim.isUp("a")) world.sim.host("a").receive("z", [mail(3, poison), mail(4, say("behind"))]);
      world.sim.run(150);
    }
    expect(world.sim.trace.filter((line) => line.includes("crashed"))).toHaveLength(3);
    const told = heard(world.sim.host("a"), PUPPET_A).filter((type) => type !== "restored");
    expect(told).toEqual(["before", "same.turn", "behind"]);
    expect(reasons(world)).toEqual(["killed its host"]);
    expect(world.keys("a", "x/")).toEqual([]);
  });

  test("rule 9: many cells that hear `restored` first do not use up the care for mail", () => {
    const world = new PuppetWorld(kind, { restartMs: 100 });
    world.sim.tell(PUPPET_A, obey(...Array.from({ length: 400 }, (_, i) => spawn("puppet", `c${i}`, {}))));
    world.sim.run(100);
    for (let i = 0; i < 6 && reasons(world).length === 0; i += 1) {
      world.sim.host("a").receive("z", [mail(3, poison)]);
      world.sim.run(1000);
    }
    expect(reasons(world)).toEqual(["killed its host"]);
  });

  test("rule 9: a timer or an answer that kills its host is dead at the third time too", () => {
    const world = new PuppetWorld(kind, { restartMs: 100 });
    world.sim.tell(PUPPET_A, obey(ask(HAND, say("work"), again)));
    world.sim.run(20);
    for (let i = 0; i < 6 && reasons(world).length === 0; i += 1) {
      world.port.answer(world.port.calls.at(-1)?.id ?? "", poison);
      world.sim.run(300);
    }
    expect(reasons(world)).toEqual(["killed its host"]);
    expect(world.keys("a", "a/")).toEqual([]);
    world.sim.run(1000);
    expect(world.sim.isUp("a")).toBe(true);
  });

  test("rule 9: an event the state does not know is a dead letter; one it knows and ignores is not", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("deaf", "d", {})));
    world.sim.run(20);
    for (const type of ["ping", "pong"]) world.sim.tell("a/deaf/d", say(type));
    world.sim.tell(PUPPET_A, say("ignored"));
    world.sim.run(20);
    expect(reasons(world)).toEqual(["unhandled"]);
  });

  test.each([
    ["spawns an address twice", [spawn("puppet", "x", {}), spawn("puppet", "x", {})]],
    ["spawns what is no kind", [spawn("whale", "x", {})]],
    ["asks a port that is not there", [ask("a/port/nowhere", say("work"), again)]],
    ["tells what is no address", [spawn("puppet", "x", {}), tell("b" as "b/c/d", say("lost"))]],
    ["tells nothing at all", [spawn("puppet", "x", {}), tell(undefined as unknown as "b/c/d", say("lost"))]],
    ["raises nothing", [spawn("puppet", "x", {}), raise(undefined as unknown as { type: string })]],
    ["watches a cell of another host", [spawn("puppet", "x", {}), watch(PUPPET_B)]],
  ])("rule 9: a step that %s is refused as a whole", (_what, commands) => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("half")), ...commands));
    world.sim.run(50);
    expect(heard(world.sim.host("b"), PUPPET_B)).toEqual([]);
    expect(world.keys("a", "c/a/puppet/x")).toEqual([]);
    expect(world.keys("a", "o/")).toEqual([]);
    expect(reasons(world)).toEqual(["threw"]);
  });

  test("rule 9: what an event raises carries its label", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(raise(obey(tell(PUPPET_B, say("secret.kept"))))));
    world.sim.run(50);
    expect(notesOf(world.sim.host("b"), PUPPET_B)[0]?.label).toBe("private");
  });

  test("rule 10: a refused commit is a crash; the host restarts refusing, and admits again when there is room", () => {
    const world = new PuppetWorld(kind, { restartMs: 100, headroomBytes: 1000 });
    world.storage("a").full = true;
    world.sim.tell(PUPPET_A, say("count"));
    world.sim.run(50);
    expect(world.sim.isUp("a")).toBe(false);
    // Somebody made a little room: too little to go on as before.
    world.storage("a").full = false;
    world.storage("a").roomBytes = 500;
    world.sim.run(300);
    expect(world.sim.host("a").core.refusing).toBe(true);
    world.storage("a").roomBytes = 1e9;
    world.sim.run(2000);
    world.sim.tell(PUPPET_A, say("hello"));
    world.sim.run(50);
    expect(notesOf(world.sim.host("a"), PUPPET_A).at(-1)).toMatchObject({ event: { type: "hello" }, refusing: false });
  });

  test("rule 10: a host with no headroom left says so to its handlers before a commit fails", () => {
    const world = new PuppetWorld(kind, { headroomBytes: 2e12, behaviours: [puppet(), deaf] });
    world.sim.tell(PUPPET_A, say("hello"));
    world.sim.run(50);
    expect(notesOf(world.sim.host("a"), PUPPET_A).at(-1)?.refusing).toBe(true);
  });
});
