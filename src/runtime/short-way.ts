/**
 * Transitions that lead nowhere, carried out without the machinery for those that do.
 *
 * Most events change no state: they are noted. XState computes for each which states are left and entered, and builds
 * its snapshot anew from them, twice. Where a transition has no target, what is left to do are its actions. Guards are
 * XState's business here too.
 *
 * Owns: those actions. Does not own: everything else a step may be, which goes the long way (step.ts).
 *
 *  SW1 The short way comes to what the long way comes to: the same actions with the same parameters, an equal snapshot;
 *      the very same one where nothing was assigned.
 *  SW2 It is taken only where the long way could do no more: one transition or none, no target, no parallel states, no
 *      `always` or wildcard in an active state, and no actions but assigns and named effects.
 *
 * @module
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate";

export interface Effect {
  readonly kind: "action";
  readonly type: string;
  readonly params: unknown;
}

type Given = Readonly<{ context: unknown; event: EventObject }>;
type Assignment = (given: Given, params: unknown) => object;

/** An action of a transition, looked up once. */
interface Part {
  readonly type: string;
  readonly paramsOf: (given: Given) => unknown;
  /** Nothing of an effect. */
  readonly assignment: Assignment | undefined;
}

/** What an event comes to in a state: these actions; whatever XState selects by its guards; or the long way. */
type Way = readonly Part[] | "guarded" | "long";

/** An active state without parallel ones beside it, and the states around it: it hears an event first. */
interface Place {
  readonly nodes: readonly StateNode[];
  /** By type of event, of those that are named here. */
  readonly ways: Map<string, Way>;
}

type StateNode = AnyMachineSnapshot["_nodes"][number];
type Transition = NonNullable<ReturnType<StateNode["transitions"]["get"]>>[number];

/** By the innermost of the active states. */
const places = new WeakMap<StateNode, Place | "long">();
/** By transition; a machine that is provided with other actions has other transitions. */
const waysOf = new WeakMap<Transition, Way>();

/** @returns undefined where only the long way will do */
export function stepShort(
  machine: AnyStateMachine,
  before: AnyMachineSnapshot,
  event: EventObject,
): readonly [AnyMachineSnapshot, readonly Effect[]] | undefined {
  const { type } = event;
  const place = placeIn(before._nodes);
  if (place === "long" || before.status !== "active" || type.startsWith("xstate.")) return undefined;
  let way = place.ways.get(type) ?? wayIn(place, type, machine);
  if (way === undefined) return [before, NOTHING];
  if (way === "guarded") {
    const [selected, another] = machine.getTransitionData(before, event);
    if (selected === undefined) return [before, NOTHING];
    way = another === undefined ? wayOf(selected, machine) : "long";
  }
  return typeof way === "string" ? undefined : carryOut(way, before, event);
}

function placeIn(active: readonly StateNode[]): Place | "long" {
  let inmost: StateNode | undefined;
  for (const node of active) {
    if (node.type !== "atomic" && node.type !== "final") continue;
    if (inmost !== undefined) return "long";
    inmost = node;
  }
  return inmost === undefined ? "long" : (places.get(inmost) ?? placeOf(inmost));
}

function placeOf(inmost: StateNode): Place | "long" {
  const nodes: StateNode[] = [];
  for (let node: StateNode | undefined = inmost; node !== undefined; node = node.parent) nodes.push(node);
  const isPlain = nodes.every(({ always, transitions }) => {
    return always === undefined && ![...transitions.keys()].some((type) => type.endsWith("*"));
  });
  const found: Place | "long" = isPlain ? { nodes, ways: new Map() } : "long";
  places.set(inmost, found);
  return found;
}

/** @returns nothing where no state names it. Only what is named is remembered: others may say what they like. */
function wayIn({ nodes, ways }: Place, type: string, machine: AnyStateMachine): Way | undefined {
  for (const { transitions } of nodes) {
    const first = transitions.get(type)?.[0];
    if (first === undefined) continue;
    const way = first.guard === undefined ? wayOf(first, machine) : "guarded";
    ways.set(type, way);
    return way;
  }
  return undefined;
}

function wayOf(transition: Transition, machine: AnyStateMachine): Way {
  const known = waysOf.get(transition);
  if (known !== undefined) return known;
  const { target, reenter, actions } = transition;
  const way = target === undefined && !reenter ? partsOf(actions, machine) : "long";
  waysOf.set(transition, way);
  return way;
}

const NOTHING: readonly Effect[] = [];

function carryOut(
  of: readonly Part[],
  before: AnyMachineSnapshot,
  event: EventObject,
): readonly [AnyMachineSnapshot, readonly Effect[]] {
  const effects: Effect[] = [];
  let after = before;
  for (const { type, paramsOf, assignment } of of) {
    const given = { context: after.context, event };
    const params = paramsOf(given);
    if (assignment === undefined) effects.push({ kind: "action", type, params });
    else after = { ...after, context: { ...after.context, ...assignment(given, params) } };
  }
  return [after, effects];
}

function partsOf(actions: readonly unknown[], machine: AnyStateMachine): Way {
  const found: Part[] = [];
  for (const action of actions) {
    const part = partOf(action, machine);
    if (part === undefined) return "long";
    found.push(part);
  }
  return found;
}

const noParams = (): undefined => undefined;

function partOf(action: unknown, machine: AnyStateMachine): Part | undefined {
  if (typeof action === "function") return partBy("", action, noParams);
  if (typeof action === "string") return partBy(action, machine.implementations.actions[action], noParams);
  if (typeof action !== "object" || action === null || !("type" in action) || typeof action.type !== "string") {
    return undefined;
  }
  const params: unknown = "params" in action ? action.params : undefined;
  const paramsOf = isCallable(params) ? params : () => params;
  return partBy(action.type, machine.implementations.actions[action.type], paramsOf);
}

/** An inline function that is no assign has no name to be known by: it is not of ours. */
function partBy(type: string, by: unknown, paramsOf: Part["paramsOf"]): Part | undefined {
  if (isAssign(by)) return { type, paramsOf, assignment: assignmentOf(by.assignment) };
  const isBuiltIn = typeof by === "function" && "resolve" in by;
  return isBuiltIn || type === "" ? undefined : { type, paramsOf, assignment: undefined };
}

/** What XState's `assign` makes. */
interface Assign {
  readonly assignment: Assignment | Readonly<Record<string, unknown>>;
}

const isAssign = (by: unknown): by is Assign =>
  typeof by === "function" && "type" in by && by.type === "xstate.assign" && "assignment" in by;

const isCallable = (value: unknown): value is (given: Given, params?: unknown) => unknown =>
  typeof value === "function";

function assignmentOf(assignment: Assign["assignment"]): Assignment {
  if (typeof assignment === "function") return assignment;
  const fields = Object.entries(assignment);
  return (given, params) => {
    const changed: Record<string, unknown> = {};
    for (const [name, value] of fields) changed[name] = isCallable(value) ? value(given, params) : value;
    return changed;
  };
}
