/**
 * An agent of a session: the life of whoever thinks in its discussions, and so of what it keeps for itself.
 *
 * Owns: when it is at work, when it is idle, and when it goes. Does not own: what it keeps (rules/notes.ts), its turns
 * (the specialist), whose turn it is (the discussion).
 *
 *  AG1 Idle for its time it goes, and what it kept goes with it. A turn, a vote, and something learnt in its session
 *      begin that time anew; at work it does not run.
 *  AG2 No agent outlives a restart: whoever thinks then begins with nothing.
 *  AG3 Whoever has gone is told to its library by itself, once.
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";
import type { Note } from "./rules/notes.ts";

/** Which one it is: its session and its name, as its library knows it. */
export interface AgentInput {
  readonly agent: string;
}

export type AgentEvent =
  /** A turn is its own. */
  | { readonly type: "task" }
  | { readonly type: "rested" }
  /** It is asked in a round of a vote. */
  | { readonly type: "consulted" }
  /** Its session has come to something that is worth knowing. */
  | { readonly type: "learnt" }
  /** What it alone knows of a discussion that is over. */
  | { readonly type: "keep"; readonly notes: readonly Note[] }
  /** Its session is forgotten, or others need its place. */
  | { readonly type: "retire" }
  | { readonly type: "restored" };

const BUSY = { task: {}, consulted: {}, learnt: {} } as const;

export const agentMachine = setup({
  types: { input: {} as AgentInput, context: {} as AgentInput, events: {} as AgentEvent },
  actions: { keep: effect<AgentInput>(), depart: effect<AgentInput>() },
  delays: { ttlMs: 600_000 },
}).createMachine({
  id: "agent",
  context: ({ input }) => ({ agent: input.agent }),
  initial: "idle",
  on: { retire: ".terminated", restored: ".terminated" },
  states: {
    idle: {
      after: { ttlMs: "terminated" },
      on: {
        task: "active",
        rested: {},
        consulted: { target: "idle", reenter: true },
        learnt: { target: "idle", reenter: true },
        keep: {
          target: "idle",
          reenter: true,
          actions: { type: "keep", params: ({ context }) => ({ agent: context.agent }) },
        },
      },
    },
    active: {
      on: {
        ...BUSY,
        rested: "idle",
        keep: { actions: { type: "keep", params: ({ context }) => ({ agent: context.agent }) } },
      },
    },
    terminated: {
      type: "final",
      entry: { type: "depart", params: ({ context }) => ({ agent: context.agent }) },
    },
  },
});
