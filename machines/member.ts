/**
 * A hive on another machine, as its queen knows it: linked, doubted, or away.
 *
 * Owns: when a silent hive is given up, and how long it may work on without hearing from her (its lease).
 * Does not own: the link (src/net), the hive's own life (hive.ts), what becomes of its jobs (the queen).
 *
 *  M1 It is given up once for each time it went: at once where it said goodbye, after its link was gone for the time
 *      that a new one takes, or, when the queen herself had restarted, for as long as it may still work for her.
 *  M2 The lease is renewed while it is linked, and not otherwise.
 *  M3 Each time it comes it is told to the queen, who then asks what it has; also when it was only doubted, for it may
 *      be another life of it.
 *  M4 What is said of an earlier link changes nothing: links are numbered, anew in each life of the queen.
 *  M5 From the moment on in which it is not sure that it is there the queen knows so.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { Epoch } from "./words.ts";

export type MemberEvent =
  | { readonly type: "linked"; readonly link: number }
  | { readonly type: "unlinked"; readonly link: number; readonly message: string; readonly isGoodbye: boolean }
  /** The queen's term: she has begun. */
  | { readonly type: "term"; readonly epoch: Epoch }
  | { readonly type: "restored" };

export interface MemberContext {
  readonly epoch: Epoch;
  /** The one that stands, or stood last. */
  readonly link: number;
  readonly message: string;
}

const isLater = ({ context, event }: { context: MemberContext; event: MemberEvent }): boolean =>
  "link" in event && event.link > context.link;

export const memberMachine = setup({
  types: { context: {} as MemberContext, events: {} as MemberEvent, input: {} as { readonly epoch: Epoch } },
  actions: {
    grantLease: effect<{ epoch: Epoch }>(),
    announcePresent: effect(),
    announceDoubted: effect(),
    announceAway: effect<{ message: string }>(),
  },
  guards: {
    isLater,
    isCurrent: ({ context, event }) => "link" in event && event.link === context.link,
    isGoodbye: ({ context, event }) => event.type === "unlinked" && event.link === context.link && event.isGoodbye,
  },
  delays: { renewMs: 3000, returnMs: 2000, reviveMs: 15_000 },
}).createMachine({
  id: "member",
  context: ({ input }) => ({ epoch: input.epoch, link: 0, message: "it was never here" }),
  initial: "away",
  on: {
    linked: { guard: "isLater", target: ".present", actions: assign({ link: ({ event }) => event.link }) },
    unlinked: {},
    term: { actions: assign({ epoch: ({ event }) => event.epoch }) },
  },
  states: {
    away: {
      on: { restored: { actions: assign({ link: 0 }) } },
    },
    present: {
      entry: ["announcePresent"],
      initial: "granted",
      on: {
        unlinked: [
          { guard: "isGoodbye", target: "lost", actions: assign({ message: ({ event }) => event.message }) },
          { guard: "isCurrent", target: "doubted", actions: assign({ message: ({ event }) => event.message }) },
        ],
        restored: { target: "expected", actions: assign({ link: 0, message: "it did not come back" }) },
      },
      states: {
        granted: {
          entry: { type: "grantLease", params: ({ context }) => ({ epoch: context.epoch }) },
          after: { renewMs: { target: "granted", reenter: true } },
          on: {
            term: { target: "granted", reenter: true, actions: assign({ epoch: ({ event }) => event.epoch }) },
          },
        },
      },
    },
    doubted: {
      entry: "announceDoubted",
      after: { returnMs: "lost" },
      on: { restored: { target: "expected", actions: assign({ link: 0 }) } },
    },
    expected: {
      entry: "announceDoubted",
      after: { reviveMs: "lost" },
      on: { restored: {} },
    },
    lost: {
      entry: { type: "announceAway", params: ({ context }) => ({ message: context.message }) },
      always: "away",
    },
  },
});
