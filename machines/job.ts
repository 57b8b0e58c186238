/**
 * One accepted job, from the queue to its one end.
 *
 * Owns: when it may run, how often it is tried, what ends it. Does not own: the queue, slots or the choice of a worker
 * (the queen), the text (streams), the model (the worker).
 *
 *  J1 A job ends in exactly one of done, failed, cancelled; each of them is final (RJ1).
 *  J2 Attempts are numbered by the queen; news of another attempt changes nothing (RJ2).
 *  J3 After `cancel` or the deadline no further attempt begins (RJ6).
 *  J4 Only a transient failure is tried again, and only while attempts are left; what was said goes with it.
 *  J5 Each attempt that began is abandoned and its slot given back, once, when it is left.
 *  J6 `done` is said of an answer that is kept whole: what a node lost with it is said again by another attempt.
 *  J7 Why an attempt was left is told with its slot, by a code; of one that said all it had to say, nothing is.
 *  J8 What a job said that was cut or failed is told once, to be counted: leaving early is not leaving for nothing.
 *  J9 An attempt whose machine was given up and has come back goes on, while no other has begun: it is not begun again.
 *  J10 One that may be begun once is not begun again, whatever became of it: it fails.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "./effect.ts";
import type { Address, Attempt, RetryClass } from "./words.ts";

export interface JobUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export type Finish = "stop" | "length" | "tool_calls";

/** How an attempt came to its end, and in how many chunks all that was said of the job stands. */
export interface JobOutcome {
  readonly finish: Finish;
  /** The stop string that ended it. */
  readonly stop?: string | undefined;
  readonly usage: JobUsage;
  readonly chunks: number;
}

export interface JobFailure {
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
}

/** Why an attempt was left before it had said all it had to say. */
export type Left = Pick<JobFailure, "code" | "message">;

/** What readers have been given of a job: the text of each chunk, in order, and how many tokens all of them took. */
export interface Said {
  readonly pieces: readonly string[];
  readonly tokens: number;
  /** Which pieces name what is called; behind each are its arguments, and no text any more. */
  readonly calls?: readonly number[];
}

export type JobEvent =
  | { readonly type: "assigned"; readonly attempt: Attempt; readonly worker: Address; readonly why: string }
  /** Its last attempt runs on where it was, after all. */
  | { readonly type: "adopted"; readonly attempt: Attempt; readonly worker: Address; readonly why: string }
  | ({ readonly type: "executed"; readonly attempt: Attempt } & JobOutcome)
  | ({ readonly type: "execute.failed"; readonly key: string } & JobFailure)
  /** The stream takes chunks of this attempt from now on, or cannot. */
  | { readonly type: "stream.begun" }
  | ({ readonly type: "begin.failed"; readonly key: string } & JobFailure)
  /** All that was said outlives the node, or is not there any more. */
  | { readonly type: "sealed" }
  | ({ readonly type: "seal.failed"; readonly key: string } & JobFailure)
  | { readonly type: "worker.lost"; readonly attempt: Attempt; readonly message: string }
  /** What the reader has already seen, asked of the stream before another attempt. */
  | { readonly type: "said"; readonly said: Said }
  | ({ readonly type: "recall.failed"; readonly key: string } & JobFailure)
  /** The queen knows that it must be queued no more, e.g. because its model cannot be loaded anywhere. */
  | ({ readonly type: "reject" } & JobFailure)
  /** @see CANCELLED, where no reason is given */
  | { readonly type: "cancel"; readonly message?: string }
  | { readonly type: "stream.closed"; readonly saidTokens: number }
  | ({ readonly type: "announce.failed"; readonly key: string } & JobFailure)
  /** The node is stopping: give the slot back and wait for better times. */
  | { readonly type: "suspend" }
  | { readonly type: "restored" };

export interface JobContext {
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  /** J10. */
  readonly isOnce?: boolean;
  readonly attempt: Attempt;
  readonly failure: JobFailure;
  readonly outcome: JobOutcome;
}

const NO_FAILURE: JobFailure = { code: "defect", class: "defect", message: "" };
const NO_OUTCOME: JobOutcome = {
  finish: "stop",
  usage: { promptTokens: 0, completionTokens: 0, firstTokenMs: 0, totalMs: 0 },
  chunks: 0,
};

const DEADLINE: JobFailure = { code: "job.deadline", class: "terminal", message: "its time was up" };
const SUSPENDED: JobFailure = { code: "job.attempts", class: "terminal", message: "the node was stopping" };
const CANCELLED: JobFailure = { code: "job.cancelled", class: "cancelled", message: "it was cancelled" };

function leftFor(event: JobEvent): Left | undefined {
  switch (event.type) {
    case "executed":
      return undefined;
    case "begin.failed":
    case "execute.failed":
      return { code: event.code, message: event.message };
    case "worker.lost":
      return { code: "worker.lost", message: event.message };
    case "cancel":
      return { code: CANCELLED.code, message: event.message ?? CANCELLED.message };
    case "suspend":
      return { code: "interrupted", message: "the node was stopping" };
    default:
      return { code: DEADLINE.code, message: DEADLINE.message };
  }
}

const outOfAttempts = (attempts: number, last: string): JobFailure => ({
  code: "job.attempts",
  class: "terminal",
  message: `${attempts} attempts, the last: ${last}`,
});

/** Also one that ended, idle, while the job was on its way to it. */
const isLost = (event: JobEvent): boolean =>
  event.type === "worker.lost" || (event.type === "execute.failed" && event.code === "cell.gone");

const attemptsOf = ({ attemptsMax, isOnce }: JobContext): number => (isOnce === true ? 1 : attemptsMax);

/** A failed ask names the attempt in its key. */
const attemptOf = (event: JobEvent): Attempt =>
  "attempt" in event ? event.attempt : "key" in event ? Number(event.key) : 0;

/**
 * What may still come when the job is over: control overtakes data, the queen hears of the end a little later than the
 * job, and asks that were open when it ended are answered. A slot that it was just given, the queen takes back herself.
 */
const LATE = {
  adopted: {},
  assigned: {},
  "begin.failed": {},
  cancel: {},
  "recall.failed": {},
  reject: {},
  said: {},
  "seal.failed": {},
  sealed: {},
  "stream.begun": {},
  suspend: {},
  "worker.lost": {},
} as const;

const TELL_SPENT = {
  type: "tellSpent",
  params: ({ event }: { readonly event: Extract<JobEvent, { type: "stream.closed" }> }) => ({
    saidTokens: event.saidTokens,
  }),
} as const;

export const jobMachine = setup({
  types: {
    input: {} as Pick<JobContext, "deadlineMs" | "attemptsMax" | "isOnce">,
    context: {} as JobContext,
    events: {} as JobEvent,
  },
  actions: {
    /** The work itself, at the worker that the queen chose. */
    execute: effect<{ attempt: Attempt; worker: Address; why: string; isUnderWay: boolean }>(),
    /** Nobody waits for the running attempt any more: the worker stops it within a token. */
    abandon: effect<{ attempt: Attempt }>(),
    /** Nothing may be missing of what was said, and a node that dies now must not lose it. */
    seal: effect<{ attempt: Attempt; chunks: number }>(),
    /** The worker may have gone on while the queen was away: its stream takes what it says. */
    rejoin: effect<{ attempt: Attempt }>(),
    /** What has been said so far, so that the next attempt goes on behind it. */
    recall: effect(),
    /** Back into the queue, at its old place. */
    requeue: effect<{ said: Said }>(),
    /** The slot is free: the queen may give it away. */
    vacate: effect<{ attempt: Attempt; left: Left | undefined }>(),
    announceDone: effect<JobOutcome>(),
    announceFailed: effect<{ failure: JobFailure }>(),
    tellSpent: effect<{ saidTokens: number }>(),
  },
  guards: {
    isCurrent: ({ context, event }) => attemptOf(event) === context.attempt,
    isNewer: ({ context, event }) => attemptOf(event) > context.attempt,
    mayRetry: ({ context, event }) =>
      attemptOf(event) === context.attempt &&
      (isLost(event) || ("class" in event && event.class === "transient")) &&
      context.attempt < attemptsOf(context),
    /** The loss overtook the assignment: the attempt is over before it began. */
    mayRetryNewer: ({ context, event }) => attemptOf(event) > context.attempt && attemptOf(event) < attemptsOf(context),
    isOnce: ({ context }) => context.isOnce === true,
  },
  delays: { deadline: ({ context }) => context.deadlineMs },
}).createMachine({
  id: "job",
  context: ({ input }) => ({ ...input, attempt: 0, failure: NO_FAILURE, outcome: NO_OUTCOME }),
  initial: "open",
  states: {
    open: {
      initial: "queued",
      after: {
        deadline: {
          target: "failed",
          actions: assign({ failure: DEADLINE }),
        },
      },
      on: {
        cancel: {
          target: "cancelled",
          actions: assign({ failure: ({ event }) => ({ ...CANCELLED, message: event.message ?? CANCELLED.message }) }),
        },
      },
      states: {
        queued: {
          on: {
            assigned: {
              guard: "isNewer",
              target: "running",
              actions: assign({ attempt: ({ event }) => event.attempt }),
            },
            adopted: { guard: "isCurrent", target: "running" },
            reject: {
              target: "#job.failed",
              actions: assign({
                failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }),
              }),
            },
            "worker.lost": [
              {
                guard: "mayRetryNewer",
                target: "recalling",
                actions: assign({ attempt: ({ event }) => event.attempt }),
              },
              {
                guard: "isNewer",
                target: "#job.failed",
                actions: assign({
                  attempt: ({ event }) => event.attempt,
                  failure: ({ event }) => outOfAttempts(event.attempt, event.message),
                }),
              },
            ],
            "begin.failed": {},
            "stream.begun": {},
            suspend: {},
          },
        },
        running: {
          entry: {
            type: "execute",
            params: ({ context, event }) => ({
              attempt: context.attempt,
              worker: event.type === "assigned" || event.type === "adopted" ? event.worker : "//",
              why: event.type === "assigned" || event.type === "adopted" ? event.why : "",
              isUnderWay: event.type === "adopted",
            }),
          },
          exit: [
            { type: "abandon", params: ({ context }) => ({ attempt: context.attempt }) },
            {
              type: "vacate",
              params: ({ context, event }) => ({ attempt: context.attempt, left: leftFor(event) }),
            },
          ],
          on: {
            executed: {
              guard: "isCurrent",
              target: "sealing",
              actions: assign({
                outcome: ({ event: { finish, stop, usage, chunks } }) => ({ finish, stop, usage, chunks }),
              }),
            },
            suspend: [
              { guard: "isOnce", target: "#job.failed", actions: assign({ failure: SUSPENDED }) },
              { target: "recalling" },
            ],
            restored: { actions: { type: "rejoin", params: ({ context }) => ({ attempt: context.attempt }) } },
            "stream.begun": {},
            // Without its stream nobody would read what the attempt says.
            "begin.failed": [
              { guard: "mayRetry", target: "recalling" },
              {
                guard: "isCurrent",
                target: "#job.failed",
                actions: assign({
                  failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }),
                }),
              },
            ],
            "execute.failed": [
              { guard: "mayRetry", target: "recalling" },
              {
                guard: "isCurrent",
                target: "#job.failed",
                actions: assign({
                  failure: ({ context, event }) =>
                    isLost(event)
                      ? outOfAttempts(context.attempt, "its worker was gone")
                      : { code: event.code, class: event.class, message: event.message },
                }),
              },
            ],
            "worker.lost": [
              { guard: "mayRetry", target: "recalling" },
              {
                guard: "isCurrent",
                target: "#job.failed",
                actions: assign({ failure: ({ context, event }) => outOfAttempts(context.attempt, event.message) }),
              },
            ],
          },
        },
        sealing: {
          entry: {
            type: "seal",
            params: ({ context }) => ({ attempt: context.attempt, chunks: context.outcome.chunks }),
          },
          on: {
            sealed: "#job.done",
            "seal.failed": [
              { guard: "mayRetry", target: "recalling" },
              {
                guard: "isCurrent",
                target: "#job.failed",
                actions: assign({
                  failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }),
                }),
              },
            ],
            "begin.failed": {},
            "stream.begun": {},
            suspend: {},
            "worker.lost": {},
          },
        },
        recalling: {
          entry: "recall",
          on: {
            said: {
              target: "queued",
              actions: { type: "requeue", params: ({ event }) => ({ said: event.said }) },
            },
            "recall.failed": {
              target: "#job.failed",
              actions: assign({
                failure: ({ event }) => ({ code: event.code, class: event.class, message: event.message }),
              }),
            },
            // The assignment that a loss has overtaken.
            assigned: {},
            adopted: {},
            "begin.failed": {},
            "stream.begun": {},
            suspend: {},
            "worker.lost": {},
          },
        },
      },
    },
    done: {
      entry: { type: "announceDone", params: ({ context }) => context.outcome },
      on: { ...LATE, "stream.closed": "ended", "announce.failed": "ended" },
    },
    failed: {
      entry: { type: "announceFailed", params: ({ context }) => ({ failure: context.failure }) },
      on: { ...LATE, "stream.closed": { target: "ended", actions: TELL_SPENT }, "announce.failed": "ended" },
    },
    cancelled: {
      entry: { type: "announceFailed", params: ({ context }) => ({ failure: context.failure }) },
      on: { ...LATE, "stream.closed": { target: "ended", actions: TELL_SPENT }, "announce.failed": "ended" },
    },
    ended: { type: "final" },
  },
});
