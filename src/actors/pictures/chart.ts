/**
 * A machine as plain facts: its states and transitions, read from its own definition, for whoever draws it.
 *
 * Owns: the words of a picture; a new picture format needs nothing else. Does not own: how anything looks.
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";

/** Where it came from: an event by its type, a delay by its name, or at once. */
export type Trigger =
  | { readonly kind: "event"; readonly name: string }
  | { readonly kind: "after"; readonly name: string }
  | { readonly kind: "always"; readonly name: "" };

export interface ChartState {
  /** Its path, `draining.finishing`; of the machine itself its name. */
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly depth: number;
  readonly kind: "machine" | "composite" | "simple" | "final";
  readonly initial: string | undefined;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

export interface ChartTransition {
  readonly from: string;
  /** Nothing: it stays where it is. */
  readonly to: string | undefined;
  readonly trigger: Trigger;
  readonly guard: string | undefined;
  /** In the order they are asked for. Without any, and without a target, the event is named only to be ignored. */
  readonly actions: readonly string[];
}

export interface Chart {
  readonly name: string;
  /** A parent before its children, siblings in the order of the definition, which is that of a life. */
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

type Node = AnyStateMachine["root"];
/** Looser than XState's own union, of which only the name is read. */
type Named = string | { readonly type?: string } | ((...args: never) => unknown);

export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = [...inOrder(machine.root)];
  return { name: machine.id, states: nodes.map(stateOf), transitions: nodes.flatMap(transitionsOf) };
}

/** The transition only names its event, so that it is not taken for one that nobody expected. */
export const isIgnored = ({ to, actions, guard }: ChartTransition): boolean =>
  to === undefined && actions.length === 0 && guard === undefined;

export const triggerText = ({ kind, name }: Trigger): string => (kind === "event" ? name : `${kind} ${name}`.trimEnd());

const idOf = (node: Node): string => (node.path.length === 0 ? node.machine.id : node.path.join("."));

function stateOf(node: Node): ChartState {
  return {
    id: idOf(node),
    name: node.path.at(-1) ?? node.machine.id,
    parent: node.parent === undefined ? undefined : idOf(node.parent),
    depth: node.path.length,
    kind: node.parent === undefined ? "machine" : kindOf(node),
    initial: node.initial?.target.map(idOf)[0],
    entry: effects(node.entry),
    exit: effects(node.exit),
  };
}

const kindOf = ({ type }: Node): ChartState["kind"] =>
  type === "final" ? "final" : type === "atomic" ? "simple" : "composite";

function transitionsOf(node: Node): readonly ChartTransition[] {
  // XState lists what a delay and `always` do among the events, the latter under no name at all.
  const listed = [...node.transitions.values()].flat();
  const all = [...(node.always ?? []), ...listed.filter(({ eventType }) => eventType !== "")];
  return all.map((transition) => ({
    from: idOf(node),
    to: transition.target?.map(idOf)[0],
    trigger: triggerOf(transition.eventType),
    guard: transition.guard === undefined ? undefined : nameOf(transition.guard as Named),
    actions: effects(transition.actions),
  }));
}

/** `xstate.after.loadTimeoutMs.worker.loading` is how XState calls the end of a delay. */
function triggerOf(eventType: string): Trigger {
  if (eventType === "") return { kind: "always", name: "" };
  const delay = /^xstate\.after\.([^.]+)\./.exec(eventType)?.[1];
  return delay === undefined ? { kind: "event", name: eventType } : { kind: "after", name: delay };
}

/** What the machine asks for; what it only remembers is not in the picture. */
const effects = (actions: readonly unknown[]): readonly string[] =>
  actions.map((action) => nameOf(action as Named)).filter((name) => !name.startsWith("xstate."));

function nameOf(given: Named): string {
  if (typeof given === "string") return given;
  // An assignment is a function that carries its kind.
  return (given as { readonly type?: string }).type ?? "unnamed";
}

function* inOrder(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values(node.states)) yield* inOrder(child);
}
