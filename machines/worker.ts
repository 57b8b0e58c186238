/**
 * One worker: a process that holds one model and answers with it.
 *
 * Owns: loading -> idle <-> busy -> stopping -> stopped, and how many slots are taken.
 * Does not own: its process (machines/process.ts), its memory (the hive), which job it gets (the queen).
 *
 *  W1 `stopping` is one-way: no event leads back (RL1).
 *  W2 It runs no more than its slots, and nothing while loading or stopping (RJ4).
 *  W3 The model is given back exactly once for each visit to `stopping`.
 *  W4 Idle for the time given, it says so, once for each stay in `idle` (row R15, phase 9).
 *  W5 An attempt that already runs is not begun again: whoever asks twice gets the one answer (RC2).
 *  W6 Whoever asks whether it is ready is told so, or why it never will be, however late the question comes: one that
 *     failed before anybody asked waits a while to be asked.
 *  W7 A worker whose engine is sick takes nothing more, and says so to whoever waits for its idleness, however late
 *     that question comes.
 *  W8 How long it stays idle is what the last run said that spoke of it; where none did, it is as it is for all.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { Attempt, RetryClass } from "./words.ts";

/** What a loaded model is, as its engine accounts it. */
export interface ModelFacts {
  readonly architecture: string;
  readonly parameters: number;
  readonly contextTokens: number;
  readonly slots: number;
  readonly embeddingDims: number;
  /** False: the model is completed raw. */
  readonly chatTemplate: boolean;
  /** `remote`: somebody else's server runs it. `llama-server`: that program does, on what it finds here. */
  readonly backend: "cpu" | "cuda" | "metal" | "vulkan" | "remote" | "llama-server";
  /** What the model and its contexts hold. */
  readonly memoryBytes: number;
}

export interface WorkerFailure {
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

export type WorkerEvent =
  | { readonly type: "model.loaded"; readonly facts: ModelFacts }
  | ({ readonly type: "load.failed"; readonly key: string } & WorkerFailure)
  | {
      readonly type: "execute";
      readonly job: string;
      readonly attempt: Attempt;
      readonly request?: { readonly keepAliveMs?: number | undefined };
    }
  | { readonly type: "ran"; readonly job: string; readonly attempt: Attempt }
  | ({ readonly type: "run.failed"; readonly key: string } & WorkerFailure)
  /** The engine gave no sign of life for too long, or broke on the smallest request there is. */
  | ({ readonly type: "engine.sick" } & WorkerFailure)
  | ({ readonly type: "watch.failed"; readonly key: string } & WorkerFailure)
  /** The asker of a run wants no answer any more. */
  | { readonly type: "ask.dropped"; readonly id: string }
  /** What its process's cell waits for, each answered once it is so: ready or failed, idle for its time, stopped. */
  | { readonly type: "report" }
  | { readonly type: "await.idle" }
  /** Finish what runs, take nothing new, then end. */
  | { readonly type: "stop" }
  | { readonly type: "model.released" }
  | ({ readonly type: "release.failed"; readonly key: string } & WorkerFailure);

export interface Run {
  readonly job: string;
  readonly attempt: Attempt;
}

export interface WorkerContext {
  readonly slots: number;
  readonly running: readonly Run[];
  readonly facts: ModelFacts | undefined;
  /** Why the model could not be loaded, or what its engine suffers from since. */
  readonly failure: WorkerFailure | undefined;
  /** Somebody has asked whether it is ready. */
  readonly asked: boolean;
  /** W8. */
  readonly keepAliveMs: number | undefined;
}

/** The key of a run, as its ask carries it. */
export const runKey = ({ job, attempt }: Run): string => `${job}/${attempt}`;

const without = (running: readonly Run[], key: string): readonly Run[] => running.filter((run) => runKey(run) !== key);

const keyOf = (event: WorkerEvent): string =>
  event.type === "ran" || event.type === "execute" ? runKey(event) : "key" in event ? event.key : "";

/** W8. */
const keptFor = (context: WorkerContext, event: Extract<WorkerEvent, { type: "execute" }>): number | undefined =>
  event.request?.keepAliveMs ?? context.keepAliveMs;

const NO_FACTS: ModelFacts = {
  architecture: "",
  parameters: 0,
  contextTokens: 0,
  slots: 0,
  embeddingDims: 0,
  chatTemplate: false,
  backend: "cpu",
  memoryBytes: 0,
};
const NO_FAILURE: WorkerFailure = { code: "defect", class: "defect", message: "" };
const TOO_LONG: WorkerFailure = { code: "worker.load.timeout", class: "transient", message: "loading took too long" };

export const workerMachine = setup({
  types: { context: {} as WorkerContext, events: {} as WorkerEvent },
  actions: {
    loadModel: effect(),
    /** Waits for the engine to be sick: a worker that serves is one whose engine has lately proved itself. */
    watchEngine: effect(),
    /** The asker is answered when the time has come. */
    remember: effect<{ wait: "ready" | "idle" | "stopped" }>(),
    answerReady: effect<{ facts: ModelFacts }>(),
    answerUnready: effect<{ failure: WorkerFailure }>(),
    begin: effect(),
    /** The same attempt is asked for again: the answer goes to whoever asked last. */
    reattach: effect(),
    refuse: effect<{ message: string }>(),
    answer: effect(),
    answerFailed: effect(),
    abort: effect<{ id: string }>(),
    answerIdle: effect(),
    answerSick: effect<{ failure: WorkerFailure }>(),
    abortAll: effect(),
    releaseModel: effect(),
    answerStopped: effect(),
  },
  guards: {
    isLoaded: ({ context }) => context.facts !== undefined,
    wasAsked: ({ context }) => context.asked,
    couldNotLoad: ({ context }) => context.failure !== undefined,
    isSick: ({ context }) => context.facts !== undefined && context.failure !== undefined,
    lastOne: ({ context, event }) => without(context.running, keyOf(event)).length === 0,
    full: ({ context }) => context.running.length >= context.slots,
    runsAlready: ({ context, event }) => context.running.some((run) => runKey(run) === keyOf(event)),
    /** A newer attempt of the same job was seen here. */
    isOlder: ({ context, event }) =>
      event.type === "execute" && context.running.some((run) => run.job === event.job && run.attempt > event.attempt),
  },
  delays: { idleTimeoutMs: 300_000, loadTimeoutMs: 120_000, drainTimeoutMs: 10_000, untoldTimeoutMs: 10_000 },
}).createMachine({
  id: "worker",
  context: { slots: 0, running: [], facts: undefined, failure: undefined, asked: false, keepAliveMs: undefined },
  initial: "loading",
  on: {
    "ask.dropped": { actions: { type: "abort", params: ({ event }) => ({ id: event.id }) } },
    report: [
      {
        guard: "isLoaded",
        actions: [
          { type: "remember", params: { wait: "ready" } },
          { type: "answerReady", params: ({ context }) => ({ facts: context.facts ?? NO_FACTS }) },
        ],
      },
      {
        guard: "couldNotLoad",
        actions: [
          { type: "remember", params: { wait: "ready" } },
          { type: "answerUnready", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
        ],
      },
      { actions: [assign({ asked: true }), { type: "remember", params: { wait: "ready" } }] },
    ],
    "await.idle": [
      {
        guard: "isSick",
        actions: [
          { type: "remember", params: { wait: "idle" } },
          { type: "answerSick", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
        ],
      },
      { actions: { type: "remember", params: { wait: "idle" } } },
    ],
    // Where the engine is not watched any more, or not yet.
    "engine.sick": {},
    "watch.failed": {},
  },
  states: {
    loading: {
      entry: "loadModel",
      after: {
        loadTimeoutMs: {
          target: "stopping",
          actions: [assign({ failure: TOO_LONG }), { type: "answerUnready", params: { failure: TOO_LONG } }],
        },
      },
      on: {
        "model.loaded": {
          target: "idle",
          actions: [
            assign({ slots: ({ event }) => event.facts.slots, facts: ({ event }) => event.facts }),
            { type: "answerReady", params: ({ event }) => ({ facts: event.facts }) },
            "watchEngine",
          ],
        },
        "load.failed": [
          {
            guard: "wasAsked",
            target: "stopping",
            actions: [
              assign({ failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
              { type: "answerUnready", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
            ],
          },
          {
            target: "failed",
            actions: assign({
              failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }),
            }),
          },
        ],
        execute: { actions: { type: "refuse", params: { message: "the model is still loading" } } },
        stop: { target: "stopping", actions: { type: "remember", params: { wait: "stopped" } } },
      },
    },
    /** Nobody knows yet why: the question is still on its way. */
    failed: {
      after: { untoldTimeoutMs: "stopping" },
      on: {
        report: {
          target: "stopping",
          actions: [
            { type: "remember", params: { wait: "ready" } },
            { type: "answerUnready", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
          ],
        },
        execute: { actions: { type: "refuse", params: { message: "the model could not be loaded" } } },
        stop: { target: "stopping", actions: { type: "remember", params: { wait: "stopped" } } },
      },
    },
    idle: {
      after: { idleTimeoutMs: { actions: "answerIdle" } },
      on: {
        "await.idle": { target: "idle", reenter: true, actions: { type: "remember", params: { wait: "idle" } } },
        execute: {
          target: "busy",
          actions: [
            "begin",
            assign({
              running: ({ event }) => [{ job: event.job, attempt: event.attempt }],
              keepAliveMs: ({ context, event }) => keptFor(context, event),
            }),
          ],
        },
        stop: { target: "stopping", actions: { type: "remember", params: { wait: "stopped" } } },
        "engine.sick": {
          target: "stopping",
          actions: [
            assign({ failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
            { type: "answerSick", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
          ],
        },
        "watch.failed": { actions: "watchEngine" },
      },
    },
    busy: {
      on: {
        execute: [
          { guard: "runsAlready", actions: "reattach" },
          { guard: "isOlder", actions: { type: "refuse", params: { message: "a newer attempt runs already" } } },
          { guard: "full", actions: { type: "refuse", params: { message: "every slot is taken" } } },
          {
            actions: [
              "begin",
              assign({
                running: ({ context, event }) => [...context.running, { job: event.job, attempt: event.attempt }],
                keepAliveMs: ({ context, event }) => keptFor(context, event),
              }),
            ],
          },
        ],
        ran: [
          { guard: "lastOne", target: "idle", actions: ["answer", assign({ running: [] })] },
          { actions: ["answer", assign({ running: ({ context, event }) => without(context.running, runKey(event)) })] },
        ],
        "run.failed": [
          { guard: "lastOne", target: "idle", actions: ["answerFailed", assign({ running: [] })] },
          {
            actions: ["answerFailed", assign({ running: ({ context, event }) => without(context.running, event.key) })],
          },
        ],
        stop: { target: "draining", actions: { type: "remember", params: { wait: "stopped" } } },
        "engine.sick": {
          target: "stopping",
          actions: [
            assign({ failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
            { type: "answerSick", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
          ],
        },
        "watch.failed": { actions: "watchEngine" },
      },
    },
    /** On the way to stopping: what runs may end. For everybody outside this is `stopping`. */
    draining: {
      tags: "stopping",
      after: { drainTimeoutMs: "stopping" },
      on: {
        execute: [
          { guard: "runsAlready", actions: "reattach" },
          { actions: { type: "refuse", params: { message: "the worker is stopping" } } },
        ],
        ran: [
          { guard: "lastOne", target: "stopping", actions: ["answer", assign({ running: [] })] },
          { actions: ["answer", assign({ running: ({ context, event }) => without(context.running, runKey(event)) })] },
        ],
        "run.failed": [
          { guard: "lastOne", target: "stopping", actions: ["answerFailed", assign({ running: [] })] },
          {
            actions: ["answerFailed", assign({ running: ({ context, event }) => without(context.running, event.key) })],
          },
        ],
        stop: { actions: { type: "remember", params: { wait: "stopped" } } },
        "engine.sick": {
          target: "stopping",
          actions: [
            assign({ failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
            { type: "answerSick", params: ({ context }) => ({ failure: context.failure ?? NO_FAILURE }) },
          ],
        },
        "watch.failed": { actions: "watchEngine" },
      },
    },
    stopping: {
      entry: ["abortAll", "releaseModel"],
      on: {
        execute: { actions: { type: "refuse", params: { message: "the worker is stopping" } } },
        ran: { actions: "answer" },
        "run.failed": { actions: "answerFailed" },
        "model.released": "stopped",
        "release.failed": "stopped",
        "model.loaded": {},
        "load.failed": {},
        stop: { actions: { type: "remember", params: { wait: "stopped" } } },
      },
    },
    stopped: { type: "final", entry: "answerStopped" },
  },
});
