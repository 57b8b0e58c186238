/**
 * Pins what src/runtime/step.ts (S1-S4) relies on in XState. A new version of it is taken when these pass.
 */
import { describe, expect, test } from "vitest";
import { assign, raise, setup } from "xstate";
import { effect } from "../../../machines/effect.ts";
import { type Emitted, names, restore, type Snapshot, start, step, store } from "../../../src/runtime/step.ts";

let ran: string[] = [];

const machine = setup({
  types: { input: {} as { name: string }, context: {} as { name: string; count: number } },
  actions: {
    tell: effect<{ word: string }>(),
    entered: effect(),
    left: effect(),
    runs: () => void ran.push("runs"),
  },
  guards: {
    breaks: () => {
      throw new Error("guard");
    },
  },
  delays: { soon: 500, perName: ({ context }) => context.count * 100 },
}).createMachine({
  id: "toy",
  context: ({ input }) => ({ name: input.name, count: 0 }),
  initial: "one",
  entry: { type: "tell", params: ({ context }) => ({ word: context.name }) },
  on: {
    count: {
      actions: [assign({ count: ({ context }) => context.count + 1 }), { type: "tell", params: { word: "counted" } }],
    },
    quiet: {},
    "guard.breaks": { guard: "breaks", target: ".two" },
    "assign.breaks": {
      actions: [
        { type: "tell", params: { word: "lost" } },
        assign({
          count: () => {
            throw new Error("assign");
          },
        }),
      ],
    },
    "action.runs": { actions: "runs" },
    ring: { actions: { type: "tell", params: { word: "bell" } } },
    chain: { actions: [raise({ type: "ring" }), { type: "tell", params: { word: "chained" } }] },
    later: { actions: raise({ type: "ring" }, { delay: 700, id: "later-bell" }) },
  },
  states: {
    one: { entry: "entered", exit: "left", on: { go: "two" } },
    two: {
      after: { soon: "three", perName: { actions: { type: "tell", params: { word: "by name" } } } },
      on: { again: { target: "two", reenter: true }, back: "one" },
    },
    three: { type: "final" },
  },
});

const at = (...types: readonly string[]): readonly [Snapshot, readonly Emitted[]] => {
  let [snapshot, emitted] = start(machine, { name: "ada" });
  for (const type of types) [snapshot, emitted] = step(machine, snapshot, { type });
  return [snapshot, emitted];
};
const words = (emitted: readonly Emitted[]): unknown[] =>
  emitted.map((one) =>
    one.kind === "action" ? ((one.params as { word?: string } | undefined)?.word ?? one.type) : `${one.kind} ${one.id}`,
  );

describe("a step of XState", () => {
  test("S1 actions come back as data, in order, with their parameters, and nothing runs", () => {
    ran = [];
    expect(words(at()[1])).toEqual(["ada", "entered"]);
    expect(words(at("count")[1])).toEqual(["counted"]);
    expect(words(at("action.runs")[1])).toEqual(["runs"]);
    expect(ran).toEqual([]);
  });

  test("S1 the snapshot before a step is not touched by it", () => {
    const [before] = at();
    const context = before.context;
    step(machine, before, { type: "count" });
    step(machine, before, { type: "go" });
    expect(before.value).toBe("one");
    expect(before.context).toBe(context);
    expect(context).toEqual({ name: "ada", count: 0 });
  });

  test("S2 an undelayed raise is handled inside the step and is not emitted", () => {
    expect(words(at("chain")[1])).toEqual(["chained", "bell"]);
  });

  test("a delayed raise is an arming with its id, its delay and its event", () => {
    expect(at("later")[1]).toEqual([{ kind: "arm", id: "later-bell", delayMs: 700, event: { type: "ring" } }]);
  });

  test("an `after` is armed at entry under its state's path, the same at each entry, and disarmed at exit", () => {
    const [two, entered] = at("count", "go");
    const arms = entered.filter((one) => one.kind === "arm");
    expect(arms.map(({ id, delayMs }) => [id, delayMs])).toEqual([
      ["xstate.after.soon.toy.two", 500],
      ["xstate.after.perName.toy.two", 100],
    ]);
    const [, again] = step(machine, two, { type: "again" });
    expect(words(again)).toEqual([
      "disarm xstate.after.soon.toy.two",
      "disarm xstate.after.perName.toy.two",
      "arm xstate.after.soon.toy.two",
      "arm xstate.after.perName.toy.two",
    ]);
    const soon = arms[0];
    if (soon === undefined) throw new Error("nothing is armed");
    const [done, fired] = step(machine, two, soon.event);
    expect(done.status).toBe("done");
    // A cancel comes for the timer that fired, too.
    expect(words(fired)).toContain("disarm xstate.after.soon.toy.two");
  });

  test.each(["guard.breaks", "assign.breaks"])(
    "S3 what throws (%s) leaves as it is, and the next step starts clean",
    (type) => {
      const [before] = at();
      expect(() => step(machine, before, { type })).toThrow(type.split(".")[0]);
      const [after, emitted] = step(machine, before, { type: "count" });
      expect(after.context).toEqual({ name: "ada", count: 1 });
      expect(words(emitted)).toEqual(["counted"]);
    },
  );

  test("S4 an unhandled event returns the very same snapshot and emits nothing; so does an ignored one", () => {
    const [before] = at();
    for (const [type, named] of [
      ["nonsense", false],
      ["quiet", true],
      ["again", false],
    ] as const) {
      const [after, emitted] = step(machine, before, { type });
      expect(after).toBe(before);
      expect(emitted).toEqual([]);
      expect(names(after, type)).toBe(named);
    }
  });

  test("S4 a transition with actions only keeps the very same snapshot, so that nothing is written for it", () => {
    const [before] = at();
    expect(step(machine, before, { type: "ring" })[0]).toBe(before);
  });

  test("a snapshot goes to a journal and back: same state and context, and it steps on", () => {
    const [before] = at("count", "go");
    const back = restore(machine, structuredClone(store(before)));
    expect([back.value, back.context, back.status]).toEqual(["two", { name: "ada", count: 1 }, "active"]);
    expect(step(machine, back, { type: "back" })[0].value).toBe("one");
  });

  test("a stored state that the machine does not know is refused with journal.newer", () => {
    const stored = { value: "four", context: {}, status: "active" } as const;
    expect(() => restore(machine, stored)).toThrow(expect.objectContaining({ code: "journal.newer" }));
  });
});
