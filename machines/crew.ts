/**
 * The crew of a thread: gives each task to the thinker whose it is, and one at a time.
 *
 * Owns: which thinkers there are, what waits for each. Does not own: whose turn it is (the discussion), the thinking.
 *
 *  CR1 A thinker has one task at a time; what comes meanwhile waits behind it.
 *  CR2 A task that nobody waits for any more is given up: it is taken out of the line, or its thinker is cut.
 *  CR3 Released, a discussion has no thinker left here (TS18).
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";

export type CrewEvent =
  | { readonly type: "task"; readonly discussion: string; readonly agent: string }
  | { readonly type: "ask.dropped"; readonly id: string }
  /** Its thinker has answered it. */
  | { readonly type: "freed"; readonly thinker: string }
  | { readonly type: "left"; readonly thinker: string }
  | { readonly type: "cut"; readonly discussion: string }
  | { readonly type: "release"; readonly discussion: string }
  | { readonly type: "restored" };

export const crewMachine = setup({
  types: { events: {} as CrewEvent },
  actions: {
    give: effect(),
    giveUp: effect<{ id: string }>(),
    giveNext: effect<{ thinker: string }>(),
    forget: effect<{ thinker: string }>(),
    cutAll: effect<{ discussion: string }>(),
    dismiss: effect<{ discussion: string }>(),
  },
}).createMachine({
  id: "crew",
  initial: "serving",
  states: {
    serving: {
      on: {
        task: { actions: "give" },
        "ask.dropped": { actions: { type: "giveUp", params: ({ event }) => ({ id: event.id }) } },
        freed: { actions: { type: "giveNext", params: ({ event }) => ({ thinker: event.thinker }) } },
        left: { actions: { type: "forget", params: ({ event }) => ({ thinker: event.thinker }) } },
        cut: { actions: { type: "cutAll", params: ({ event }) => ({ discussion: event.discussion }) } },
        release: { actions: { type: "dismiss", params: ({ event }) => ({ discussion: event.discussion }) } },
        restored: {},
      },
    },
  },
});
