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
import { effect } from "./effect.ts";
import type { QueenEvent } from "./queen-events.ts";
import type { Epoch } from "./words.ts";

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
