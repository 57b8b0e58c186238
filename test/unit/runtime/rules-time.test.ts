/**
 * Kernel rule 8 (src/runtime/DESIGN.md), RL4: timers.
 *
 * Method: a puppet whose state `armed` has an `after` of a second, on virtual time.
 */
import { describe, expect, test } from "vitest";
import { ask } from "../../../src/runtime/behaviour.ts";
import { PUPPET_A, PuppetWorld, STORAGES } from "../../support/puppet-world.ts";
import { heard, notesOf, obey } from "../../support/toy-machines.ts";

const say = (type: string) => ({ type });

describe.each(STORAGES)("on %s", (kind) => {
  const rung = (world: PuppetWorld): number =>
    heard(world.sim.host("a"), PUPPET_A).filter((type) => type === "rang").length;

  test("rule 8: an armed timer fires once, not before it is due", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(995);
    expect(rung(world)).toBe(0);
    world.sim.run(3000);
    expect(rung(world)).toBe(1);
    expect(world.keys("a", "t/")).toEqual([]);
  });

  test("rule 8: a timer that was armed anew fires for the new arming only", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(600);
    world.sim.tell(PUPPET_A, say("rearm"));
    world.sim.run(600);
    expect(rung(world)).toBe(0);
    world.sim.run(500);
    expect(rung(world)).toBe(1);
  });

  test("rule 8: a timer that was disarmed never fires, and nothing of it is left, also over a restart", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(500);
    world.sim.tell(PUPPET_A, say("disarm"));
    world.sim.run(20);
    expect(world.keys("a", "t/")).toEqual([]);
    world.sim.run(2000);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual([]);
    world.restart("a");
    world.sim.run(2000);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["restored"]);
  });

  test("rule 8: a timer that is due but no longer armed at the moment of its step does nothing", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(500);
    world.sim.freeze("a");
    world.sim.run(5000);
    // Control comes before timers: the timer is in the mailbox when it is disarmed and armed anew.
    world.sim.thaw("a");
    world.sim.tell(PUPPET_A, say("rearm"), "control");
    world.sim.run(900);
    expect(rung(world)).toBe(0);
    world.sim.run(200);
    expect(rung(world)).toBe(1);
  });

  test("rule 8: a timer that came due while the host was down fires late, once", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(100);
    world.sim.kill("a");
    world.sim.run(60_000);
    world.sim.start("a");
    world.sim.run(50);
    expect(rung(world)).toBe(1);
    world.restart("a");
    world.sim.run(5000);
    expect(rung(world)).toBe(1);
  });

  test("rule 8: a timer armed before a restart fires when it would have", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(400);
    world.restart("a");
    world.sim.run(500);
    expect(rung(world)).toBe(0);
    world.sim.run(200);
    expect(rung(world)).toBe(1);
  });

  test("rule 8: timers and deadlines that stand outlive the many that no longer do", () => {
    const world = new PuppetWorld(kind);
    const asked = ask("a/port/hand", say("work"), { name: "q", deadlineMs: 3000, onRestart: "again" });
    world.sim.tell(PUPPET_A, say("arm"));
    // Each of them drops the one before it, and leaves its deadline in the heap.
    world.sim.tell(PUPPET_A, obey(...Array.from({ length: 1500 }, () => asked)));
    world.sim.run(50);
    world.sim.tell(PUPPET_A, obey());
    world.sim.run(50);
    expect(world.sim.host("a").core.due.size).toBeLessThan(1024);
    world.sim.run(3000);
    expect(heard(world.sim.host("a"), PUPPET_A)).toEqual(["rang", "q.failed"]);
  });

  test.each([-86_400_000, 86_400_000])(
    "rule 8: a wall clock that jumps by %d ms fires nothing early or twice",
    (jumpMs) => {
      const world = new PuppetWorld(kind);
      world.sim.tell(PUPPET_A, say("arm"));
      world.sim.run(100);
      world.sim.clock.jump(jumpMs);
      world.sim.run(850);
      expect(rung(world)).toBe(0);
      world.sim.run(200);
      expect(rung(world)).toBe(1);
      world.sim.tell(PUPPET_A, say("arm"));
      world.sim.run(950);
      world.sim.clock.jump(-jumpMs);
      expect(rung(world)).toBe(1);
      world.sim.run(5000);
      expect(rung(world)).toBe(2);
    },
  );

  test("rule 8: what a timer's step commands carries the label of the step that armed it", () => {
    const world = new PuppetWorld(kind);
    world.sim.tell(PUPPET_A, say("arm"));
    world.sim.run(100);
    world.restart("a");
    world.sim.run(2000);
    expect(notesOf(world.sim.host("a"), PUPPET_A).find(({ event }) => event.type === "rang")?.label).toBe("private");
  });
});
