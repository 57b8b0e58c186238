/**
 * One operating-system process of a worker, from the fork to the reap.
 *
 * Owns: how it is started, watched and ended, and the one reason for its end.
 * Does not own: the model in it (machines/worker.ts), the memory booked for it (the hive, until `gone`).
 *
 *  P1 `gone` is reached only when the process is reaped or was never there: memory is booked until then (RS6).
 *  P2 The first reason for its end is the one that is told.
 *  P3 A process that does not end when asked is killed within the kill delay.
 *  P4 Whatever a fork left behind, also one cut short by a restart, is looked for before `gone`; and a fork under way
 *     is waited for, since what is not there yet can be neither signalled nor reaped.
 *  P5 Whatever ends it has a code of its own: asked, idle for its time, out of memory, crashed, loading too long, hung,
 *     an engine that fails. What is guessed is told as a guess.
 *  P6 With its end it is told what this node did to end it: nothing, asked it, SIGTERM, SIGKILL.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { RetryClass } from "./words.ts";
import type { ModelFacts } from "./worker.ts";

export interface ProcessEnd {
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

/** How a process came to its end, as far as this node knows. */
export interface ProcessExit {
  /** One of these two, and neither where nobody saw the end. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The hardest thing that this node had done to end it. P6. */
  readonly after: "nothing" | "request" | "SIGTERM" | "SIGKILL";
}

interface Failed {
  readonly key: string;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

export type ProcessEvent =
  | { readonly type: "forked"; readonly pid: number }
  | ({ readonly type: "fork.failed" } & Failed)
  /**
   * Its life is over and the kernel knows it. `known` is false when this node never had such a process. `starved` is
   * what speaks for the kernel having ended it for want of memory; "" when nothing does.
   */
  | {
      readonly type: "reaped";
      readonly known: boolean;
      readonly how: string;
      /** Of what was done to end it, the signals alone. */
      readonly exit: ProcessExit;
      readonly lastLines: readonly string[];
      readonly starved: string;
    }
  | ({ readonly type: "reap.failed" } & Failed)
  /** Nothing was heard from it for too long: its event loop hangs, or it is stopped. */
  | { readonly type: "silent"; readonly silentMs: number }
  | ({ readonly type: "listen.failed" } & Failed)
  | ({ readonly type: "signal.failed" } & Failed)
  | { readonly type: "signalled" }
  | { readonly type: "worker.ready"; readonly facts: ModelFacts; readonly port: number }
  | ({ readonly type: "report.failed" } & Failed)
  | { readonly type: "worker.expired" }
  /** Its engine does not answer any more, or fails at the smallest request. */
  | { readonly type: "worker.sick"; readonly code: string; readonly class: RetryClass; readonly message: string }
  | ({ readonly type: "idle.failed" } & Failed)
  | { readonly type: "worker.stopped" }
  | ({ readonly type: "halt.failed" } & Failed)
  | { readonly type: "stop"; readonly end: ProcessEnd }
  | { readonly type: "kill"; readonly end: ProcessEnd }
  | { readonly type: "restored" };

export interface ProcessContext {
  readonly end: ProcessEnd;
  /** The worker in it was asked to stop. */
  readonly asked: boolean;
}

const UNKNOWN: ProcessEnd = { code: "", class: "transient", message: "" };
const IDLE: ProcessEnd = { code: "worker.idle", class: "cancelled", message: "it was idle for its time" };

type Reaped = Extract<ProcessEvent, { type: "reaped" }>;

/** It ended and its cell had not asked for it. P5. */
function lossOf({ how, exit, starved }: Reaped): ProcessEnd {
  const why = exit.after === "nothing" ? "the process ended unasked" : "the process had to be ended";
  if (starved === "") return { code: "worker.lost", class: "transient", message: `${why}: ${how}` };
  const message = `the kernel ended it, probably for want of memory: ${starved}`;
  return { code: "worker.out.of.memory", class: "transient", message };
}

/** P6. */
const exitOf = ({ asked }: ProcessContext, { exit }: Reaped): ProcessExit =>
  asked && exit.after === "nothing" ? { ...exit, after: "request" } : exit;

/** Keeps the first reason. P2. */
const because = (context: ProcessContext, end: ProcessEnd): ProcessEnd => (context.end.code === "" ? end : context.end);

export const processMachine = setup({
  types: { context: {} as ProcessContext, events: {} as ProcessEvent },
  actions: {
    fork: effect(),
    /** Waits for its end; asked again after a restart. */
    awaitReap: effect(),
    /** Waits for its silence; asked again after a restart. */
    awaitSilence: effect(),
    /** Waits until the model is loaded, or could not be; asked again after a restart. */
    awaitReady: effect(),
    /** Waits until the worker was idle for its time; asked again after a restart. */
    awaitIdle: effect(),
    announceStarting: effect<{ pid: number }>(),
    announceReady: effect<{ facts: ModelFacts; port: number }>(),
    announceStopping: effect<{ end: ProcessEnd }>(),
    askToStop: effect(),
    sendSignal: effect<{ signal: "SIGTERM" | "SIGKILL" }>(),
    announceGone: effect<{ end: ProcessEnd; how: string; exit: ProcessExit; lastLines: readonly string[] }>(),
  },
  guards: { isToEnd: ({ context }) => context.end.code !== "" },
  delays: { loadTimeoutMs: 130_000, stopTimeoutMs: 12_000, killTimeoutMs: 5_000 },
}).createMachine({
  id: "process",
  context: { end: UNKNOWN, asked: false },
  initial: "forking",
  on: {
    // Also before `forked` was folded: what a restart cut short must still be found and ended. P4.
    reaped: {
      target: ".gone",
      actions: [
        assign({
          end: ({ context, event }) => because(context, lossOf(event)),
        }),
        {
          type: "announceGone",
          params: ({ context, event }) => ({
            end: context.end,
            how: event.how,
            exit: exitOf(context, event),
            lastLines: event.lastLines,
          }),
        },
      ],
    },
    kill: { target: ".killing", actions: assign({ end: ({ context, event }) => because(context, event.end) }) },
    "reap.failed": { actions: "awaitReap" },
    "listen.failed": { actions: "awaitSilence" },
    // News that changes nothing where no state says otherwise.
    "signal.failed": {},
    signalled: {},
    "worker.ready": {},
    "report.failed": {},
    "worker.expired": {},
    "worker.sick": {},
    "idle.failed": {},
    "worker.stopped": {},
    "halt.failed": {},
    stop: {},
    silent: {},
  },
  states: {
    forking: {
      entry: "fork",
      on: {
        forked: [
          {
            guard: "isToEnd",
            target: "killing",
            actions: { type: "announceStarting", params: ({ event }) => ({ pid: event.pid }) },
          },
          {
            target: "loading",
            actions: { type: "announceStarting", params: ({ event }) => ({ pid: event.pid }) },
          },
        ],
        "fork.failed": {
          target: "killing",
          actions: assign({
            end: ({ context, event }) =>
              because(context, { code: event.code, class: event.class, message: event.message }),
          }),
        },
        stop: { actions: assign({ end: ({ context, event }) => because(context, event.end) }) },
        kill: { actions: assign({ end: ({ context, event }) => because(context, event.end) }) },
      },
    },
    loading: {
      entry: ["awaitReap", "awaitSilence", "awaitReady"],
      after: {
        loadTimeoutMs: {
          target: "killing",
          actions: assign({
            end: {
              code: "worker.load.timeout",
              class: "transient",
              message: "loading took too long",
            } satisfies ProcessEnd,
          }),
        },
      },
      on: {
        "worker.ready": {
          target: "ready",
          actions: { type: "announceReady", params: ({ event }) => ({ facts: event.facts, port: event.port }) },
        },
        "report.failed": {
          target: "stopping",
          actions: assign({ end: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
        },
        silent: {
          target: "killing",
          actions: assign({
            end: ({ event }) => ({
              code: "worker.hung",
              class: "transient",
              message: `nothing was heard from it for ${event.silentMs} ms while loading`,
            }),
          }),
        },
        stop: { target: "stopping", actions: assign({ end: ({ event }) => event.end }) },
      },
    },
    ready: {
      entry: "awaitIdle",
      on: {
        "idle.failed": { actions: "awaitIdle" },
        "worker.expired": { target: "stopping", actions: assign({ end: IDLE }) },
        "worker.sick": {
          target: "killing",
          actions: assign({ end: ({ event }) => ({ code: event.code, class: event.class, message: event.message }) }),
        },
        silent: {
          target: "killing",
          actions: assign({
            end: ({ event }) => ({
              code: "worker.hung",
              class: "transient",
              message: `nothing was heard from it for ${event.silentMs} ms`,
            }),
          }),
        },
        stop: { target: "stopping", actions: assign({ end: ({ event }) => event.end }) },
      },
    },
    stopping: {
      entry: [
        { type: "announceStopping", params: ({ context }) => ({ end: context.end }) },
        "askToStop",
        assign({ asked: true }),
      ],
      after: { stopTimeoutMs: "terminating" },
      on: { silent: "killing" },
    },
    terminating: {
      entry: { type: "sendSignal", params: { signal: "SIGTERM" } },
      after: { killTimeoutMs: "killing" },
      on: { silent: "killing" },
    },
    killing: {
      entry: [
        { type: "announceStopping", params: ({ context }) => ({ end: context.end }) },
        { type: "sendSignal", params: { signal: "SIGKILL" } },
        "awaitReap",
      ],
      on: { kill: {} },
    },
    gone: { type: "final" },
  },
});
