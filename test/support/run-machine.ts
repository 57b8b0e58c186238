/**
 * A machine as its cell runs it, without a host: folds events, keeps armed timers, notes what was asked for.
 *
 * Time is one more event: {@link Run.tick} lets the timer fire that is due first. Nothing here waits.
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";
import type { Message } from "../../src/runtime/envelope.ts";
import { type Emitted, names, type Snapshot, start, step } from "../../src/runtime/step.ts";

export interface Action {
  readonly type: string;
  readonly params: unknown;
}

export interface Armed {
  readonly dueMs: number;
  readonly event: Message;
}

/** A machine between two events. Never changed, so that a walk may go on from it any number of times. */
export interface Moment {
  readonly snapshot: Snapshot;
  readonly timers: ReadonlyMap<string, Armed>;
  readonly nowMs: number;
}

export interface Folded {
  readonly after: Moment;
  readonly actions: readonly Action[];
  /** False: the event would have been a dead letter. */
  readonly named: boolean;
}

export function born(machine: AnyStateMachine, input: unknown): Folded {
  const [snapshot, emitted] = start(machine, input);
  return { ...settled(snapshot, new Map(), 0, emitted), named: true };
}

export function folded(machine: AnyStateMachine, { snapshot, timers, nowMs }: Moment, event: Message): Folded {
  const [after, emitted] = step(machine, snapshot, event);
  const named = after !== snapshot || emitted.length > 0 || names(after, event.type);
  return { ...settled(after, timers, nowMs, emitted), named };
}

/** The timer that is due first has fired; undefined when none is armed. */
export function ticked(machine: AnyStateMachine, moment: Moment): Folded | undefined {
  const [first] = [...moment.timers].toSorted(([, a], [, b]) => a.dueMs - b.dueMs);
  if (first === undefined) return undefined;
  const [id, { dueMs, event }] = first;
  const timers = new Map(moment.timers);
  timers.delete(id);
  return folded(machine, { ...moment, timers, nowMs: dueMs }, event);
}

function settled(snapshot: Snapshot, before: Moment["timers"], nowMs: number, emitted: readonly Emitted[]) {
  const timers = new Map(before);
  const actions: Action[] = [];
  for (const each of emitted) {
    if (each.kind === "action") actions.push({ type: each.type, params: each.params });
    else if (each.kind === "disarm") timers.delete(each.id);
    else timers.set(each.id, { dueMs: nowMs + each.delayMs, event: each.event });
  }
  return { after: { snapshot, timers, nowMs }, actions };
}

/** Where it is, in one word: `draining.finishing`. */
export const stateOf = ({ snapshot }: Moment): string => pathOf(snapshot.value);

function pathOf(value: unknown): string {
  if (typeof value === "string") return value;
  const [[name, below]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  return `${name}.${pathOf(below)}`;
}

export class Run<Event extends Message> {
  readonly #machine: AnyStateMachine;
  #moment: Moment;
  /** Everything asked for so far, in order. */
  readonly actions: Action[] = [];
  /** Types of the events that no state named. */
  readonly unnamed: string[] = [];

  constructor(machine: AnyStateMachine, input: unknown = {}) {
    this.#machine = machine;
    const { after, actions } = born(machine, input);
    this.#moment = after;
    this.actions.push(...actions);
  }

  get state(): string {
    return stateOf(this.#moment);
  }

  get isOver(): boolean {
    return this.#moment.snapshot.status === "done";
  }

  get context(): unknown {
    return this.#moment.snapshot.context;
  }

  /** What is armed, by its event's type. */
  get timers(): readonly string[] {
    return [...this.#moment.timers.values()].map(({ event }) => event.type);
  }

  /** @returns what this event made the machine ask for. Whoever is over hears nothing. */
  send(...events: readonly Event[]): readonly Action[] {
    return events.flatMap((event) => {
      if (this.isOver) return [];
      const turn = folded(this.#machine, this.#moment, event);
      if (!turn.named) this.unnamed.push(event.type);
      return this.#note(turn);
    });
  }

  tick(): readonly Action[] {
    const turn = this.isOver ? undefined : ticked(this.#machine, this.#moment);
    return turn === undefined ? [] : this.#note(turn);
  }

  /** What was asked for under this name. */
  asked(name: string): readonly Action[] {
    return this.actions.filter(({ type }) => type === name);
  }

  #note({ after, actions }: Folded): readonly Action[] {
    this.#moment = after;
    this.actions.push(...actions);
    return actions;
  }
}
