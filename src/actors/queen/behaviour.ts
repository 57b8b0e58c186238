/**
 * The queen: her machine, and what each of its actions means.
 *
 * @module
 */
import { queenMachine } from "../../../machines/queen.ts";
import { behaviour, type Behaviour, type Command, refuse, type Scope } from "../../runtime/behaviour.ts";
import { admit, cancelJob, endAwaited } from "./admission.ts";
import * as draining from "./draining.ts";
import { noteTold } from "./candidates.ts";
import * as cascade from "./cascade.ts";
import * as inventories from "./inventories.ts";
import * as machines from "./machines.ts";
import * as members from "./members.ts";
import { noteMemory } from "./crowding.ts";
import { answerExplain } from "./history.ts";
import * as apiKeys from "./keys.ts";
import * as news from "./news.ts";
import * as placement from "./placement.ts";
import type { QueenSettings } from "./settings.ts";
import * as joinTokens from "./tokens.ts";
import { answerLookup, answerStatus } from "./views.ts";

const refuseAdmission = ({ message }: { message: string }, scope: Scope): readonly Command[] =>
  scope.re === undefined ? [] : [refuse(scope.re, { code: "admission.closed", message })];

export const queenBehaviour = (settings: QueenSettings): Behaviour => {
  const { finishMs, stopMs } = settings;
  return behaviour(
    queenMachine.provide({ delays: { finishMs, stopMs } }),
    {
      requestInventories: inventories.requestInventories(settings),
      reconcile: inventories.reconcile,
      checkReconciled: inventories.checkReconciled,
      placeAll: placement.placeAll,
      admit: admit(settings),
      refuseAdmission,
      cancelJob,
      endAwaited,
      answerLookup,
      answerExplain,
      answerStatus: answerStatus(settings),
      answerKeys: apiKeys.answerKeys,
      createKey: apiKeys.createKey,
      revokeKey: apiKeys.revokeKey,
      answerTokens: joinTokens.answerTokens,
      createToken: joinTokens.createToken,
      revokeToken: joinTokens.revokeToken,
      spendToken: joinTokens.spendToken(settings),
      answerMachines: machines.answerMachines,
      removeMachine: machines.removeMachine,
      place: placement.place(settings),
      spawnWorker: placement.spawnWorker(settings),
      stopWorker: placement.stopWorker,
      warm: placement.warm(settings),
      rememberWarm: placement.rememberWarm(settings),
      noteEnded: news.noteEnded,
      noteVacated: news.noteVacated,
      noteRequeued: news.noteRequeued,
      noteSpent: news.noteSpent,
      noteTerminated: news.noteTerminated,
      noteReserved: news.noteReserved,
      noteLoadFailed: news.noteLoadFailed(settings),
      noteMemory,
      noteWeighed: news.noteWeighed,
      noteLoading: news.noteLoading,
      noteReady: news.noteReady,
      noteStopping: news.noteStopping,
      noteGone: news.noteGone,
      rememberDrain: cascade.rememberDrain,
      checkIdle: cascade.checkIdle,
      suspendJobs: cascade.suspendJobs,
      drainHives: cascade.drainHives,
      hurryHives: cascade.hurryHives,
      noteHiveStopped: cascade.noteHiveStopped,
      noteLinked: members.noteLinked,
      noteUnlinked: members.noteUnlinked,
      noteDoubted: members.noteDoubted,
      noteTold,
      noteLeaving: draining.noteLeaving,
      drainHive: draining.drainHive,
      resumeHive: draining.resumeHive,
      notePresent: members.notePresent,
      noteAway: members.noteAway,
      answerDrain: cascade.answerDrain,
      resumeDrain: cascade.resumeDrain,
    },
    { limits: { mailMax: 4096, outMax: 64 } },
  );
};
