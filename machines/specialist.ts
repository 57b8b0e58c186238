/**
 * One thinker of one discussion: it is given a turn or a vote at a time, and thinks in steps, each a job of its own.
 *
 * Owns: which step follows which, how often a model may be no good. Does not own: whether it is its turn (the
 * discussion), what it is asked word by word, how words are parsed.
 *
 *  SP1 It does one thing at a time; each ends in one answer to whoever gave it (TS4, TS7).
 *  SP2 A pass is a pass only when the model said so in the form it was held to; anything else is a failure (TS14).
 *  SP3 Told to stop it gives what it has said by then, and its work runs no more (TS17).
 *  SP4 A draft that was written counts, also when its claims do not come or have not their form.
 *  SP5 Whoever is not needed for a while goes; nothing leaves `stopped` (TS16).
 *  SP6 What all of its steps took it says with whatever comes of them, of a step that broke off as much as came.
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "./effect.ts";
import type { Source, TurnKind } from "./rules/log.ts";
import type { Usage } from "./rules/usage.ts";
import type { RetryClass } from "./words.ts";

/** What it is asked to do. */
export type Duty = TurnKind | "vote" | "summary" | "final";

/** One job of a step. */
export type Step = "draft" | "claims" | "bid" | "speak" | "object" | "answer" | "sample" | "vote" | "summary" | "final";

export type SpecialistEvent =
  | { readonly type: "assigned"; readonly duty: Duty }
  | {
      readonly type: "called";
      readonly step: Step;
      readonly text: string;
      readonly usage: Usage;
      readonly source: Source;
    }
  | {
      readonly type: "call.failed";
      readonly key: string;
      readonly code: string;
      readonly class: RetryClass;
      readonly message: string;
    }
  /** It failed behind a part of its answer, or took all the time that there was: what it took at the least. */
  | { readonly type: "broke"; readonly code: string; readonly message: string; readonly usage: Usage }
  /** What came of a bid. */
  | { readonly type: "speaks" }
  | { readonly type: "objects" }
  | { readonly type: "passes"; readonly why: string }
  /** The step is done, and is the last or not. */
  | { readonly type: "thought" }
  | { readonly type: "malformed"; readonly code: string; readonly message: string }
  | { readonly type: "cut" }
  | { readonly type: "partial"; readonly text: string; readonly usage: Usage }
  | { readonly type: "cut.failed" };

const FAILING = {
  "call.failed": { target: "listening", actions: "giveFailure" },
  broke: { target: "listening", actions: "giveFailure" },
  malformed: { target: "listening", actions: "giveMalformed" },
  cut: "stopping",
} as const;

const heard = { actions: "readStep" } as const;

export const specialistMachine = setup({
  types: { events: {} as SpecialistEvent },
  actions: {
    call: effect<{ step: Step }>(),
    /** Words become an event: a thought, a pass, or nothing that fits. */
    readStep: effect(),
    giveResult: effect(),
    givePass: effect<{ why: string }>(),
    giveFailure: effect(),
    giveMalformed: effect(),
    cutCall: effect(),
    givePartial: effect(),
    depart: effect(),
  },
  guards: {
    isDraft: ({ event }) => event.type === "assigned" && event.duty === "draft",
    isTalk: ({ event }) => event.type === "assigned" && event.duty === "talk",
    isAnswer: ({ event }) => event.type === "assigned" && event.duty === "answer",
    isSample: ({ event }) => event.type === "assigned" && event.duty === "sample",
    isVote: ({ event }) => event.type === "assigned" && event.duty === "vote",
    isSummary: ({ event }) => event.type === "assigned" && event.duty === "summary",
  },
  delays: { ttlMs: 600_000 },
}).createMachine({
  id: "specialist",
  initial: "listening",
  on: { cut: {}, partial: {}, "cut.failed": {} },
  states: {
    listening: {
      on: {
        assigned: [
          { guard: "isDraft", target: "drafting" },
          { guard: "isTalk", target: "bidding" },
          { guard: "isAnswer", target: "answering" },
          { guard: "isSample", target: "sampling" },
          { guard: "isVote", target: "voting" },
          { guard: "isSummary", target: "summing" },
          { target: "concluding" },
        ],
      },
      after: { ttlMs: "stopped" },
    },
    drafting: {
      entry: { type: "call", params: { step: "draft" } },
      on: { ...FAILING, called: heard, thought: "claiming" },
    },
    claiming: {
      entry: { type: "call", params: { step: "claims" } },
      on: {
        called: heard,
        thought: { target: "listening", actions: "giveResult" },
        "call.failed": { target: "listening", actions: "giveResult" },
        broke: { target: "listening", actions: "giveResult" },
        malformed: { target: "listening", actions: "giveResult" },
        cut: "stopping",
      },
    },
    bidding: {
      entry: { type: "call", params: { step: "bid" } },
      on: {
        ...FAILING,
        called: heard,
        speaks: "speaking",
        objects: "objecting",
        passes: {
          target: "listening",
          actions: { type: "givePass", params: ({ event }) => ({ why: event.why }) },
        },
      },
    },
    speaking: {
      entry: { type: "call", params: { step: "speak" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    objecting: {
      entry: { type: "call", params: { step: "object" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    answering: {
      entry: { type: "call", params: { step: "answer" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    sampling: {
      entry: { type: "call", params: { step: "sample" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    voting: {
      entry: { type: "call", params: { step: "vote" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    summing: {
      entry: { type: "call", params: { step: "summary" } },
      on: { ...FAILING, called: heard, thought: { target: "listening", actions: "giveResult" } },
    },
    // The last word is its last duty.
    concluding: {
      entry: { type: "call", params: { step: "final" } },
      on: {
        ...FAILING,
        called: heard,
        thought: { target: "stopped", actions: "giveResult" },
        "call.failed": { target: "stopped", actions: "giveFailure" },
        broke: { target: "stopped", actions: "giveFailure" },
        malformed: { target: "stopped", actions: "giveMalformed" },
      },
    },
    stopping: {
      entry: "cutCall",
      on: {
        partial: { target: "stopped", actions: "givePartial" },
        "cut.failed": { target: "stopped", actions: "givePartial" },
        called: {},
        "call.failed": {},
        broke: {},
      },
    },
    stopped: { type: "final", entry: "depart" },
  },
});
