/**
 * What a cell is made of: a machine that says when, and handlers that say what.
 *
 * Owns: the commands a handler may return, the scope it sees, the pairing of a machine with its handlers.
 * Does not own: running either (fold.ts).
 *
 *  B1 A handler is pure: (params, scope) -> commands. It reads tables and never changes them.
 *  B2 Each action of a machine has exactly one handler of the same name; tidy holds it.
 *
 * @module
 */
import type { AnyStateMachine, StateMachine } from "xstate";
import type { Address, Label } from "../../machines/words.ts";
import type { ErrorData } from "../protocol/errors.ts";
import type { AskRef, Lane, Message } from "./envelope.ts";
import type { Rows, Table } from "./tables.ts";

export interface AskOptions {
  /** What is asked for, in a word. A failure comes back as the event `NAME.failed`. */
  readonly name: string;
  /** Tells several open asks of one name apart; comes back as `key` in the failure. */
  readonly key?: string;
  readonly deadlineMs: number;
  /** After a restart: asked again with the same id, or failed with host.restarted (fork, paid call). Kernel rule 2. */
  readonly onRestart: "again" | "once";
  readonly lane?: Lane;
  /** `flush` when a client will rely on it: it leaves when the disk has it. Kernel rule 4. */
  readonly after?: "commit" | "flush";
}

export type Command =
  | {
      readonly do: "tell";
      readonly to: Address;
      readonly event: Message;
      readonly lane: Lane;
      readonly volatile: boolean;
    }
  | { readonly do: "ask"; readonly to: Address; readonly event: Message; readonly options: AskOptions }
  | { readonly do: "drop"; readonly name: string; readonly key: string }
  | {
      readonly do: "reply";
      readonly re: AskRef;
      readonly result:
        | { readonly ok: true; readonly event: Message }
        | { readonly ok: false; readonly error: ErrorData };
      /** `flush` for whatever a client relies on: it leaves when the disk has it. Kernel rule 4. */
      readonly after: "commit" | "flush";
    }
  | { readonly do: "put"; readonly table: string; readonly key: string; readonly row: unknown }
  | { readonly do: "del"; readonly table: string; readonly key: string }
  | { readonly do: "spawn"; readonly kind: string; readonly id: string; readonly input: unknown }
  | { readonly do: "stop"; readonly address: Address }
  | { readonly do: "watch"; readonly address: Address }
  | { readonly do: "raise"; readonly event: Message };

/** Of disk: what is left, and what is kept back to finish what was accepted. */
export interface Shortage {
  readonly freeBytes: number;
  readonly headroomBytes: number;
}

/** What a handler may know. */
export interface Scope {
  readonly self: Address;
  /** Wall time of this step in ms; the only time a decision may use. */
  readonly at: number;
  /** The number of this step, unique in this host for ever: the source of fresh ids. */
  readonly serial: number;
  readonly label: Label;
  /** The event being folded. */
  readonly event: Message;
  /** Set when the event is an ask. */
  readonly re: AskRef | undefined;
  /** The host has no headroom on disk: drain, admit nothing. Kernel rule 10. */
  readonly refusing: Shortage | undefined;
  rows<Row, Index>(table: Table<Row, Index>): Rows<Row, Index>;
}

export const tell = (to: Address, event: Message, lane: Lane = "data"): Command => ({
  do: "tell",
  to,
  event,
  lane,
  volatile: false,
});
/** May be lost before it is folded: progress, load, speed. */
export const hint = (to: Address, event: Message): Command => ({ do: "tell", to, event, lane: "data", volatile: true });
export const ask = (to: Address, event: Message, options: AskOptions): Command => ({ do: "ask", to, event, options });
export const drop = (name: string, key = ""): Command => ({ do: "drop", name, key });
export const reply = (re: AskRef, event: Message, after: "commit" | "flush" = "commit"): Command => ({
  do: "reply",
  re,
  result: { ok: true, event },
  after,
});
export const refuse = (re: AskRef, error: ErrorData, after: "commit" | "flush" = "commit"): Command => ({
  do: "reply",
  re,
  result: { ok: false, error },
  after,
});
export const put = <Row, Index>(table: Table<Row, Index>, key: string, row: Row): Command => ({
  do: "put",
  table: table.name,
  key,
  row,
});
export const del = <Row, Index>(table: Table<Row, Index>, key: string): Command => ({
  do: "del",
  table: table.name,
  key,
});
export const spawn = (kind: string, id: string, input: unknown): Command => ({ do: "spawn", kind, id, input });
export const stop = (address: Address): Command => ({ do: "stop", address });
export const watch = (address: Address): Command => ({ do: "watch", address });
/** An event to the cell itself, folded next in the same turn: how a handler answers its own machine. */
export const raise = (event: Message): Command => ({ do: "raise", event });

// The names and parameters of a machine's actions, as its `setup` declared them.
type ActionOf<M> =
  // oxlint-disable-next-line typescript/no-explicit-any -- positions of XState's own type that are not looked at
  M extends StateMachine<any, any, any, any, infer A, any, any, any, any, any, any, any, any, any> ? A : never;

export type Handlers<M extends AnyStateMachine> = {
  readonly [A in ActionOf<M> as A["type"]]: (params: NonNullable<A["params"]>, scope: Scope) => readonly Command[];
};

type AnyHandler = (params: never, scope: Scope) => readonly Command[];

export interface Behaviour {
  readonly kind: string;
  /** Of the snapshot. A stored one that is newer is refused with journal.newer. Kernel rule 11. */
  readonly version: number;
  readonly machine: AnyStateMachine;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly limits: BehaviourLimits;
}

export interface BehaviourLimits {
  /** Places in the mailbox, a lane each. */
  readonly mailMax: number;
  /** The most tells to other hosts that one step may emit. Kernel rule 6. */
  readonly outMax: number;
  /** Restarts allowed within `windowMs`; one more and the cell is stopped and whoever watches it hears `defect`. */
  readonly restarts: { readonly max: number; readonly windowMs: number };
}

const LIMITS: BehaviourLimits = { mailMax: 256, outMax: 16, restarts: { max: 3, windowMs: 60_000 } };

/** Pairs a machine with its handlers; the types hold that none is missing and each takes the right parameters. */
export function behaviour<M extends AnyStateMachine>(
  machine: M,
  handlers: NoInfer<Handlers<M>>,
  options: { readonly version?: number; readonly limits?: Partial<BehaviourLimits> } = {},
): Behaviour {
  return {
    kind: machine.id,
    version: options.version ?? 1,
    machine,
    handlers,
    limits: { ...LIMITS, ...options.limits },
  };
}

export type { AskRef, Message };
