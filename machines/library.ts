/**
 * The library: where discussions are begun, one cell each.
 *
 * Owns: that each begins once and how many there are at a time. Does not own: what happens in them.
 *
 *  LY1 Above the bound a discussion is refused, and nothing of it stays.
 *  LY2 Asked for the same one again, it begins nothing and says the same.
 *  LY3 Whoever asks what runs is told of each discussion by its question.
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";
import type { Opening, Roster } from "./discussion.ts";
import type { Caller } from "./words.ts";

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
  | { readonly type: "list" }
  | { readonly type: "restored" };

export const libraryMachine = setup({
  types: { events: {} as LibraryEvent },
  actions: { open: effect(), list: effect() },
}).createMachine({
  id: "library",
  initial: "serving",
  states: { serving: { on: { open: { actions: "open" }, list: { actions: "list" }, restored: {} } } },
});
