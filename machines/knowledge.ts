/**
 * What the team knows: what it agreed on, and what the user taught it. One cell, for as long as its home lasts.
 *
 * Owns: what may happen to what is known. Does not own: what is learnt (rules/learn.ts), what belongs to a question
 * (rules/retrieve.ts), vectors (models make them, its host asks for them).
 *
 *  KN1 What is known outlives every restart, until it is forgotten.
 *  KN2 Forgotten it is nowhere any more: not here, not its vector, and not in what a running discussion was given.
 *  KN3 A session that is forgotten takes with it what was learnt in it, and what its agents kept.
 *  KN4 It is bounded: when it is full, what was learnt and not needed for longest goes first, and what the user taught
 *      never goes for something that was learnt.
 *  KN5 Nothing is found under a label that is more private than the one that was asked under (TS11).
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";
import type { Lesson } from "./rules/learn.ts";
import type { Question, Vector } from "./rules/retrieve.ts";
import type { Label } from "./words.ts";

export type KnowledgeEvent =
  | { readonly type: "learn"; readonly lesson: Lesson }
  | { readonly type: "teach"; readonly text: string; readonly label: Label }
  | { readonly type: "list" }
  /** `isUse`: it will be given to somebody, and counts as needed. */
  | {
      readonly type: "search";
      readonly question: Question;
      readonly label: Label;
      readonly limit: number;
      readonly isUse: boolean;
    }
  /** What has no vector of this model yet, and how much is known at all. */
  | { readonly type: "lacking"; readonly model: string }
  | { readonly type: "embedded"; readonly id: string; readonly text: string; readonly vector: Vector }
  | { readonly type: "forget"; readonly id: string }
  | { readonly type: "forget.session"; readonly session: string }
  | { readonly type: "restored" };

export const knowledgeMachine = setup({
  types: { events: {} as KnowledgeEvent },
  actions: {
    learn: effect(),
    teach: effect(),
    list: effect(),
    search: effect(),
    tellLacking: effect(),
    keepVector: effect(),
    forget: effect(),
    forgetSession: effect(),
  },
}).createMachine({
  id: "knowledge",
  initial: "serving",
  states: {
    serving: {
      on: {
        learn: { actions: "learn" },
        teach: { actions: "teach" },
        list: { actions: "list" },
        search: { actions: "search" },
        lacking: { actions: "tellLacking" },
        embedded: { actions: "keepVector" },
        forget: { actions: "forget" },
        "forget.session": { actions: "forgetSession" },
        restored: {},
      },
    },
  },
});
