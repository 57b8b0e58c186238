/**
 * A discussion: one log with one owner, from its question to its final word.
 *
 * Owns: when it looks what is to be written next, when it winds up, that its final word comes last. Does not own: what
 * is written (rules/discuss.ts), thoughts (specialists), models (jobs), where logs are kept once they are over.
 *
 *  DI1 The log is written by this cell alone, and says `closing`, `closed`, `final` once each, in this order (TS5).
 *  DI2 Behind `closing` only turns that run may end, for as long as the grace lasts (TS5, TL1).
 *  DI3 The final word waits until the thinkers are gone (TS18), and comes without a model where there is none (TL1).
 *  DI4 It looks again whenever something was said, when a time is up, and when it was restored (TL7).
 *  DI5 It is over when its log is kept; until then it is asked to be kept again.
 *  DI6 Of every time that a thinker is given the last twentieth is for telling what it took: then its work is cut.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { LogEvent, Logged, Order, Source, Unwritten } from "./rules/log.ts";
import type { Usage } from "./rules/usage.ts";
import type { Tool } from "./rules/tools.ts";
import type { Caller, RetryClass } from "./words.ts";

/** A thinker as it takes its seat: what the log tells of it, and what it is told itself. */
export interface Roster {
  readonly name: string;
  readonly colour: string;
  readonly hash: string;
  readonly model?: string | undefined;
  readonly contributionsMax?: number | undefined;
  /** `local`: its words are made inside the cluster. */
  readonly place: "local" | "any";
  readonly tools?: readonly Tool[] | undefined;
  readonly body: string;
}

/** How a turn came to its end, unless it failed before it took anything. */
export type TurnResult =
  | {
      readonly type: "said";
      readonly text: string;
      readonly usage: Usage;
      readonly source: Source;
      readonly conf?: number | undefined;
      readonly claims?: readonly string[] | undefined;
      readonly objection?: { readonly claim: string; readonly error: string } | undefined;
    }
  | { readonly type: "passed"; readonly why: string; readonly usage: Usage }
  /** Behind steps that were answered: what those took. */
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly usage: Usage }
  /** It was to stop: what it had said and taken by then. */
  | { readonly type: "cut"; readonly partial: string; readonly usage: Usage };

interface Failed {
  readonly key: string;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

/** What its log begins with: the question; or all that was said in another one, and something said behind that. */
export type Opening =
  | { readonly type: "question"; readonly opened: Extract<Unwritten, { type: "opened" }> }
  | { readonly type: "fork"; readonly prefix: readonly LogEvent[]; readonly text: string | undefined };

export type DiscussionEvent =
  | {
      readonly type: "begin";
      readonly session: string;
      readonly opening: Opening;
      readonly roster: readonly Roster[];
      readonly model: string | undefined;
      /** In whose name its jobs are asked for. */
      readonly caller: Caller | undefined;
    }
  /** See what is to be written next. */
  | { readonly type: "look" }
  /** Nothing is, for so long. */
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "close" }
  | { readonly type: "turned"; readonly turn: number; readonly result: TurnResult }
  | ({ readonly type: "turn.failed" } & Failed)
  | {
      readonly type: "voted";
      readonly agent: string;
      readonly round: number;
      readonly option: string;
      readonly conf: number;
      readonly usage: Usage;
    }
  | ({ readonly type: "vote.failed" } & Failed)
  /** It took something, and is no vote. */
  | {
      readonly type: "unvoted";
      readonly agent: string;
      readonly round: number;
      readonly code: string;
      readonly usage: Usage;
    }
  | { readonly type: "summed"; readonly upTo: number; readonly text: string; readonly usage: Usage }
  | ({ readonly type: "summary.failed" } & Failed)
  | { readonly type: "cut" }
  | ({ readonly type: "cut.failed" } & Failed)
  /** No turn runs any more. */
  | { readonly type: "over" }
  /** The thinkers are gone. */
  | { readonly type: "released" }
  | ({ readonly type: "release.failed" } & Failed)
  | { readonly type: "concluded"; readonly text: string; readonly by: Logged<"final">["by"]; readonly usage: Usage }
  | ({ readonly type: "final.failed" } & Failed)
  | { readonly type: "heard" }
  | ({ readonly type: "publish.failed" } & Failed)
  | { readonly type: "kept" }
  | ({ readonly type: "keep.failed" } & Failed)
  | { readonly type: "say"; readonly text: string; readonly to?: string | undefined }
  | { readonly type: "order"; readonly order: Order }
  | { readonly type: "read"; readonly from: number }
  /** What was known under this id is to be known no more. */
  | { readonly type: "forgotten"; readonly knowledge: string }
  | { readonly type: "restored" };

/** DI6. Of a time that somebody is given. */
export const thinkingMs = (ms: number): number => Math.ceil(ms * (1 - TELLING_SHARE));
const TELLING_SHARE = 0.05;

export interface DiscussionContext {
  readonly graceMs: number;
  readonly wakeMs: number;
}

/** What may still come when the talk is over: answers of asks that were open, and of who was told to stop. */
const LATE = {
  look: {},
  wait: {},
  close: {},
  over: {},
  turned: {},
  "turn.failed": {},
  voted: {},
  "vote.failed": {},
  unvoted: {},
  summed: {},
  "summary.failed": {},
  released: {},
  "release.failed": {},
} as const;

export const discussionMachine = setup({
  types: {
    input: {} as { readonly graceMs: number },
    context: {} as DiscussionContext,
    events: {} as DiscussionEvent,
  },
  actions: {
    /** The question is written, and who was called. */
    open: effect(),
    look: effect(),
    noteTurn: effect(),
    noteFailure: effect(),
    noteVote: effect(),
    noteAbstention: effect(),
    noteUnvoted: effect(),
    noteSummary: effect(),
    forgetSummary: effect(),
    noteSay: effect(),
    noteOrder: effect(),
    refuseLate: effect(),
    answerRead: effect(),
    redact: effect<{ knowledge: string }>(),
    /** Who speaks may end; when it was stopped, it is cut. */
    wind: effect(),
    /** Their time is as good as over: what they have said and taken by then is all that comes of them. */
    cutRest: effect(),
    /** What has not ended is late. The thinkers may go. */
    shut: effect(),
    /** Nobody said in time that they have gone: they are told to, and are not waited for. */
    letGo: effect(),
    conclude: effect(),
    /** What was raised is gone with the memory that it was in; what was asked is not. */
    concludeAgain: effect(),
    writeFinal: effect(),
    writeFallback: effect(),
    keep: effect(),
    clear: effect(),
  },
  delays: {
    wakeMs: ({ context }) => context.wakeMs,
    graceMs: ({ context }) => context.graceMs,
    lastMs: ({ context }) => thinkingMs(context.graceMs),
    keepAgainMs: 5000,
  },
}).createMachine({
  id: "discussion",
  context: ({ input }) => ({ graceMs: input.graceMs, wakeMs: 0 }),
  initial: "fresh",
  on: {
    read: { actions: "answerRead" },
    forgotten: { actions: { type: "redact", params: ({ event }) => ({ knowledge: event.knowledge }) } },
    heard: {},
    "publish.failed": {},
    cut: {},
    "cut.failed": {},
    restored: {},
  },
  states: {
    fresh: {
      on: {
        begin: { target: "open", actions: "open" },
        say: { actions: "refuseLate" },
        order: { actions: "refuseLate" },
      },
    },
    open: {
      entry: "look",
      initial: "busy",
      on: {
        look: { target: ".busy", actions: "look" },
        wait: { target: ".waiting", actions: assign({ wakeMs: ({ event }) => event.ms }) },
        close: "closing",
        turned: { actions: "noteTurn" },
        "turn.failed": { actions: "noteFailure" },
        voted: { actions: "noteVote" },
        "vote.failed": { actions: "noteAbstention" },
        unvoted: { actions: "noteUnvoted" },
        summed: { actions: "noteSummary" },
        "summary.failed": { actions: "forgetSummary" },
        say: { actions: "noteSay" },
        order: { actions: "noteOrder" },
        restored: { actions: "look" },
      },
      states: {
        // It is there already: nothing is left, entered or armed for it.
        busy: { on: { look: { actions: "look" } } },
        waiting: { after: { wakeMs: { target: "busy", actions: "look" } } },
      },
    },
    closing: {
      entry: "wind",
      after: { lastMs: { actions: "cutRest" }, graceMs: "closed" },
      on: {
        ...LATE,
        over: "closed",
        // Who was cut before a crash is cut again: after a stop nobody thinks (TS17).
        restored: { actions: "wind" },
        turned: { actions: "noteTurn" },
        "turn.failed": { actions: "noteFailure" },
        say: { actions: "refuseLate" },
        order: { actions: "refuseLate" },
      },
    },
    closed: {
      entry: "shut",
      on: {
        ...LATE,
        released: "concluding",
        "release.failed": { target: "concluding", actions: "letGo" },
        say: { actions: "refuseLate" },
        order: { actions: "refuseLate" },
      },
    },
    concluding: {
      entry: "conclude",
      on: {
        ...LATE,
        concluded: { target: "keeping", actions: "writeFinal" },
        "final.failed": { target: "keeping", actions: "writeFallback" },
        restored: { actions: "concludeAgain" },
        say: { actions: "refuseLate" },
        order: { actions: "refuseLate" },
      },
    },
    keeping: {
      entry: "keep",
      after: { keepAgainMs: { target: "keeping", reenter: true } },
      on: {
        ...LATE,
        kept: { target: "ended", actions: "clear" },
        "keep.failed": {},
        say: { actions: "refuseLate" },
        order: { actions: "refuseLate" },
      },
    },
    ended: { type: "final" },
  },
});
