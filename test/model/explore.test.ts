/**
 * Goal: in whatever order messages, answers, times and faults come, no rule breaks and everything comes to rest.
 * Method: every interleaving of small configurations of the real hosts, breadth first; and the walk itself is held to
 * find defects that are planted, by the shortest way.
 *
 * @see tools/explore/main.ts; the larger configurations are in explore.long.test.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { Command } from "../../src/runtime/behaviour.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import { exploreAlone, machinesAlone } from "../../tools/explore/alone.ts";
import { type Configuration, configurations } from "../../tools/explore/configurations.ts";
import { run } from "../../tools/explore/main.ts";

const named = (name: string): Configuration => {
  const found = configurations.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no configuration ${name}`);
  return found;
};

/** The same hosts with one handler that answers something else. */
function planted(
  { options, ...rest }: Configuration,
  kind: string,
  action: string,
  wrong: (commands: readonly Command[]) => readonly Command[],
): Configuration {
  const durable = options.durable.map((spec) => ({
    ...spec,
    behaviours: spec.behaviours.map((behaviour) => {
      const handler = behaviour.handlers[action];
      if (behaviour.kind !== kind || handler === undefined) return behaviour;
      const replaced: typeof handler = (params, scope) => wrong(handler(params, scope));
      return { ...behaviour, handlers: { ...behaviour.handlers, [action]: replaced } };
    }),
  }));
  return { ...rest, options: { ...options, durable } };
}

const nothing = (): readonly Command[] => [];

describe("every interleaving", () => {
  test.each(["start", "download", "evict", "shutdown-fault"])("of %s keeps every rule, and comes to rest", (name) => {
    const found = run(named(name));
    expect(found.broken).toBeUndefined();
    expect(found).toMatchObject({ isWhole: true, beyond: 0 });
    expect(found.complete).toBeGreaterThan(0);
  });

  test.each(machinesAlone)("of what a machine may hear finds it named: $name", (each) => {
    const found = exploreAlone(each, () => 0);
    expect(found.broken).toBeUndefined();
    expect(found.states).toBeGreaterThan(5);
  });
});

describe("a planted defect is found, by a shortest way", () => {
  test("a hive that starts a process and books nothing (RJ3)", () => {
    const found = run(
      planted(named("worker"), "hive", "decide", (commands) => commands.filter((each) => each.do !== "put")),
    );
    expect(found.broken?.rule).toBe("RJ3: the process of w1 may live, and nothing is booked for it");
    expect(found.broken?.path.map((move) => move.replace(/ {2}\[.*/, ""))).toEqual([
      "somebody asks for a worker",
      "hive hears from queen: start.worker epoch=1 worker=w1 model=m",
      "w1 is measured",
      "hive hears from porter: answer measured",
    ]);
  });

  test("a job that ends twice for its readers (RJ1)", () => {
    const both = planted(named("job"), "job", "announceDone", (commands) => [
      ...commands,
      ...commands.flatMap((each): Command[] => {
        if (each.do !== "ask") return [];
        const failure = { code: "defect", class: "defect", message: "" };
        const event: Message & { end: unknown } = { ...each.event, end: { type: "error", failure } };
        return [{ ...each, event, options: { ...each.options, name: "again" } }];
      }),
    ]);
    expect(run(both).broken?.rule).toBe("RJ1: j1 ended as done and as failed");
  });

  test("a process whose end nobody waits for leaves the cluster without rest (RS6)", () => {
    const found = run(planted(named("shutdown-fault"), "process", "awaitReap", nothing));
    expect(found.broken?.rule).toMatch(/^it never comes to rest: .*v\d/);
  });

  test("a queen who stops her hives before she has told them so (RS1)", () => {
    const found = run(planted(named("shutdown-fault"), "queen", "drainHives", nothing));
    expect(found.broken?.rule).toMatch(/^it never comes to rest: RS1/);
    expect(found.broken?.path).toHaveLength(1);
  });

  test("a model that is crowded out and never looked at again (CR2)", () => {
    const deaf = planted(named("evict"), "queen", "noteVacated", (commands) =>
      commands.filter((each) => each.do !== "raise"),
    );
    expect(run(deaf).broken?.rule).toMatch(/^it never comes to rest: j\d+ is queued/);
  });

  test("a handler that throws, in the step that throws", () => {
    const broken = planted(named("start"), "hive", "answerInventory", () => {
      throw new Error("planted");
    });
    expect(run(broken).broken?.rule).toBe("inventory at hive: threw");
  });
});

test("what the bound cuts off is said, and nothing is claimed of it", () => {
  expect(run(named("worker"), 100)).toMatchObject({ isWhole: false, broken: undefined });
});

test("the same configuration is the same walk, state for state", () => {
  const { seconds: _first, ...first } = run(named("start"));
  const { seconds: _second, ...second } = run(named("start"));
  expect(second).toEqual(first);
});
