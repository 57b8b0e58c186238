/**
 * Kernel rules 11 and 12 (src/runtime/DESIGN.md), RL3, RL5: what a restart brings back, what an end leaves, big state.
 *
 * Method: puppets on virtual time, killed and started again, on simulated disks and on real LMDB.
 */
import { describe, expect, test } from "vitest";
import { ask, del, put, spawn, stop, tell, watch } from "../../../src/runtime/behaviour.ts";
import type { HostOptions } from "../../../src/runtime/core.ts";
import type { Frame } from "../../../src/runtime/envelope.ts";
import { Host } from "../../../src/runtime/host.ts";
import { KEY, type Journal } from "../../../src/runtime/journal.ts";
import { SimClock } from "../../simulation/sim-clock.ts";
import { SimDisk } from "../../simulation/sim-journal.ts";
import { HandPort, PUPPET_A, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { deaf, heard, notesOf, obey, paints, puppet, toyTables } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });
const CHILD = "a/puppet/child" as const;

const hostOn = (journal: Journal, given: Partial<HostOptions> = {}): Host =>
  new Host({
    id: "a",
    behaviours: [puppet(), deaf],
    tables: toyTables,
    journal,
    clock: new SimClock(),
    transport: { send: () => {} },
    wake: () => {},
    ...given,
  });

/** A disk with one row on it. */
function diskWith(...rows: readonly (readonly [key: string, row: unknown])[]): SimDisk {
  const disk = new SimDisk();
  disk.open().commit(new Map(rows));
  return disk;
}

const CELL = { parent: null, input: null, label: "internal", incarnation: 1 };
const puppetRow = { address: "a/puppet/x", kind: "puppet", version: 1, ...CELL };
const whaleRow = { address: "a/whale/x", kind: "whale", version: 1, ...CELL };

describe.each(STORAGES)("on %s", (kind) => {
  test("rule 11: a restart brings back state, rows, index, timers, watches, children; `restored` comes first", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(
      PUPPET_A,
      obey(
        put(paints, "wall", { colour: "red" }),
        put(paints, "door", { colour: "red" }),
        spawn("puppet", "child", {}),
        watch(CHILD),
      ),
    );
    world.sim.tell(PUPPET_A, say("count"));
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(50);
    world.restart("a");
    const { core } = world.sim.host("a");
    const cell = core.cells.get(PUPPET_A);
    expect(cell?.snapshot?.value).toBe("armed");
    expect(cell?.snapshot?.context).toMatchObject({ count: 1 });
    expect([...core.tables.rows(paints).index.counts]).toEqual([["red", 2]]);
    expect([...(cell?.children ?? [])]).toEqual([CHILD]);
    expect(heard(world.sim.host("a"), PUPPET_A)[0]).toBe("restored");
    world.sim.tell(CHILD, say("finish"));
    world.sim.run(50);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["restored", "terminated"]);
  });

  test("rule 11: a cell that was born and not yet started when the host died starts, with its input and label", () => {
    const world = new PuppetWorld(kind);
    // So many are born that not all of them start in the turn of their birth.
    const born = Array.from({ length: 600 }, (_, i) =>
      spawn("puppet", `c${i}`, { commands: [tell(PUPPET_A, say(`c${i}`))] }),
    );
    world.sim.tell(PUPPET_A, obey(...born));
    world.sim.host("a").turn();
    expect(world.keys("a", "c/").length).toBeGreaterThan(world.keys("a", "s/").length);
    world.restart("a");
    world.sim.run(2000);
    const told = notesOf(world.sim.host("a"), PUPPET_A).filter(({ event }) => event.type.startsWith("c"));
    expect(new Set(told.map(({ event }) => event.type)).size).toBe(600);
    expect(told.every(({ label }) => label === "private")).toBe(true);
  });

  test("rule 11: serials are never used twice, also those of steps that wrote nothing before the host died", () => {
    const world = new PuppetWorld(kind);
    for (let i = 0; i < 50; i += 1) world.sim.tell(PUPPET_A, say("ignored"));
    world.sim.run(50);
    const before = world.sim.host("a").core.serial;
    world.sim.kill("a");
    world.sim.start("a");
    expect(world.sim.host("a").core.serial).toBeGreaterThanOrEqual(before);
  });

  test("rule 11: a cell is again what it was after its latest turn, however many steps each had (UN1)", () => {
    const world = new PuppetWorld(kind);
    for (const steps of [3, 2]) {
      for (let i = 0; i < steps; i += 1) world.sim.tell(PUPPET_A, say("count"));
      world.sim.run(20);
    }
    world.restart("a");
    expect(world.sim.host("a").core.cells.get(PUPPET_A)?.snapshot?.context).toMatchObject({ count: 5 });
  });

  test("rule 11: a cell that is told something, changes and ends, all in one turn, leaves nothing (RL5, UN2)", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {})));
    world.sim.run(20);
    const mail = (n: number, type: string): Frame => {
      const envelope = { to: CHILD, from: "z/puppet/p", lane: "data", n, label: "private", event: say(type) } as const;
      return { kind: "mail", envelope };
    };
    world.sim.host("a").receive("z", [mail(1, "count"), mail(2, "finish")]);
    world.sim.run(20);
    expect([...world.rows("a").keys()].filter((key) => key.includes(CHILD))).toEqual([]);
  });

  test("rule 11: a cell that ends, with its subtree, leaves nothing (RL5), and each watch ends once (RL3)", () => {
    const world = new PuppetWorld(kind);
    const grandchild = obey(spawn("puppet", "grandchild", {}), watch("a/puppet/grandchild"));
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {}), watch(CHILD), watch(CHILD)));
    world.sim.run(20);
    world.sim.tell(CHILD, grandchild);
    world.sim.run(20);
    world.sim.tell("a/puppet/grandchild", say("arm"));
    world.sim.tell(CHILD, say("arm"));
    world.sim.run(50);
    world.sim.tell(PUPPET_A, obey(stop(CHILD), watch("a/puppet/never")));
    world.sim.run(50);
    const ended = notesOf(world.sim.host("a"), PUPPET_A).map(({ event }) => [event["id"], event["reason"]]);
    expect(ended).toEqual([
      ["child", "stopped"],
      ["never", "unknown"],
    ]);
    const left = [...world.rows("a").keys()].filter((key) => /child/.test(key) && !key.startsWith("r/notes"));
    expect(left).toEqual([]);
    expect(world.sim.host("a").core.deadLetters.count).toBe(0);
  });

  test("rule 11: the watches of a cell that ends end with it, on disk too, also those of before a restart (RL5)", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", { commands: [watch(PUPPET_A)] })));
    world.sim.run(20);
    expect(world.keys("a", "w/")).toHaveLength(1);
    world.restart("a");
    world.sim.tell(PUPPET_A, obey(stop(CHILD)));
    world.sim.run(20);
    expect(world.keys("a", "w/")).toEqual([]);
    expect(world.sim.host("a").core.cells.get(PUPPET_A)?.watchers.size).toBe(0);
  });

  test("rule 11: a watcher hears of the end after the last thing that the dead one told it (RL3)", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {}), watch(CHILD)));
    world.sim.run(20);
    world.sim.tell(CHILD, obey(tell(PUPPET_A, say("last.words")), stop(CHILD)));
    world.sim.run(50);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["last.words", "terminated"]);
  });

  test("rule 11: to stop what is gone already is no mistake", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(stop("a/puppet/never"), tell(PUPPET_A, say("goes.on"))));
    world.sim.run(50);
    expect([world.sim.isUp("a"), heard(world.sim.host("a"), PUPPET_A)]).toEqual([true, ["goes.on"]]);
  });

  test("rule 11: a child may be stopped and born anew in one step", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, obey(spawn("puppet", "child", {})));
    world.sim.tell(CHILD, say("count"));
    world.sim.run(50);
    world.sim.tell(PUPPET_A, obey(stop(CHILD), spawn("puppet", "child", {})));
    world.sim.run(50);
    expect(world.sim.host("a").core.cells.get(CHILD)?.snapshot?.context).toMatchObject({ count: 0 });
  });

  test("rule 12: rows deleted and changed leave the same index in memory as one rebuilt from what is on disk", () => {
    const world = new PuppetWorld(kind);
    const colours = ["red", "blue", "green"];
    const all = Array.from({ length: 300 }, (_, i) =>
      put(paints, `k${i % 100}`, { colour: colours[(i * 7) % 3] ?? "red" }),
    );
    world.sim.tell(PUPPET_A, obey(...all));
    world.sim.run(50);
    world.sim.tell(PUPPET_A, obey(...Array.from({ length: 30 }, (_, i) => del(paints, `k${i * 3}`))));
    world.sim.run(50);
    const sorted = (): unknown => [...world.sim.host("a").core.tables.rows(paints).index.counts].toSorted();
    const before = sorted();
    world.restart("a");
    expect(sorted()).toEqual(before);
    expect(world.keys("a", "r/paints")).toHaveLength(world.sim.host("a").core.tables.rows(paints).size);
  });
});

describe("on a simulated disk", () => {
  test("rule 11: a clean stop is known as one, and a crash as none", () => {
    const disk = new SimDisk();
    const first = hostOn(disk.open());
    expect(first.open().clean).toBe(true);
    first.root("puppet", "p", {});
    first.turn();
    first.close();
    const second = hostOn(disk.open());
    expect(second.open().clean).toBe(true);
    second.turn();
    expect(hostOn(disk.open()).open().clean).toBe(false);
  });

  test("rule 11: a life that had nothing to write is known to have begun when it crashes", () => {
    const disk = new SimDisk();
    const first = hostOn(disk.open());
    first.open();
    // It hears `restored`, and has nothing to say to that.
    first.root("deaf", "d", {});
    first.turn();
    first.close();
    const second = hostOn(disk.open());
    second.open();
    second.turn();
    expect(hostOn(disk.open()).open().clean).toBe(false);
  });

  test("rule 10: a host that starts on a full disk and has nothing to say goes on", () => {
    const disk = new SimDisk();
    disk.full = true;
    const host = hostOn(disk.open(), { disk, headroomBytes: 1 });
    host.open();
    expect([host.turn(), host.crashed, host.core.refusing?.freeBytes]).toEqual([false, undefined, 0]);
  });

  test("rule 11: mail that came and was not yet folded when its host stopped is folded by the next (RM2)", () => {
    const disk = new SimDisk();
    const first = hostOn(disk.open());
    first.open();
    first.root("puppet", "p", {});
    first.turn();
    first.receive("z", [
      {
        kind: "mail",
        envelope: { to: PUPPET_A, from: "z/x/y", lane: "data", n: 1, label: "private", event: say("m1") },
      },
    ]);
    first.close();
    const second = hostOn(disk.open());
    second.open();
    second.turn();
    expect(heard(second, PUPPET_A)).toEqual(["restored", "m1"]);
  });

  test("rule 11: what is open to a port that is not there any more has failed", () => {
    const disk = new SimDisk();
    const hand = new HandPort();
    const first = hostOn(disk.open(), { ports: { hand } });
    first.open();
    const asked = ask("a/port/hand", say("work"), { name: "q", deadlineMs: 1000, onRestart: "again" });
    first.root("puppet", "p", { commands: [asked] });
    first.turn();
    expect(hand.calls).toHaveLength(1);
    first.close();
    const second = hostOn(disk.open());
    second.open();
    second.turn();
    expect([second.crashed, heard(second, PUPPET_A)]).toEqual([undefined, ["restored", "q.failed"]]);
  });

  test("rule 11: a host that breaks in the midst of a turn commits nothing of it, also when it is closed", () => {
    const disk = new SimDisk();
    const host = hostOn(disk.open(), {
      observe: ({ event }) => {
        if (event.type === "ignored") throw new Error("an observer breaks");
      },
    });
    host.open();
    host.root("puppet", "p", {});
    host.turn();
    const before = new Map(disk.rows);
    const tellAll = (event: { readonly type: string }): void =>
      host.receive("z", [
        { kind: "mail", envelope: { to: PUPPET_A, from: "z/x/y", lane: "data", n: 0, label: "private", event } },
      ]);
    tellAll(say("count"));
    tellAll(say("ignored"));
    expect(host.turn()).toBe(false);
    expect(host.crashed?.error).toEqual(new Error("an observer breaks"));
    host.close();
    expect(disk.rows).toEqual(before);
  });

  test.each([
    ["a cell of a newer version", { "c/a/puppet/x": { ...puppetRow, version: 2 } }],
    ["a cell of an unknown kind", { "c/a/whale/x": whaleRow }],
    [
      "a snapshot of a newer version",
      { "c/a/puppet/x": puppetRow, "s/a/puppet/x": { version: 2, value: "idle", context: {} } },
    ],
    [
      "a cell in an unknown state",
      { "c/a/puppet/x": puppetRow, "s/a/puppet/x": { version: 1, value: "dancing", context: {} } },
    ],
    ["a row of a newer version", { "r/paints/k": { table: "paints", key: "k", version: 2, row: {} } }],
    ["a row of an unknown table", { "r/whales/k": { table: "whales", key: "k", version: 1, row: {} } }],
  ])("rule 11: %s is refused with advice, and nothing is changed", (_what, rows) => {
    const disk = diskWith(...Object.entries(rows));
    const host = hostOn(disk.open());
    expect(() => host.open()).toThrow(expect.objectContaining({ code: "journal.newer" }));
    expect(disk.commits).toBe(1);
  });

  test("rule 11: what an older version wrote is refused as such, never read as if it were new", () => {
    const older: readonly (readonly [string, unknown])[] = [
      ["c/a/puppet/x", { ...puppetRow, version: 0 }],
      ["r/paints/k", { table: "paints", key: "k", version: 0, row: {} }],
    ];
    for (const row of older) {
      const disk = diskWith(row);
      expect(() => hostOn(disk.open()).open(), row[0]).toThrow(expect.objectContaining({ code: "journal.older" }));
      expect(disk.commits).toBe(1);
    }
  });

  test("rule 11: what waited for a cell of this host that is gone is a dead letter, and leaves the outbox", () => {
    const letter = { to: CHILD, from: PUPPET_A, lane: "data", n: 1, label: "private", event: say("late") };
    const disk = diskWith([KEY.meta, { serial: 1, out: 2, clean: true }], [KEY.out(1), letter]);
    const host = hostOn(disk.open());
    host.open();
    host.turn();
    expect([host.core.outbox.size, host.core.deadLetters.count, disk.rows.has(KEY.out(1))]).toEqual([0, 1, false]);
  });

  test("rule 12: rows that a restart read are not written again by the first step after it", () => {
    const wall = { table: "paints", key: "wall", version: 1, row: { colour: "red" } };
    const disk = diskWith([KEY.row("paints", "wall"), wall]);
    const journal = disk.open();
    const written: string[] = [];
    const host = hostOn({
      ...journal,
      commit(writes) {
        written.push(...Array.from(writes, ([key]) => key));
        journal.commit(writes);
      },
    });
    host.open();
    host.root("puppet", "p", {});
    host.turn();
    expect(written).toContain("c/a/puppet/p");
    expect(written).not.toContain(KEY.row("paints", "wall"));
  });

  test("rule 12: a table of 100,000 rows stands again, with its index, in time that grows with their number", () => {
    const disk = new SimDisk();
    const writes = new Map<string, unknown>();
    for (let i = 0; i < 100_000; i += 1) {
      const key = `k${i}`;
      writes.set(KEY.row("paints", key), { table: "paints", key, version: 1, row: { colour: `c${i % 100}` } });
    }
    disk.open().commit(writes);
    const journal = disk.open();
    const rows = [...journal.rows()];
    const startedMs = performance.now();
    const host = hostOn({ ...journal, rows: () => rows });
    host.open();
    const tookMs = performance.now() - startedMs;
    expect(host.core.tables.rows(paints).index.counts.get("c7")).toBe(1000);
    // About 0.3 s on an idle core; were it quadratic, it would be minutes.
    expect(tookMs).toBeLessThan(10_000);
  });
});
