/**
 * With short-way.ts the one place that touches XState's inside: a machine stepped as a pure function.
 *
 * Owns: the reused scope, the sorting of what XState would execute into actions and timers, snapshots as data.
 * Does not own: what an action means (fold.ts) or when a timer fires (timers.ts).
 *
 *  S1 A step runs no effect: actions come back as data, in order.
 *  S2 An undelayed raise is already handled inside the step and is skipped.
 *  S3 A step that throws leaves nothing behind: the next one starts clean.
 *  S4 The same snapshot and no action: the event is unhandled unless the state names it.
 *
 * What is relied on is pinned in test/unit/runtime/step.test.ts; xstate is pinned exactly in package.json.
 *
 * @module
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from "xstate";
import { RbeeError } from "../protocol/errors.ts";
import type { Message } from "./envelope.ts";
import { stepShort } from "./short-way.ts";

export type Snapshot = AnyMachineSnapshot;

export type Emitted =
  | { readonly kind: "action"; readonly type: string; readonly params: unknown }
  | { readonly kind: "arm"; readonly id: string; readonly delayMs: number; readonly event: Message }
  | { readonly kind: "disarm"; readonly id: string };

/** A snapshot as it is stored: a cell whose machine is done is stopped in the same turn, and stored no more. */
export interface StoredSnapshot {
  readonly value: unknown;
  readonly context: unknown;
}

let collected: Emitted[] = [];

const collect: AnyActorScope["actionExecutor"] = ({ type, params }) => {
  if (type === "xstate.raise") {
    const raised = params as { event: Message; id: string | undefined; delay: number | undefined };
    if (raised.delay === undefined) return;
    collected.push({ kind: "arm", id: raised.id ?? raised.event.type, delayMs: raised.delay, event: raised.event });
  } else if (type === "xstate.cancel") {
    collected.push({ kind: "disarm", id: (params as { sendId: string }).sendId });
  } else {
    collected.push({ kind: "action", type, params });
  }
};

const nothing = (): void => {};
const system = { _sendInspectionEvent: nothing, scheduler: { schedule: nothing, cancel: nothing } };
// XState asks for a whole actor here; a step needs these members only, and the pin test says so.
const scope = {
  id: "cell",
  sessionId: "cell",
  self: { id: "cell", sessionId: "cell", _parent: undefined },
  system,
  logger: nothing,
  defer: nothing,
  emit: nothing,
  stopChild: nothing,
  actionExecutor: collect,
} as unknown as AnyActorScope;

// XState wraps the executor during a step and puts it back after; what a step that threw leaves behind is reset.
const fresh = (): void => {
  collected = [];
  scope.actionExecutor = collect;
};

/** The machine's first snapshot, with what its entry emits. */
export function start(machine: AnyStateMachine, input: unknown): readonly [Snapshot, readonly Emitted[]] {
  fresh();
  const snapshot = machine.getInitialSnapshot(scope, input) as Snapshot;
  return [snapshot, collected];
}

/** One event through the machine. Throws what a guard or assign throws; nothing collected survives that. */
export function step(
  machine: AnyStateMachine,
  before: Snapshot,
  event: Message,
): readonly [Snapshot, readonly Emitted[]] {
  const short = stepShort(machine, before, event);
  if (short !== undefined) return short;
  fresh();
  const after = machine.transition(before, event, scope) as Snapshot;
  return [after, collected];
}

/** Does an active state name this event, if only to ignore it, or take any? XState's own list omits the ignored. */
export const names = (snapshot: Snapshot, type: string): boolean =>
  snapshot._nodes.some(({ transitions }) => transitions.has(type) || transitions.has("*"));

export const store = (snapshot: Snapshot): StoredSnapshot => ({
  value: snapshot.value,
  context: snapshot.context,
});

/** @throws journal.newer when the machine does not know the stored state. */
export function restore(machine: AnyStateMachine, stored: StoredSnapshot): Snapshot {
  try {
    return machine.restoreSnapshot(
      { ...stored, status: "active", children: {}, historyValue: {} } as never,
      scope,
    ) as Snapshot;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new RbeeError("journal.newer", `${machine.id}: the stored state is unknown here (${why})`);
  }
}
