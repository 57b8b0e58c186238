/**
 * Kernel rules 9 and 10 (src/runtime/DESIGN.md), RM7, RL2: what throws, what kills a host, a full disk.
 *
 * Method: puppets that throw, and one event that no journal can store, which kills the host at its commit.
 */
import { describe, expect, test } from "vitest";
import { type AskOptions, ask, put, raise, reply, spawn, tell, watch } from "../../../src/runtime/behaviour.ts";
import type { Frame } from "../../../src/runtime/envelope.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { DEAD_LETTERS_MAX } from "../../../src/runtime/dead-letters.ts";
import { table } from "../../../src/runtime/tables.ts";
import { deaf, heard, notesOf, obey, paints, puppet, toyTables } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });
const CHILD = "a/puppet/child" as const;
const HAND = "a/port/hand" as const;
const again: AskOptions = { name: "q", deadlineMs: 60_000, onRestart: "again" };

const mail = (n: number, event: { readonly type: string }): Frame => ({
  kind: "mail",
  envelope: { to: PUPPET_A, from: "z/puppet/p", lane: "data", n, label: "private", event },
});
const NOBODY = { to: "a/puppet/nobody", from: "z/puppet/p", lane: "data", label: "private" } as const;
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

  test("rule 9: a cell is restarted as often as its intensity allows, and at the next throw not once more (RL2)", () => {
    const world = new PuppetWorld(kind, {
      behaviours: [puppet({ restarts: { max: 2, windowMs: 60_000 } }), deaf],
    });
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {}), watch(CHILD)));
    world.sim.run(20);
    const incarnationAfterThrow = (): number | undefined => {
      world.sim.tell(CHILD, say("throw.in.guard"));
      world.sim.run(20);
      return world.sim.host("a").core.cells.get(CHILD)?.incarnation;
    };
    expect([incarnationAfterThrow(), incarnationAfterThrow(), incarnationAfterThrow()]).toEqual([2, 3, undefined]);
  });

  test("rule 9: a cell that nobody spawned takes its host down when it throws too often, and nothing of that turn", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ restarts: { max: 1, windowMs: 60_000 } }), deaf] });
    world.sim.tell(PUPPET_A, say("throw.in.guard"));
    world.sim.run(20);
    expect(world.sim.isUp("a")).toBe(true);
    world.sim.tell(PUPPET_A, obey(put(paints, "wall", { colour: "red" })));
    for (const type of ["throw.in.guard", "behind"]) world.sim.tell(PUPPET_A, say(type));
    world.sim.run(20);
    expect(world.sim.isUp("a")).toBe(false);
    expect([world.keys("a", "r/paints"), reasons(world)]).toEqual([[], ["threw"]]);
  });

  test("rule 9: a cell that throws at its birth has nothing to go on from: it is stopped at once", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", { commands: [spawn("whale", "x", {})] }), watch(CHILD)));
    world.sim.run(50);
    const ended = notesOf(world.sim.host("a"), PUPPET_A).map(({ event }) => [event.type, event["reason"]]);
    expect(ended).toEqual([["terminated", "defect"]]);
    expect([reasons(world), world.keys("a", `c/${CHILD}`)]).toEqual([["threw"], []]);
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
    // As if its step had thrown: the cell goes on from its last good snapshot, and is told so.
    expect(world.sim.host("a").core.cells.get(PUPPET_A)?.incarnation).toBe(2);
  });

  test("rule 9: whoever was tried when a disk refused commits is not to blame, however often that happens", () => {
    const world = new PuppetWorld("simulated disks", { restartMs: 100 });
    const disk = world.sim.disk("a");
    world.sim.kill("a");
    world.sim.start("a");
    const committed = (): void => {
      disk.nextCommit = "refused";
    };
    disk.heard = { committed, flushed: () => {}, lost: () => {} };
    for (let i = 0; i < 12; i += 1) {
      if (world.sim.isUp("a")) world.sim.host("a").receive("z", [mail(3, say("innocent"))]);
      world.sim.run(150);
    }
    disk.heard = undefined;
    world.sim.run(500);
    world.sim.host("a").receive("z", [mail(3, say("innocent"))]);
    world.sim.run(500);
    expect(heard(world.sim.host("a"), PUPPET_A)).toContain("innocent");
    expect([reasons(world), world.keys("a", "x/")]).toEqual([[], []]);
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

  test("rule 9: care ends: after a crash so many are tried one a turn, and then as many as fit", () => {
    const world = new PuppetWorld(kind, { behaviours: [puppet({ mailMax: 1000 }), deaf] });
    world.sim.kill("a");
    world.sim.start("a");
    const host = world.sim.host("a");
    host.receive(
      "z",
      Array.from({ length: 400 }, (_, i) => mail(i + 1, say(`m${i + 1}`))),
    );
    world.sim.run(1000);
    expect(heard(host, PUPPET_A)).toHaveLength(401);
    expect([host.core.carefulLeft, host.core.tries.size, world.keys("a", "x/")]).toEqual([0, 0, []]);
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

  test("rule 9: dead letters are kept up to a bound, the oldest goes first, also over a restart", () => {
    const world = new PuppetWorld(kind);
    const lost = (from: number, count: number): void =>
      world.sim.host("a").receive(
        "z",
        Array.from({ length: count }, (_, i) => ({
          kind: "mail",
          envelope: { ...NOBODY, n: from + i, event: say(`m${from + i}`) },
        })),
      );
    const types = (): unknown[] =>
      [...world.rows("a")].filter(([key]) => key.startsWith("d/")).map(([, row]) => (row as { type: unknown }).type);
    lost(1, DEAD_LETTERS_MAX + 2);
    world.sim.run(20);
    expect([types().length, types()[0]]).toEqual([DEAD_LETTERS_MAX, "m3"]);
    world.restart("a");
    lost(DEAD_LETTERS_MAX + 3, 1);
    world.sim.run(20);
    expect([types().length, types()[0]]).toEqual([DEAD_LETTERS_MAX, "m4"]);
  });

  test("rule 9: a step that changes a table of another kind is refused as a whole", () => {
    const foreign = table<string>({ name: "hive.only", owner: "hive" });
    const world = new PuppetWorld(kind, { tables: [...toyTables, foreign] });
    world.sim.tell(PUPPET_A, obey(put(paints, "wall", { colour: "red" }), put(foreign, "k", "v")));
    world.sim.run(50);
    expect([world.sim.host("a").core.tables.rows(foreign).size, world.keys("a", "r/paints")]).toEqual([0, []]);
    expect(reasons(world)).toEqual(["threw"]);
  });

  test.each([
    ["spawns an address twice", [spawn("puppet", "x", {}), spawn("puppet", "x", {})]],
    ["spawns what is no kind", [spawn("whale", "x", {})]],
    ["asks a port that is not there", [ask("a/port/nowhere", say("work"), again)]],
    ["tells what is no address", [spawn("puppet", "x", {}), tell("b" as "b/c/d", say("lost"))]],
    ["tells nothing at all", [spawn("puppet", "x", {}), tell(undefined as unknown as "b/c/d", say("lost"))]],
    ["asks what is no address", [spawn("puppet", "x", {}), ask("b" as "b/c/d", say("work"), again)]],
    ["asks nothing", [spawn("puppet", "x", {}), ask(PUPPET_B, undefined as unknown as { type: string }, again)]],
    ["answers what is no address", [spawn("puppet", "x", {}), reply({ id: "q", from: "b" as "b/c/d" }, say("yes"))]],
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
    expect(world.sim.host("a").core.refusing).toEqual({ freeBytes: 500, headroomBytes: 1000 });
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
