/**
 * Mutants of the kernel's steps: what goes the short way, and what has to go the long one.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const SHORT_WAY = "src/runtime/short-way.ts";
const KILLERS = ["test/unit/runtime/short-way.test.ts"];

export const kernelSteps: readonly Mutant[] = [
  {
    name: "params-from-before-the-assigns",
    rule: "SW1",
    breaks: "an action is told of the context before the assigns in front of it",
    file: SHORT_WAY,
    find: `    const given = { context: after.context, event };`,
    replace: `    const given = { context: before.context, event };`,
    killers: KILLERS,
  },
  {
    name: "outer-state-asked-first",
    rule: "SW1",
    breaks: "an event goes to the state around the one that names it",
    file: SHORT_WAY,
    find: `node = node.parent) nodes.push(node);`,
    replace: `node = node.parent) nodes.unshift(node);`,
    killers: KILLERS,
  },
  {
    name: "guard-not-asked",
    rule: "SW1",
    breaks: "a transition is taken whose guard says no",
    file: SHORT_WAY,
    find: `first.guard === undefined ? wayOf(first, machine) : "guarded"`,
    replace: `wayOf(first, machine)`,
    killers: KILLERS,
  },
  {
    name: "always-passed-over",
    rule: "SW2",
    breaks: "a state that may be left without an event is not",
    file: SHORT_WAY,
    find: `always === undefined && ![`,
    replace: `(always === undefined || true) && ![`,
    killers: KILLERS,
  },
  {
    name: "target-passed-over",
    rule: "SW2",
    breaks: "a transition that leads somewhere leads nowhere",
    file: SHORT_WAY,
    find: `target === undefined && !reenter ? partsOf`,
    replace: `!reenter ? partsOf`,
    killers: KILLERS,
  },
];
