/**
 * W1-W4 of the simulated world, and each fault by its name: what a test of the cluster may rely on.
 */
import { describe, expect, test } from "vitest";
import { put, tell } from "../../src/runtime/behaviour.ts";
import { PUPPET_A, PUPPET_B, PuppetWorld } from "../support/puppet-world.ts";
import { heard, obey, paints } from "../support/toy-machines.ts";
import { SimWorld } from "./sim-world.ts";

const say = (type: string) => ({ type });
const world = () => new PuppetWorld("simulated disks");
const heardAtB = ({ sim }: PuppetWorld): string[] => heard(sim.host("b"), PUPPET_B);

describe("the simulated world", () => {
  test("W1 the same calls give the same hash, and another event another one", () => {
    const run = (word: string): string => {
      const { sim } = world();
      sim.tell(PUPPET_A, obey(tell(PUPPET_B, say(word))));
      sim.run(100);
      return sim.hash;
    };
    expect(run("hello")).toBe(run("hello"));
    expect(run("hello")).not.toBe(run("goodbye"));
  });

  test("W1 the seed decides what takes how long", () => {
    const draws = (seed: number): number[] =>
      Array.from({ length: 20 }, () => 0).map(
        (
          (rng) => () =>
            rng.int(0, 1000)
        )(new SimWorld(seed).rng),
      );
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)).not.toEqual(draws(2));
  });

  test("W2 hold keeps frames in order and release lets them go; cut loses them", () => {
    const held = world();
    held.sim.hold("a", "b");
    for (const type of ["one", "two"]) held.sim.tell(PUPPET_A, obey(tell(PUPPET_B, say(type))));
    held.sim.run(500);
    expect(heardAtB(held)).toEqual([]);
    held.sim.release("a", "b");
    held.sim.run(20);
    expect(heardAtB(held)).toEqual(["one", "two"]);
    held.sim.cut("a", "b");
    held.sim.tell(PUPPET_A, obey({ ...tell(PUPPET_B, say("hint")), volatile: true } as ReturnType<typeof tell>));
    held.sim.run(20);
    held.sim.heal("a", "b");
    held.sim.run(100);
    expect(heardAtB(held)).toEqual(["one", "two"]);
  });

  test("W3 kill keeps what was committed, powerLoss only what was flushed", () => {
    for (const [end, kept] of [
      ["kill", 1],
      ["powerLoss", 0],
    ] as const) {
      const { sim } = world();
      sim.disk("a").flush();
      sim.disk("a").slow = true;
      sim.tell(PUPPET_A, obey(put(paints, "wall", { colour: "red" })));
      sim.run(50);
      sim[end]("a");
      sim.start("a");
      expect([end, sim.host("a").core.tables.rows(paints).size]).toEqual([end, kept]);
    }
  });

  test("W4 what a killed host had said arrives where it shares a process with nobody, and else is lost with that", () => {
    for (const [isShared, arrived] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { sim } = world();
      let received = 0;
      sim.addEndpoint("porter", { receive: () => (received += 1) });
      sim.setDelay([30, 30]);
      sim.tell(PUPPET_A, obey({ ...tell("porter/door/main", say("hint")), volatile: true } as ReturnType<typeof tell>));
      sim.run(20);
      sim.kill("a");
      if (isShared) sim.endpointLost("porter", "a");
      sim.run(100);
      expect([isShared, received]).toEqual([isShared, arrived]);
    }
  });

  test("freeze stops a host and loses nothing; stop ends it cleanly and start finds it so", () => {
    const { sim } = world();
    sim.freeze("b");
    sim.tell(PUPPET_A, obey(tell(PUPPET_B, say("hello"))));
    sim.run(1000);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual([]);
    sim.thaw("b");
    sim.run(20);
    expect(heard(sim.host("b"), PUPPET_B)).toEqual(["hello"]);
    sim.stop("b");
    sim.start("b");
    expect(sim.host("b").core.carefulLeft).toBe(0);
  });
});
