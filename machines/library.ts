/**
 * The library: where discussions are begun, one cell each.
 *
 * Owns: that each begins once and how many there are at a time. Does not own: what happens in them,
 * how long an agent lives (agent.ts).
 *
 *  LY1 Above the bound a discussion is refused, and nothing of it stays.
 *  LY2 Asked for the same one again, it begins nothing and says the same.
 *  LY3 Each of those who discuss is one agent of its session, from one discussion to the next, for as long as it lives.
 *      It brings what it kept for itself, and the log says what that was (TS9).
 *  LY4 Of agents there is a bound: above it who was called first goes.
 *  LY5 Whoever asks what runs is told of each discussion by its question, and of each agent that lives by what it
 *      keeps.
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";
import type { Opening, Roster } from "./discussion.ts";
import type { Note } from "./rules/notes.ts";
import type { Address, Caller } from "./words.ts";

export type LibraryEvent =
  | {
      readonly type: "open";
      /** Nobody else's, ever: whoever asks makes it up. */
      readonly discussion: string;
      readonly session: string;
      readonly opening: Opening;
      readonly roster: readonly Roster[];
      readonly model: string | undefined;
      readonly caller: Caller | undefined;
    }
  /** What each of them alone knows of a discussion that is over. */
  | {
      readonly type: "remember";
      readonly session: string;
      readonly kept: readonly { readonly agent: string; readonly notes: readonly Note[] }[];
    }
  /** An agent has gone, by the name that its library knows it by. */
  | { readonly type: "departed"; readonly agent: string; readonly address: Address }
  | { readonly type: "list" }
  | { readonly type: "restored" };

export const libraryMachine = setup({
  types: { events: {} as LibraryEvent },
  actions: { open: effect(), remember: effect(), noteDeparted: effect(), list: effect() },
}).createMachine({
  id: "library",
  initial: "serving",
  states: {
    serving: {
      on: {
        open: { actions: "open" },
        remember: { actions: "remember" },
        departed: { actions: "noteDeparted" },
        list: { actions: "list" },
        restored: {},
      },
    },
  },
});
