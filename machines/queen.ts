/**
 * The queen: admits, queues and places, and takes the cluster down in order.
 *
 * Owns: restoring -> reconciling -> serving -> draining -> stopped, and her epoch.
 * Does not own: jobs (cells of their own), memory and processes (hives), the choice itself (rules/schedule.ts).
 *
 *  K1 Her epoch rises by one each time she starts, before any command of it leaves (RC1).
 *  K2 While restoring and reconciling she admits and places nothing; while draining and stopped she admits nothing
 *     (RS4).
 *  K3 Draining passes its phases in order, each with a deadline; `hurry` ends the phase at hand (RS3). Whoever waits
 *     for it is answered once she has stopped, also when a step of hers broke on the way.
 *  K4 A lookup is answered in every state.
 *  K5 API keys and join tokens are made, told, revoked and spent in every state, and machines that have joined told
 *     and removed: what is to be refused is refused from then on.
 *  K6 A hive elsewhere is asked for nothing while it is not there, and told to drain if it comes when she does.
 *  K7 What a machine says of itself from time to time is noted in every state, and changes none.
 *  K8 What somebody waited for who is gone with an earlier life of the node ends, in every state.
 *
 * @module
 */
import { assign, setup } from "xstate";
import type { ClusterEvent } from "./cluster-events.ts";
import { effect } from "./effect.ts";
import type { JobFailure, JobUsage, Left } from "./job.ts";
import type { ProcessEnd, ProcessExit } from "./process.ts";
import type { ChatMessage, Sampling, Tools } from "./request.ts";
import type { Joiner } from "./rules/join-token.ts";
import type { KeyLimit } from "./rules/quota.ts";
import type { Address, Attempt, Caller, Capability, Epoch, Label, RetryClass } from "./words.ts";
import type { ModelFacts } from "./worker.ts";

interface Failed {
  readonly key: string;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** A request as the door hands it over: parsed, bounded, with every default in place. */
export interface JobRequest {
  readonly capability: Capability;
  readonly model: string | undefined;
  readonly prompt: string | undefined;
  readonly messages: readonly ChatMessage[] | undefined;
  readonly input: readonly string[] | undefined;
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly seed: number | undefined;
  readonly jsonSchema: unknown;
  readonly sampling?: Sampling | undefined;
  /** Each of them ends the text before itself. */
  readonly stops?: readonly string[] | undefined;
  readonly tools?: Tools | undefined;
  readonly priority: number;
  readonly deadlineMs: number | undefined;
  readonly label: Label;
  readonly node: string | undefined;
  readonly idempotencyKey: string | undefined;
  /**
   * Whoever asked waits on a connection and hears nothing of a job before its answer: nothing was promised that a loss
   * of power could break (RM10), so nobody waits for a disk.
   */
  readonly isAwaited?: boolean | undefined;
  /** How long its model shall stay in memory behind it, unless somebody needs the room; not said, as the node does. */
  readonly keepAliveMs?: number | undefined;
}

/** What a request says that asks for nothing in particular. */
export const BARE_REQUEST: Omit<JobRequest, "capability" | "model"> = {
  prompt: undefined,
  messages: undefined,
  input: undefined,
  maxTokens: undefined,
  temperature: undefined,
  seed: undefined,
  jsonSchema: undefined,
  priority: 5,
  deadlineMs: undefined,
  label: "private",
  node: undefined,
  idempotencyKey: undefined,
};

export interface InventoryEntry {
  readonly worker: string;
  readonly model: string;
  readonly state: "loading" | "ready" | "stopping";
  readonly facts: ModelFacts | undefined;
  readonly pid: number;
  readonly port: number;
  readonly device: string;
  readonly reservedBytes: number;
}

/** A job, as somebody at a door speaks of it. */
export interface JobAsked {
  readonly job: string;
  /** The id of the API key that it is asked with: then nobody's job but its own is known. */
  readonly key?: string | undefined;
}

export type QueenEvent =
  | ClusterEvent
  | { readonly type: "submit"; readonly request: JobRequest; readonly caller?: Caller }
  | ({ readonly type: "cancel" } & JobAsked)
  /** The node has begun anew: whoever waited on a connection to the one before it is gone. */
  | { readonly type: "clients.gone" }
  | ({ readonly type: "lookup" } & JobAsked)
  /** All that became of a job, and what it waits for. */
  | ({ readonly type: "explain" } & JobAsked)
  | { readonly type: "status" }
  /** All API keys, with what was used by each. */
  | { readonly type: "keys" }
  | {
      readonly type: "create.key";
      readonly name: string;
      /** Of the key, which she never sees. */
      readonly hash: string;
      readonly limits: readonly KeyLimit[];
    }
  | { readonly type: "revoke.key"; readonly name: string }
  /** All join tokens that are not forgotten. */
  | { readonly type: "tokens" }
  /** Of the token's secret, which she never sees. */
  | { readonly type: "create.token"; readonly hash: string }
  | { readonly type: "revoke.token"; readonly token: string }
  | { readonly type: "spend.token"; readonly hash: string; readonly joiner: Joiner }
  /** All machines that have joined, also those that were removed. */
  | { readonly type: "machines" }
  | { readonly type: "remove.machine"; readonly name: string }
  /** On that machine, or on whichever is best. */
  | { readonly type: "spawn.worker"; readonly model: string | undefined; readonly node?: string | undefined }
  | { readonly type: "stop.worker"; readonly worker: string }
  /** Somebody will want this model soon. */
  | { readonly type: "warm"; readonly model: string | undefined }
  /** To herself: something changed for this model. */
  | { readonly type: "place"; readonly model: string }
  | {
      readonly type: "job.ended";
      readonly job: string;
      readonly state: "done" | "failed" | "cancelled";
      readonly usage: JobUsage | undefined;
      readonly failure: JobFailure | undefined;
    }
  | {
      readonly type: "job.vacated";
      readonly job: string;
      readonly attempt: Attempt;
      /** Nothing where the attempt said all it had to say. */
      readonly left: Left | undefined;
    }
  | { readonly type: "job.requeued"; readonly job: string; readonly saidTokens: number }
  /** What a job that ended before its end had said. */
  | { readonly type: "job.spent"; readonly job: string; readonly saidTokens: number }
  | { readonly type: "terminated"; readonly kind: string; readonly id: string; readonly reason: string }
  /** The hive's decisions and news. */
  | {
      readonly type: "worker.reserved";
      readonly worker: string;
      readonly reservedBytes: number;
      readonly device: string;
      readonly why: string;
    }
  | ({ readonly type: "load.failed" } & Failed)
  /** A model was refused for what other programs held, and they left enough of it; or its hive looks no longer. */
  | { readonly type: "memory.came"; readonly model: string }
  | ({ readonly type: "memory.failed" } & Failed)
  /** What is booked for it has grown to what it was measured to take. */
  | { readonly type: "worker.weighed"; readonly worker: string; readonly reservedBytes: number }
  | { readonly type: "worker.loading"; readonly worker: string; readonly pid: number }
  | { readonly type: "worker.ready"; readonly worker: string; readonly facts: ModelFacts; readonly port: number }
  | { readonly type: "worker.stopping"; readonly worker: string; readonly end: ProcessEnd }
  | {
      readonly type: "worker.gone";
      readonly worker: string;
      readonly end: ProcessEnd;
      readonly exit: ProcessExit;
      /** What its reason does not say yet: as what the kernel saw it end, its last words. */
      readonly how: string;
    }
  | { readonly type: "hive.inventory"; readonly hive: Address; readonly workers: readonly InventoryEntry[] }
  /** The inventory that was asked for is under way, in order with the hive's other news. */
  | { readonly type: "inventory.told" }
  /** The stream of a job whose own cell is gone was ended in its place. */
  | { readonly type: "stream.closed"; readonly saidTokens: number }
  | ({ readonly type: "close.failed" } & Failed)
  | ({ readonly type: "inventory.failed" } & Failed)
  | { readonly type: "hive.restored"; readonly hive: Address }
  | { readonly type: "hive.stopped"; readonly hive: Address }
  | { readonly type: "reconciled" }
  /** The node is to stop; the answer comes when it may. */
  | { readonly type: "drain" }
  | { readonly type: "hurry" }
  | { readonly type: "jobs.idle" }
  | { readonly type: "hives.stopped" }
  | { readonly type: "restored" };

export interface QueenContext {
  readonly epoch: Epoch;
  /** Her state, for whoever asks: handlers see no state of a machine. */
  readonly phase: "restoring" | "reconciling" | "serving" | "draining" | "stopped";
}

const epochOf = ({ context }: { context: QueenContext }): { epoch: Epoch } => ({ epoch: context.epoch });
const ASK_ANEW = { type: "requestInventories", params: epochOf } as const;
const DRAIN_THEM = { type: "drainHives", params: epochOf } as const;
const NO_SERVICE = "the queen does not serve yet, or no more";
const NOT_SERVING = { type: "refuseAdmission", params: { message: NO_SERVICE } } as const;

export const queenMachine = setup({
  types: { context: {} as QueenContext, events: {} as QueenEvent },
  actions: {
    requestInventories: effect<{ epoch: Epoch }>(),
    reconcile: effect<{ epoch: Epoch }>(),
    checkReconciled: effect(),
    placeAll: effect(),
    admit: effect(),
    refuseAdmission: effect<{ message: string }>(),
    cancelJob: effect(),
    endAwaited: effect(),
    answerLookup: effect(),
    answerExplain: effect<QueenContext>(),
    answerStatus: effect<QueenContext>(),
    answerKeys: effect(),
    createKey: effect(),
    revokeKey: effect(),
    answerTokens: effect(),
    createToken: effect(),
    revokeToken: effect(),
    spendToken: effect(),
    answerMachines: effect(),
    removeMachine: effect(),
    place: effect<{ epoch: Epoch }>(),
    spawnWorker: effect<{ epoch: Epoch }>(),
    stopWorker: effect<{ epoch: Epoch }>(),
    warm: effect<{ epoch: Epoch }>(),
    rememberWarm: effect(),
    noteEnded: effect(),
    noteVacated: effect(),
    noteRequeued: effect(),
    noteSpent: effect(),
    noteTerminated: effect(),
    noteReserved: effect<{ epoch: Epoch }>(),
    noteLoadFailed: effect<QueenContext>(),
    noteMemory: effect(),
    noteWeighed: effect(),
    noteLoading: effect<{ epoch: Epoch }>(),
    noteReady: effect<{ epoch: Epoch }>(),
    noteStopping: effect(),
    noteGone: effect(),
    rememberDrain: effect(),
    checkIdle: effect(),
    suspendJobs: effect(),
    drainHives: effect<{ epoch: Epoch }>(),
    hurryHives: effect<{ epoch: Epoch }>(),
    noteHiveStopped: effect(),
    noteLinked: effect<{ epoch: Epoch }>(),
    noteUnlinked: effect(),
    notePresent: effect<QueenContext>(),
    noteDoubted: effect(),
    noteAway: effect(),
    noteLeaving: effect<{ epoch: Epoch }>(),
    noteTold: effect(),
    drainHive: effect<{ epoch: Epoch }>(),
    resumeHive: effect(),
    answerDrain: effect(),
    resumeDrain: effect(),
  },
  delays: { reconcileMs: 10_000, finishMs: 10_000, stopMs: 20_000 },
}).createMachine({
  id: "queen",
  context: { epoch: 0, phase: "restoring" },
  initial: "restoring",
  on: {
    restored: ".restoring",
    cancel: { actions: "cancelJob" },
    "clients.gone": { actions: "endAwaited" },
    lookup: { actions: "answerLookup" },
    explain: { actions: { type: "answerExplain", params: ({ context }) => context } },
    status: { actions: { type: "answerStatus", params: ({ context }) => context } },
    keys: { actions: "answerKeys" },
    "create.key": { actions: "createKey" },
    "revoke.key": { actions: "revokeKey" },
    tokens: { actions: "answerTokens" },
    "create.token": { actions: "createToken" },
    "revoke.token": { actions: "revokeToken" },
    "spend.token": { actions: "spendToken" },
    machines: { actions: "answerMachines" },
    "remove.machine": { actions: "removeMachine" },
    "job.ended": { actions: "noteEnded" },
    "job.vacated": { actions: "noteVacated" },
    "job.requeued": { actions: "noteRequeued" },
    "job.spent": { actions: "noteSpent" },
    terminated: { actions: "noteTerminated" },
    "worker.reserved": { actions: { type: "noteReserved", params: epochOf } },
    "load.failed": { actions: { type: "noteLoadFailed", params: ({ context }) => context } },
    "memory.came": { actions: "noteMemory" },
    "memory.failed": { actions: "noteMemory" },
    "worker.weighed": { actions: "noteWeighed" },
    "worker.loading": { actions: { type: "noteLoading", params: epochOf } },
    "worker.ready": { actions: { type: "noteReady", params: epochOf } },
    "worker.stopping": { actions: "noteStopping" },
    "worker.gone": { actions: "noteGone" },
    "hive.inventory": { actions: { type: "reconcile", params: epochOf } },
    "hive.restored": { actions: { type: "requestInventories", params: epochOf } },
    "hive.linked": { actions: { type: "noteLinked", params: epochOf } },
    "hive.unlinked": { actions: "noteUnlinked" },
    "hive.present": { actions: { type: "notePresent", params: ({ context }) => context } },
    "hive.doubted": { actions: "noteDoubted" },
    "hive.away": { actions: "noteAway" },
    "hive.leaving": { actions: { type: "noteLeaving", params: epochOf } },
    "hive.told": { actions: "noteTold" },
    "drain.hive": { actions: { type: "drainHive", params: epochOf } },
    "resume.hive": { actions: "resumeHive" },
    "inventory.told": {},
    "stream.closed": {},
    "close.failed": {},
    "inventory.failed": {},
    "hive.stopped": { actions: "noteHiveStopped" },
    drain: { target: ".draining", actions: "rememberDrain" },
    // What a state does not place now it places when it begins to serve.
    place: {},
    warm: { actions: "rememberWarm" },
    "spawn.worker": { actions: NOT_SERVING },
    "stop.worker": { actions: NOT_SERVING },
    submit: { actions: { type: "refuseAdmission", params: { message: "the node is stopping" } } },
    hurry: {},
    "jobs.idle": {},
    "hives.stopped": {},
    reconciled: {},
  },
  states: {
    restoring: {
      entry: assign({ epoch: ({ context }) => context.epoch + 1, phase: "restoring" }),
      always: "reconciling",
    },
    reconciling: {
      entry: [assign({ phase: "reconciling" }), { type: "requestInventories", params: epochOf }],
      after: { reconcileMs: "serving" },
      on: {
        submit: { actions: "admit" },
        "hive.inventory": { actions: [{ type: "reconcile", params: epochOf }, "checkReconciled"] },
        "inventory.failed": { actions: "checkReconciled" },
        reconciled: "serving",
      },
    },
    serving: {
      entry: [assign({ phase: "serving" }), "placeAll", "resumeDrain"],
      on: {
        submit: { actions: "admit" },
        place: { actions: { type: "place", params: epochOf } },
        warm: { actions: { type: "warm", params: epochOf } },
        "spawn.worker": { actions: { type: "spawnWorker", params: epochOf } },
        "stop.worker": { actions: { type: "stopWorker", params: epochOf } },
      },
    },
    draining: {
      entry: assign({ phase: "draining" }),
      initial: "finishing",
      on: {
        // A second request to stop waits with the first.
        drain: { actions: "rememberDrain" },
      },
      states: {
        finishing: {
          entry: "checkIdle",
          after: { finishMs: "stopping" },
          on: {
            "job.ended": { actions: ["noteEnded", "checkIdle"] },
            "job.requeued": { actions: ["noteRequeued", "checkIdle"] },
            terminated: { actions: ["noteTerminated", "checkIdle"] },
            "jobs.idle": "stopping",
            hurry: "stopping",
          },
        },
        stopping: {
          entry: ["suspendJobs", { type: "drainHives", params: epochOf }],
          after: { stopMs: "#queen.stopped" },
          on: {
            "hives.stopped": "#queen.stopped",
            hurry: { actions: { type: "hurryHives", params: epochOf } },
            "hive.restored": { actions: [ASK_ANEW, DRAIN_THEM] },
          },
        },
      },
    },
    stopped: {
      entry: [assign({ phase: "stopped" }), "answerDrain"],
      on: {
        drain: { actions: ["rememberDrain", "answerDrain"] },
        // A hive that begins again serves, and starts what it had been asked for.
        "hive.restored": { actions: [ASK_ANEW, DRAIN_THEM] },
      },
    },
  },
});
