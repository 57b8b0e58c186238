/**
 * Goal: SW1 and SW2 of src/runtime/short-way.ts: what goes the short way comes to what XState makes of it.
 * Method: each event is stepped by both, XState's own `transition` being the long way; on the machines of the product
 * along random lives, and on a toy that has everything the short way must leave to the long one.
 */
import { array, assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { and, type AnyStateMachine, assign, createMachine, raise, setup, transition } from "xstate";
import { downloadMachine } from "../../../machines/download.ts";
import { effect } from "../../../machines/effect.ts";
import { hiveMachine } from "../../../machines/hive.ts";
import { jobMachine } from "../../../machines/job.ts";
import { memberMachine } from "../../../machines/member.ts";
import { processMachine } from "../../../machines/process.ts";
import { queenMachine } from "../../../machines/queen.ts";
import { workerMachine } from "../../../machines/worker.ts";
import type { Message } from "../../../src/runtime/envelope.ts";
import { stepShort } from "../../../src/runtime/short-way.ts";
import { type Emitted, type Snapshot, start, step } from "../../../src/runtime/step.ts";
import {
  downloadSamples,
  eventsOf,
  hiveSamples,
  jobSamples,
  memberSamples,
  processSamples,
  queenSamples,
  workerSamples,
} from "../../support/machine-events.ts";

const MACHINES: readonly (readonly [AnyStateMachine, readonly Message[]])[] = [
  [queenMachine, eventsOf(queenSamples)],
  [hiveMachine, eventsOf(hiveSamples)],
  [jobMachine, eventsOf(jobSamples)],
  [memberMachine, eventsOf(memberSamples)],
  [processMachine, eventsOf(processSamples)],
  [workerMachine, eventsOf(workerSamples)],
  [downloadMachine, eventsOf(downloadSamples)],
];

const seen = ({ value, context, status, tags, _nodes: nodes, children, historyValue }: Snapshot) => ({
  ...{ value, context, status, children, historyValue },
  tags: [...tags],
  nodes: nodes.map(({ id }) => id),
});

const effectsOf = (emitted: readonly Emitted[]): unknown[] =>
  emitted.flatMap((one) => (one.kind === "action" ? [{ type: one.type, params: one.params }] : []));

const TIMERS: ReadonlySet<string> = new Set(["xstate.raise", "xstate.cancel"]);

/** @returns the snapshot that both ways lead to. */
function bothWays(machine: AnyStateMachine, before: Snapshot, event: Message): Snapshot {
  const [after, emitted] = step(machine, before, event);
  const [long, actions] = transition(machine, before, event);
  expect(seen(after)).toEqual(seen(long));
  expect(after === before).toBe(long === before);
  const own = actions.filter(({ type }) => !TIMERS.has(type));
  expect(effectsOf(emitted)).toEqual(own.map(({ type, params }) => ({ type, params })));
  return after;
}

describe("the short way", () => {
  test("SW1 every machine of the product lives the same life by both ways", () => {
    const lives = array(nat(), { minLength: 1, maxLength: 60 });
    for (const [machine, events] of MACHINES) {
      assert(
        property(lives, (choices) => {
          let [snapshot] = start(machine, { epoch: 1, deadlineMs: 1, attemptsMax: 2 });
          for (const choice of choices) {
            const event = events[choice % events.length];
            if (event === undefined || snapshot.status !== "active") return;
            snapshot = bothWays(machine, snapshot, event);
          }
        }),
        { numRuns: 40 },
      );
    }
  });

  test("SW1 actions see what the assigns before them made, with the parameters that they are given", () => {
    let [snapshot] = start(toy, undefined);
    for (const type of ["both", "named", "fields", "both", "guarded", "guarded", "nothing", "unknown"]) {
      snapshot = bothWays(toy, snapshot, { type });
    }
    expect(snapshot.context).toEqual({ count: 3, note: "fields both" });
    expect(effectsOf(step(toy, snapshot, { type: "both" })[1])).toEqual([
      { type: "tell", params: { count: 3 } },
      { type: "tell", params: { count: 4 } },
    ]);
  });

  test.each(["both", "named", "fields", "ignored", "nothing"])("SW2 what leads nowhere is taken: %s", (type) => {
    expect(stepShort(toy, start(toy, undefined)[0], { type })).toBeDefined();
  });

  test.each(["leads", "reenters", "raises", "inline", "xstate.done.state.x"])("SW2 it is not taken: %s", (type) => {
    const [before] = start(toy, undefined);
    expect(stepShort(toy, before, { type })).toBeUndefined();
    bothWays(toy, before, { type });
  });

  test.each([
    ["an active state has a way that needs no event", { always: { guard: () => false, target: "b" } }],
    ["a state takes any event", { on: { "*": { actions: "any" }, "go.*": { actions: "going" } } }],
    ["states are parallel", { type: "parallel", states: { x: { on: { go: { actions: "x" } } }, y: {} } }],
  ] as const)("SW2 it is not taken where %s", (_, a) => {
    const machine = createMachine({ id: "odd", initial: "a", states: { a, b: {} } });
    const [before] = start(machine, undefined);
    for (const type of ["go", "go.on", "stay"]) {
      expect(stepShort(machine, before, { type })).toBeUndefined();
      bothWays(machine, before, { type });
    }
  });

  test("SW2 the inner state is asked before the outer one, which is asked where the inner one's guard says no", () => {
    let [snapshot] = start(toy, undefined);
    for (const type of ["outer", "inner", "outer", "inner"]) snapshot = bothWays(toy, snapshot, { type });
    expect(snapshot.context).toEqual({ count: 2, note: "inner" });
  });
});

const toy = setup({
  types: { context: {} as { count: number; note: string } },
  actions: {
    tell: effect<{ count: number }>(),
    note: assign((_, params: { note: string }) => params),
  },
  guards: { isSmall: ({ context }) => context.count < 3, isNever: () => false },
}).createMachine({
  id: "toy",
  context: { count: 0, note: "" },
  initial: "on",
  on: {
    outer: { actions: assign({ count: ({ context }) => context.count + 1 }) },
    inner: { actions: assign({ note: "outer" }) },
    leads: ".off",
  },
  states: {
    on: {
      on: {
        inner: { actions: assign({ note: "inner" }) },
        outer: { guard: "isNever", actions: assign({ note: "never" }) },
        both: {
          actions: [
            { type: "tell", params: ({ context }) => ({ count: context.count }) },
            assign(({ context }) => ({ count: context.count + 1, note: `${context.note} both`.trim() })),
            { type: "tell", params: ({ context }) => ({ count: context.count }) },
          ],
        },
        named: { actions: { type: "note", params: { note: "named" } } },
        fields: { actions: assign({ note: "fields", count: ({ context }) => context.count }) },
        guarded: [
          { guard: and(["isSmall"]), actions: assign({ count: ({ context }) => context.count + 1 }) },
          { actions: { type: "tell", params: { count: -1 } } },
        ],
        nothing: { actions: [] },
        ignored: {},
        reenters: { reenter: true, target: "on" },
        raises: { actions: raise({ type: "both" }) },
        inline: { actions: () => {} },
      },
    },
    off: {},
  },
});
