/**
 * Walks a machine exhaustively: every event of a small domain and every timer, in every state that can be reached.
 *
 * A witness may walk along: what it remembers is part of the state, so that "exactly once" is proved and not sampled.
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";
import type { Message } from "../../src/runtime/envelope.ts";
import { type Action, born, folded, type Moment, stateOf, ticked } from "./run-machine.ts";

export interface Edge<Event extends Message, Witness> {
  readonly from: Moment;
  readonly event: Event | typeof TICK;
  readonly to: Moment;
  readonly actions: readonly Action[];
  readonly named: boolean;
  /** What the witness knew before this edge, and after it. */
  readonly before: Witness;
  readonly after: Witness;
}

export const TICK = { type: "tick" } as const;

export interface WalkOptions<Event extends Message, Witness> {
  readonly input?: unknown;
  readonly events: readonly Event[];
  /** Where to walk no further, e.g. when a number has grown beyond what is of interest. */
  readonly isFar?: (moment: Moment) => boolean;
  readonly witness: Witness;
  readonly look: (known: Witness, actions: readonly Action[], event: Event | typeof TICK | undefined) => Witness;
}

export interface Walked<Event extends Message, Witness> {
  /** States with all they remember, timers and the witness included. */
  readonly moments: number;
  readonly states: ReadonlySet<string>;
  readonly edges: readonly Edge<Event, Witness>[];
  /** What was asked for at birth. */
  readonly first: readonly Action[];
}

/** Far above what any machine here needs: a walk that gets there has a domain that is not small. */
const MOMENTS_MAX = 50_000;

export function walk<Event extends Message, Witness>(
  machine: AnyStateMachine,
  options: WalkOptions<Event, Witness>,
): Walked<Event, Witness> {
  const { input = {}, events, isFar = () => false, witness, look } = options;
  const birth = born(machine, input);
  const seen = new Set<string>();
  const open: { readonly moment: Moment; readonly known: Witness }[] = [];
  const edges: Edge<Event, Witness>[] = [];
  const states = new Set<string>();
  const visit = (moment: Moment, known: Witness): void => {
    const key = keyOf(moment, known);
    if (seen.has(key)) return;
    seen.add(key);
    states.add(stateOf(moment));
    if (moment.snapshot.status !== "done" && !isFar(moment)) open.push({ moment, known });
  };

  visit(birth.after, look(witness, birth.actions, undefined));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.size > MOMENTS_MAX) throw new Error(`more than ${MOMENTS_MAX} moments: the domain is too large to walk`);
    const { moment: from, known: before } = next;
    for (const event of [...events, TICK]) {
      const turn = event === TICK ? ticked(machine, from) : folded(machine, from, event);
      if (turn === undefined) continue;
      const after = look(before, turn.actions, event);
      edges.push({ from, event, to: turn.after, actions: turn.actions, named: turn.named, before, after });
      visit(turn.after, after);
    }
  }
  return { moments: seen.size, states, edges, first: birth.actions };
}

/** When a timer fires does not matter, only which are armed and in what order they are due. */
function keyOf({ snapshot, timers }: Moment, known: unknown): string {
  const order = [...timers].toSorted(([, a], [, b]) => a.dueMs - b.dueMs).map(([id]) => id);
  return JSON.stringify([snapshot.value, snapshot.context, order, known]);
}

/** Every state that the machine declares, in the words of {@link stateOf}. */
export function declaredStates(machine: AnyStateMachine): readonly string[] {
  const leaves = (node: Node): readonly string[] => {
    const below = Object.values(node.states);
    return below.length === 0 ? [node.path.join(".")] : below.flatMap(leaves);
  };
  return leaves(machine.root);
}

type Node = AnyStateMachine["root"];

/** A circle of `always` transitions, which would hang a step; guards are not believed. */
export function alwaysCircle(machine: AnyStateMachine): string | undefined {
  const nodes = [...allNodes(machine.root)];
  for (const node of nodes) {
    let active: readonly Node[] = [node];
    for (let steps = 0; steps <= nodes.length && active.length > 0; steps++) {
      active = active.flatMap(({ always = [] }) => always.flatMap(({ target = [] }) => [...target].flatMap(entered)));
    }
    if (active.length > 0) return node.id;
  }
  return undefined;
}

/** A state and those that are entered with it. */
const entered = (node: Node): readonly Node[] => [node, ...(node.initial?.target ?? []).flatMap(entered)];

function* allNodes(node: Node): Generator<Node> {
  yield node;
  for (const below of Object.values(node.states)) yield* allNodes(below);
}

const TOLD_MAX = 5;

type AnyEdge = Edge<Message, unknown>;

/** Edges where the rule does not hold, as a person would say it. */
export function breaches<E extends AnyEdge>(edges: readonly E[], holds: (edge: E) => boolean): readonly string[] {
  const found = edges.filter((edge) => !holds(edge));
  const more = found.length > TOLD_MAX ? [`and ${found.length - TOLD_MAX} more`] : [];
  return [...found.slice(0, TOLD_MAX).map(told), ...more];
}

const told = ({ from, event, to, actions, before }: AnyEdge): string =>
  `${stateOf(from)} ${JSON.stringify(from.snapshot.context)}, known ${JSON.stringify(before)}: ` +
  `${JSON.stringify(event)} -> ${stateOf(to)}, asks ${actions.map(({ type }) => type).join(", ") || "nothing"}`;

/** `event: states` for each event that no state names where the walk brought it. */
export function deadLetters(edges: readonly AnyEdge[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, Set<string>> = {};
  for (const { named, from, event } of edges) if (!named) (found[event.type] ??= new Set()).add(stateOf(from));
  return Object.fromEntries(Object.entries(found).map(([type, states]) => [type, [...states].toSorted()]));
}
