/**
 * The hive: what this machine's workers may have, and that they end when they must.
 *
 * Owns: the order of its life. Does not own: which model is wanted (the queen), a process's own life
 * (machines/process.ts).
 *
 *  H1 It obeys only the highest epoch it has seen (RC1).
 *  H2 While draining it starts nothing (RS4).
 *  H3 `stopped` means that no worker process of it is left and nothing is booked (RS1).
 *  H4 A drain belongs to a term: a new term of the queen, or a new life of this hive, serves again.
 *  H5 A worker that is asked for no more before it is decided on is not begun.
 *  H6 Work for a queen on another machine ends with her lease, or when the link to her is gone for longer than the
 *     grace, however often one comes and goes without a word of hers: then every worker is killed, since what it would
 *     still say nobody waits for (RS1). It serves again as soon as she, or a newer one, speaks.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { ProcessEnd, ProcessExit } from "./process.ts";
import { graceMs } from "./rules/lease.ts";
import type { Device, ModelNeeds } from "./rules/reserve.ts";
import type { Epoch, RetryClass } from "./words.ts";
import type { ModelFacts } from "./worker.ts";

interface Failed {
  readonly key: string;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

/** What a worker's process has taken of the memory there is; nothing where the machine does not tell. */
export interface Held {
  readonly worker: string;
  readonly takenBytes: number | undefined;
  readonly peakBytes: number | undefined;
}

export type HiveEvent =
  /** The queen asks for a worker; the answer is this hive's decision. */
  | {
      readonly type: "start.worker";
      readonly epoch: Epoch;
      readonly worker: string;
      readonly model: string;
      /** Those that make room for it: they are stopped, and it waits until they are gone. */
      readonly instead: readonly string[];
    }
  | { readonly type: "stop.worker"; readonly epoch: Epoch; readonly worker: string; readonly end: ProcessEnd }
  /** The queen gave up waiting, or asks again in another term. */
  | { readonly type: "ask.dropped"; readonly id: string }
  | { readonly type: "inventory"; readonly epoch: Epoch }
  /** A queen on another machine lets it work for so long, from now. */
  | { readonly type: "lease"; readonly epoch: Epoch; readonly forMs: number }
  /** The link to her is gone. */
  | { readonly type: "unlinked" }
  | { readonly type: "status" }
  /** What a model needs and what the machine has, asked before a decision. */
  | {
      readonly type: "measured";
      readonly worker: string;
      readonly path: string;
      /** The same for the same file in the same settings: what it took at its last load is remembered by this. */
      readonly profile: string;
      readonly needs: ModelNeeds;
      readonly devices: readonly Device[];
      /** Processor cores of this machine that workers may use. */
      readonly cores: number;
      /** What the processes have taken that were named in the question. */
      readonly held: readonly Held[];
    }
  | {
      readonly type: "weighed";
      readonly worker: string;
      readonly profile: string;
      readonly peakBytes: number;
      readonly devices: readonly Device[];
    }
  | ({ readonly type: "weigh.failed" } & Failed)
  /** What is free after a worker has gone, once it is as much as before, or was looked for long enough. */
  | { readonly type: "looked"; readonly worker: string; readonly devices: readonly Device[] }
  | ({ readonly type: "look.failed" } & Failed)
  /** The queen waits until other programs leave so much: answered then. */
  | {
      readonly type: "await.memory";
      readonly epoch: Epoch;
      readonly model: string;
      readonly device: string;
      readonly untilFreeBytes: number;
    }
  | { readonly type: "memory.came"; readonly key: string }
  | ({ readonly type: "lookout.failed" } & Failed)
  | ({ readonly type: "measure.failed" } & Failed)
  /** A model is wanted here. Answered at once; `await.fetch` is answered when it is here, or cannot be. */
  | { readonly type: "fetch"; readonly model: string }
  | { readonly type: "await.fetch"; readonly model: string }
  | { readonly type: "download.done"; readonly model: string }
  | ({ readonly type: "download.failed"; readonly model: string } & Omit<Failed, "key">)
  | { readonly type: "remove.model"; readonly model: string }
  | { readonly type: "removed"; readonly key: string; readonly bytes: number }
  | ({ readonly type: "remove.failed" } & Failed)
  | { readonly type: "process.loading"; readonly worker: string; readonly pid: number }
  | { readonly type: "process.ready"; readonly worker: string; readonly facts: ModelFacts; readonly port: number }
  | { readonly type: "process.stopping"; readonly worker: string; readonly end: ProcessEnd }
  | {
      readonly type: "process.gone";
      readonly worker: string;
      readonly end: ProcessEnd;
      readonly how: string;
      readonly exit: ProcessExit;
      readonly lastLines: readonly string[];
    }
  | { readonly type: "terminated"; readonly kind: string; readonly id: string; readonly reason: string }
  /** An orphan of a cell that broke was ended; see `terminated`. */
  | {
      readonly type: "reaped";
      readonly token: string;
      readonly how: string;
      readonly exit: ProcessExit;
      readonly lastLines: readonly string[];
    }
  | ({ readonly type: "reap.failed" } & Failed)
  | { readonly type: "signalled" }
  | ({ readonly type: "signal.failed" } & Failed)
  /** Let what runs end, start nothing, stop every worker. */
  | { readonly type: "drain"; readonly epoch: Epoch }
  | { readonly type: "hurry"; readonly epoch: Epoch }
  | { readonly type: "all.gone" }
  | { readonly type: "restored" };

export interface HiveContext {
  readonly epoch: Epoch;
  /** How long the last lease lasts. */
  readonly leaseMs: number;
}

const isNew = ({ context, event }: { context: HiveContext; event: HiveEvent }): boolean =>
  "epoch" in event && event.epoch >= context.epoch;

const isNewTerm = ({ context, event }: { context: HiveContext; event: HiveEvent }): boolean =>
  "epoch" in event && event.epoch > context.epoch;

const leaseOf = ({ epoch, forMs }: Extract<HiveEvent, { type: "lease" }>): HiveContext => ({ epoch, leaseMs: forMs });

export const hiveMachine = setup({
  types: { context: {} as HiveContext, events: {} as HiveEvent },
  actions: {
    measure: effect(),
    decide: effect(),
    forgetPending: effect(),
    refuse: effect<{ code: "worker.stale" | "admission.closed"; message: string }>(),
    refuseUnmeasured: effect(),
    /** Could not be measured: what is only absent is fetched first. */
    noteUnmeasured: effect(),
    beginFetch: effect(),
    awaitFetch: effect(),
    noteFetched: effect(),
    noteUnfetched: effect(),
    removeModel: effect(),
    answerRemoved: effect(),
    stopWorker: effect(),
    answerInventory: effect(),
    answerStatus: effect(),
    noteLoading: effect(),
    noteReady: effect(),
    noteWeighed: effect(),
    noteLooked: effect(),
    lookOut: effect(),
    tellMemory: effect(),
    noteStopping: effect(),
    noteGone: effect(),
    endOrphan: effect(),
    bookOutOrphan: effect(),
    retryOrphan: effect(),
    announceRestored: effect(),
    stopAll: effect<{ message: string }>(),
    killAll: effect<{ message: string }>(),
    checkGone: effect(),
    announceStopped: effect(),
  },
  guards: { isNew, isNewTerm },
  delays: { lease: ({ context }) => context.leaseMs, graceMs: ({ context }) => graceMs(context.leaseMs) },
}).createMachine({
  id: "hive",
  context: { epoch: 0, leaseMs: 0 },
  initial: "serving",
  on: {
    inventory: [
      {
        guard: "isNewTerm",
        target: ".serving",
        actions: [assign({ epoch: ({ event }) => event.epoch }), "answerInventory"],
      },
      { guard: "isNew", actions: "answerInventory" },
      { actions: { type: "refuse", params: { code: "worker.stale", message: "a newer queen was seen" } } },
    ],
    lease: { guard: "isNewTerm", target: ".serving.leased", actions: assign(({ event }) => leaseOf(event)) },
    unlinked: {},
    status: { actions: "answerStatus" },
    "ask.dropped": { actions: "forgetPending" },
    "stop.worker": [
      {
        guard: "isNewTerm",
        target: ".serving",
        actions: [assign({ epoch: ({ event }) => event.epoch }), "stopWorker"],
      },
      { guard: "isNew", actions: "stopWorker" },
    ],
    "start.worker": [
      {
        guard: "isNewTerm",
        target: ".serving",
        actions: [assign({ epoch: ({ event }) => event.epoch }), "measure"],
      },
      {
        guard: "isNew",
        actions: { type: "refuse", params: { code: "admission.closed", message: "the hive is stopping" } },
      },
      { actions: { type: "refuse", params: { code: "worker.stale", message: "a newer queen was seen" } } },
    ],
    fetch: { actions: { type: "refuse", params: { code: "admission.closed", message: "the hive is stopping" } } },
    "await.fetch": { actions: "awaitFetch" },
    "download.done": { actions: "noteFetched" },
    "download.failed": { actions: "noteUnfetched" },
    "remove.model": { actions: "removeModel" },
    removed: { actions: "answerRemoved" },
    "remove.failed": { actions: "answerRemoved" },
    "process.loading": { actions: "noteLoading" },
    "process.ready": { actions: "noteReady" },
    "process.stopping": { actions: "noteStopping" },
    weighed: { actions: "noteWeighed" },
    "weigh.failed": {},
    looked: { actions: "noteLooked" },
    "look.failed": { actions: "noteLooked" },
    "await.memory": [
      { guard: "isNew", actions: "lookOut" },
      { actions: { type: "refuse", params: { code: "worker.stale", message: "a newer queen was seen" } } },
    ],
    "memory.came": { actions: "tellMemory" },
    "lookout.failed": { actions: "tellMemory" },
    terminated: { actions: "endOrphan" },
    "reap.failed": { actions: "retryOrphan" },
    signalled: {},
    "signal.failed": {},
    restored: { target: ".serving", actions: "announceRestored" },
  },
  states: {
    serving: {
      on: {
        "start.worker": [
          { guard: "isNew", actions: [assign({ epoch: ({ event }) => event.epoch }), "measure"] },
          { actions: { type: "refuse", params: { code: "worker.stale", message: "a newer queen was seen" } } },
        ],
        measured: { actions: "decide" },
        "measure.failed": { actions: "noteUnmeasured" },
        fetch: { actions: "beginFetch" },
        "process.gone": { actions: "noteGone" },
        reaped: { actions: "bookOutOrphan" },
        drain: { guard: "isNew", target: "draining", actions: assign({ epoch: ({ event }) => event.epoch }) },
        lease: { guard: "isNew", target: ".leased", actions: assign(({ event }) => leaseOf(event)) },
        unlinked: ".severed",
        hurry: {},
      },
      initial: "unbound",
      states: {
        // It goes with its queen, who is on the same machine; or she has not granted anything yet.
        unbound: {},
        leased: { after: { lease: "#hive.adrift" } },
        severed: { after: { graceMs: "#hive.adrift" }, on: { unlinked: {} } },
      },
    },
    adrift: {
      entry: [{ type: "killAll", params: { message: "its queen was not heard of any more" } }, "checkGone"],
      on: {
        inventory: [
          {
            guard: "isNew",
            target: "serving",
            actions: [assign({ epoch: ({ event }) => event.epoch }), "answerInventory"],
          },
          { actions: { type: "refuse", params: { code: "worker.stale", message: "a newer queen was seen" } } },
        ],
        lease: { guard: "isNew", target: "serving.leased", actions: assign(({ event }) => leaseOf(event)) },
        measured: { actions: "refuseUnmeasured" },
        "measure.failed": { actions: "refuseUnmeasured" },
        "process.gone": { actions: ["noteGone", "checkGone"] },
        reaped: { actions: ["bookOutOrphan", "checkGone"] },
        drain: { guard: "isNew", target: "draining", actions: assign({ epoch: ({ event }) => event.epoch }) },
        hurry: {},
        "all.gone": {},
      },
    },
    draining: {
      entry: [{ type: "stopAll", params: { message: "the node is stopping" } }, "checkGone"],
      on: {
        measured: { actions: "refuseUnmeasured" },
        "measure.failed": { actions: "refuseUnmeasured" },
        "process.gone": { actions: ["noteGone", "checkGone"] },
        reaped: { actions: ["bookOutOrphan", "checkGone"] },
        hurry: {
          guard: "isNew",
          actions: [{ type: "killAll", params: { message: "the node is stopping" } }, "checkGone"],
        },
        drain: { guard: "isNew", actions: assign({ epoch: ({ event }) => event.epoch }) },
        "all.gone": "stopped",
      },
    },
    stopped: {
      entry: "announceStopped",
      on: {
        "process.gone": { actions: "noteGone" },
        reaped: { actions: "bookOutOrphan" },
        measured: { actions: "refuseUnmeasured" },
        "measure.failed": { actions: "refuseUnmeasured" },
        drain: { guard: "isNew", actions: [assign({ epoch: ({ event }) => event.epoch }), "announceStopped"] },
        hurry: {},
        "all.gone": {},
      },
    },
  },
});
