/**
 * The way of one model from the hub to this machine's disk.
 *
 * Owns: the order of its steps, what is tried again and how often, and the one reason for its failure.
 * Does not own: bytes, hashes and the disk (the port `models`), who waits for it (the hive).
 *
 *  D1 It is done only after every file was checked, and it is checked only when all bytes are here.
 *  D2 What passes is tried again with a growing pause, at most so many times in a row and so long; each try that got
 *     further begins the count anew. What does not pass ends it at once, with its own code.
 *  D3 Nothing is written before there is room for all of it. A disk that is full is measured again, never waited for.
 *  D4 What is not what the hub names is fetched afresh once; the second time it is `download.corrupt`.
 *  D5 Each try asks the hub anew what the name means: a file that changed meanwhile is a new one.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { RetryClass } from "./words.ts";

export interface PlannedFile {
  /** Inside the repository. */
  readonly path: string;
  readonly bytes: number;
  /** As the hub publishes it; of small files it publishes none. */
  readonly sha256: string | undefined;
}

/** What a name means at the hub: one file, or the parts of one that is split, in order. */
export interface ModelPlan {
  /** `hf:OWNER/REPO/FILE.gguf` */
  readonly name: string;
  readonly files: readonly PlannedFile[];
}

export interface DownloadFailure {
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

interface Failed extends DownloadFailure {
  readonly key: string;
}

export type DownloadEvent =
  | { readonly type: "resolved"; readonly plan: ModelPlan }
  | ({ readonly type: "resolve.failed" } & Failed)
  | {
      readonly type: "room.measured";
      readonly toComeBytes: number;
      /** What other downloads are about to write. */
      readonly othersBytes: number;
      readonly freeBytes: number;
    }
  /** To itself, about what was measured. */
  | { readonly type: "room.enough" }
  | { readonly type: "room.lacking"; readonly message: string }
  | ({ readonly type: "room.failed" } & Failed)
  | { readonly type: "fetched" }
  /** It ended early; so much is on the disk. */
  | ({ readonly type: "cut"; readonly presentBytes: number } & DownloadFailure)
  | ({ readonly type: "fetch.failed" } & Failed)
  | { readonly type: "checked" }
  | ({ readonly type: "check.failed" } & Failed)
  /** To itself: nothing came for too long. */
  | { readonly type: "patience.lost" }
  /** Nobody wants it any more. */
  | { readonly type: "cancel" }
  | { readonly type: "restored" };

export interface DownloadContext {
  /** In a row that got no further. */
  readonly tries: number;
  readonly presentBytes: number;
  /** It was not what the hub names, once. */
  readonly spoilt: boolean;
  /** The last failure. */
  readonly failure: DownloadFailure;
}

const NO_FAILURE: DownloadFailure = { code: "", class: "transient", message: "" };
const REMOVED: DownloadFailure = { code: "model.removed", class: "terminal", message: "the model was removed" };

/** Tries in a row that get no further. */
export const TRIES_MAX = 8;
const PAUSE_FIRST_MS = 1000;
const PAUSE_MAX_MS = 60_000;

type Args = { readonly context: DownloadContext; readonly event: DownloadEvent };

const nextTry = ({ context }: Args): number => context.tries + 1;

const failureIn = ({ context, event }: Args): DownloadFailure =>
  "code" in event ? { code: event.code, class: event.class, message: event.message } : context.failure;

export const downloadMachine = setup({
  types: { context: {} as DownloadContext, events: {} as DownloadEvent },
  actions: {
    resolve: effect(),
    notePlan: effect(),
    measureRoom: effect(),
    weighRoom: effect(),
    fetch: effect(),
    check: effect(),
    /** It got further than ever: patience begins anew. */
    noteProgress: effect(),
    weighPatience: effect(),
    announceDone: effect(),
    announceFailed: effect<{ failure: DownloadFailure }>(),
  },
  guards: {
    mayPass: ({ context, event }) =>
      "class" in event && event.class === "transient" && event.code !== "disk.full" && context.tries < TRIES_MAX,
    isFull: ({ context, event }) => event.type === "cut" && event.code === "disk.full" && context.tries < TRIES_MAX,
    isSpoiltFirst: ({ context, event }) =>
      event.type === "check.failed" && event.code === "download.corrupt" && !context.spoilt,
    gotFurther: ({ context, event }) =>
      event.type === "cut" && event.class === "transient" && event.presentBytes > context.presentBytes,
  },
  delays: { pauseMs: ({ context }) => Math.min(PAUSE_FIRST_MS * 2 ** (context.tries - 1), PAUSE_MAX_MS) },
}).createMachine({
  id: "download",
  context: { tries: 0, presentBytes: 0, spoilt: false, failure: NO_FAILURE },
  initial: "resolving",
  on: {
    cancel: { target: ".failed", actions: assign({ failure: REMOVED }) },
  },
  states: {
    resolving: {
      entry: "resolve",
      on: {
        resolved: { target: "makingRoom", actions: "notePlan" },
        "resolve.failed": [
          { guard: "mayPass", target: "waiting", actions: assign({ tries: nextTry, failure: failureIn }) },
          { target: "failed", actions: assign({ failure: failureIn }) },
        ],
      },
    },
    makingRoom: {
      entry: "measureRoom",
      on: {
        "room.measured": { actions: "weighRoom" },
        "room.enough": "fetching",
        "room.lacking": {
          target: "failed",
          actions: assign({
            failure: ({ event }) => ({ code: "disk.full", class: "transient" as const, message: event.message }),
          }),
        },
        "room.failed": [
          { guard: "mayPass", target: "waiting", actions: assign({ tries: nextTry, failure: failureIn }) },
          { target: "failed", actions: assign({ failure: failureIn }) },
        ],
      },
    },
    fetching: {
      entry: "fetch",
      on: {
        fetched: { target: "checking", actions: "noteProgress" },
        cut: [
          { guard: "isFull", target: "makingRoom", actions: assign({ tries: nextTry, failure: failureIn }) },
          {
            guard: "gotFurther",
            target: "waiting",
            actions: [
              assign({ tries: 1, presentBytes: ({ event }) => event.presentBytes, failure: failureIn }),
              "noteProgress",
            ],
          },
          { guard: "mayPass", target: "waiting", actions: assign({ tries: nextTry, failure: failureIn }) },
          { target: "failed", actions: assign({ failure: failureIn }) },
        ],
        "fetch.failed": [
          { guard: "mayPass", target: "waiting", actions: assign({ tries: nextTry, failure: failureIn }) },
          { target: "failed", actions: assign({ failure: failureIn }) },
        ],
      },
    },
    checking: {
      entry: "check",
      on: {
        checked: "done",
        "check.failed": [
          {
            guard: "isSpoiltFirst",
            target: "waiting",
            actions: assign({ tries: 1, failure: failureIn, spoilt: true, presentBytes: 0 }),
          },
          { guard: "mayPass", target: "waiting", actions: assign({ tries: nextTry, failure: failureIn }) },
          { target: "failed", actions: assign({ failure: failureIn }) },
        ],
      },
    },
    waiting: {
      entry: "weighPatience",
      after: { pauseMs: "resolving" },
      on: { "patience.lost": "failed" },
    },
    done: { type: "final", entry: "announceDone" },
    failed: {
      type: "final",
      entry: { type: "announceFailed", params: ({ context }) => ({ failure: context.failure }) },
    },
  },
});
