/**
 * Toy cells for the tests of the kernel: a puppet that does what an event says and notes what it hears.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "../../machines/effect.ts";
import type { Address, Label } from "../../machines/words.ts";
import {
  behaviour,
  type Behaviour,
  type BehaviourLimits,
  type Command,
  put,
  tell,
} from "../../src/runtime/behaviour.ts";
import type { AskRef, Message } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import { table } from "../../src/runtime/tables.ts";

export interface Note {
  readonly event: Message & Readonly<Record<string, unknown>>;
  readonly label: Label;
  readonly at: number;
  readonly refusing: boolean;
  readonly re?: AskRef;
}

/** Every event that a puppet heard, in order: the key ends with the step's serial. */
export const notes = table<Note>({ name: "notes", owner: "puppet" });

/** Rows with an index: how many keys hold each colour. */
export interface Paint {
  readonly colour: string;
}
const countColours = () => {
  const counts = new Map<string, number>();
  const add = (colour: string, by: number): void => {
    const count = (counts.get(colour) ?? 0) + by;
    if (count === 0) counts.delete(colour);
    else counts.set(colour, count);
  };
  return {
    counts,
    put(_key: string, row: Paint, before: Paint | undefined): void {
      if (before !== undefined) add(before.colour, -1);
      add(row.colour, 1);
    },
    del(_key: string, before: Paint): void {
      add(before.colour, -1);
    },
  };
};
export const paints = table<Paint, ReturnType<typeof countColours>>({
  name: "paints",
  owner: "puppet",
  index: countColours,
});

/** Memory only. */
export const moods = table<string>({ name: "moods", owner: "puppet", volatile: true });

export const toyTables = [notes, paints, moods] as const;

/** An event that makes a puppet carry out commands. */
export const obey = (...commands: readonly Command[]): Message & { readonly commands: readonly Command[] } => ({
  type: "do",
  commands,
});

export interface PuppetInput {
  /** Carried out at birth. */
  readonly commands?: readonly Command[];
}

type PuppetEvent =
  | { readonly type: "do"; readonly commands: readonly Command[] }
  | {
      readonly type:
        | "throw.in.handler"
        | "throw.in.guard"
        | "count"
        | "arm"
        | "rearm"
        | "disarm"
        | "finish"
        | "ignored"
        | "poison";
    }
  | { readonly type: "restored" };

const explode = (): never => {
  throw new Error("a toy breaks");
};

export const puppetMachine = setup({
  types: {
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- how XState is told a type
    input: {} as PuppetInput | undefined,
    context: {} as { commands: readonly Command[]; count: number },
    events: {} as PuppetEvent,
  },
  actions: {
    obey: effect<{ commands: readonly Command[] }>(),
    note: effect(),
    rang: effect(),
    smear: effect(),
    explode: effect(),
    poison: effect(),
  },
  guards: { breaks: explode },
}).createMachine({
  id: "puppet",
  context: ({ input }) => ({ commands: input?.commands ?? [], count: 0 }),
  entry: { type: "obey", params: ({ context }) => ({ commands: context.commands }) },
  initial: "idle",
  on: {
    do: { actions: { type: "obey", params: ({ event }) => ({ commands: event.commands }) } },
    "throw.in.handler": { target: ".armed", actions: ["smear", "explode"] },
    "throw.in.guard": { guard: "breaks", target: ".armed" },
    count: { actions: assign({ count: ({ context }) => context.count + 1 }) },
    ignored: {},
    poison: { actions: "poison" },
    finish: ".over",
    "*": { actions: "note" },
  },
  states: {
    idle: { on: { arm: "armed" } },
    armed: {
      after: { 1000: { target: "idle", actions: "rang" } },
      on: { disarm: "idle", rearm: { target: "armed", reenter: true } },
    },
    over: { type: "final" },
  },
});

const digits = (serial: number): string => serial.toString().padStart(16, "0");

export const puppet = (limits: Partial<BehaviourLimits> = {}): Behaviour =>
  behaviour(
    puppetMachine,
    {
      obey: ({ commands }) => commands,
      note: (_params, { self, serial, event, label, at, re, refusing }) => {
        const kept = { event: event as Note["event"], label, at, refusing: refusing !== undefined };
        return [put(notes, `${self}#${digits(serial)}`, re === undefined ? kept : { ...kept, re })];
      },
      rang: (_params, { self, serial, label, at, refusing }) => [
        put(notes, `${self}#${digits(serial)}`, {
          event: { type: "rang" },
          label,
          at,
          refusing: refusing !== undefined,
        }),
      ],
      // Emitted before the throw, and not to be kept.
      smear: (_params, { self }) => [put(paints, self, { colour: "black" }), tell(self, { type: "smeared" })],
      explode,
      // A row that cannot be packed, so that the commit of this step throws and the host dies.
      poison: (_params, { self }) => [put(paints, self, { colour: Symbol("no row") as unknown as string })],
    },
    { limits },
  );

const deafMachine = setup({
  types: { events: {} as { readonly type: "ping" } },
  actions: { pong: effect() },
}).createMachine({
  id: "deaf",
  initial: "on",
  states: { on: { on: { ping: { actions: "pong" } } } },
});

/** Knows one event, and no other. */
export const deaf: Behaviour = behaviour(deafMachine, { pong: () => [] });

/** What a puppet noted, in order. */
export function notesOf(host: Host, cell: Address): Note[] {
  const found = [...host.core.tables.rows(notes).entries()].filter(([key]) => key.startsWith(`${cell}#`));
  return found.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, note]) => note);
}

export const heard = (host: Host, cell: Address): string[] => notesOf(host, cell).map(({ event }) => event.type);
