/**
 * The hive: its machine, and what each of its actions means.
 *
 * Owns: what follows from each event, the inventory. Does not own: the decision whether a worker may start here
 * (memory.ts), processes (cells of their own), which model is wanted.
 *
 *  B1 to B3, B7 to B9: see memory.ts, which decides.
 *  B4 Whatever the queen hears of workers comes in one lane, so that later news is never older than an inventory.
 *  B5, B6: see ends.ts, which keeps how workers ended.
 *
 * @module
 */
import { type HiveEvent, hiveMachine } from "../../../machines/hive.ts";
import type { ProcessEnd, ProcessEvent } from "../../../machines/process.ts";
import type { InventoryEntry, QueenEvent } from "../../../machines/queen-events.ts";
import type { Quarantine } from "../../../machines/rules/quarantine.ts";
import { isErrorCode } from "../../protocol/errors.ts";
import { PROCESSES_PORT, type ProcessesAsk } from "../../protocol/ports.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  del,
  drop,
  put,
  raise,
  refuse,
  reply,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import {
  answerRemoved,
  awaitFetch,
  beginFetch,
  fetchFor,
  forgetWaiting,
  noteBrokenDownload,
  noteFetched,
  noteUnfetched,
  removeModel,
  runningDownloads,
} from "./downloads.ts";
import { forgetEarlier, forgetLookout, lookOut, tellMemory } from "./lookouts.ts";
import { askMeasure } from "./measuring.ts";
import { awaitMemory, noteLooked, quarantinesOf } from "./quarantine.ts";
import {
  askWeigh,
  decide,
  makeRoom,
  type MemorySettings,
  noteWeighed,
  processOf,
  reserved,
  turnedAway,
} from "./memory.ts";
import { type Ended, endsTold, type HowEnded, instability, rememberEnd } from "./ends.ts";
import { gone, type MemberRow, members, pending, type PendingRow } from "./tables.ts";

const read = reader<HiveEvent>();
const toQueen = event<QueenEvent>();
const toProcess = event<ProcessEvent>();
const toSelf = event<HiveEvent>();

export interface HiveStatus {
  readonly type: "hive.status";
  readonly members: readonly MemberRow[];
  /** The last so many, oldest first. */
  readonly ends: readonly Ended[];
  /** Devices that are given nothing, and why. */
  readonly quarantines: readonly Quarantine[];
  /** Models that are being fetched, under the names they were asked for. */
  readonly downloads: readonly string[];
}

const shutdown = (message: string): ProcessEnd => ({ code: "interrupted", class: "cancelled", message });

const askProcesses = (made: ProcessesAsk, name: string, key: string): Command =>
  ask(PROCESSES_PORT, made, { name, key, deadlineMs: 86_400_000, onRestart: "again" });

/** Asked again for what it already decided, it says the same; what has lived does not live again (RM4). */
function measure(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, model, epoch, instead } = read(scope, "start.worker");
  const { re } = scope;
  if (re === undefined) return [];
  const member = scope.rows(members).get(worker);
  if (member !== undefined) return [reply(re, reserved(member, "it was decided before"))];
  if (scope.rows(gone).has(worker))
    return [refuse(re, { code: "worker.lost", message: `${worker} was here and is gone` })];
  const unstable = instability(model, scope);
  if (unstable !== undefined) return [refuse(re, { code: "worker.unstable", message: unstable })];
  const row: PendingRow = {
    re,
    model,
    epoch,
    waits: "nothing",
    fetched: false,
    seq: scope.serial,
    claim: undefined,
  };
  return [...makeRoom(instead, model, scope), ...askMeasure(worker, row, scope)];
}

function forgetPending(_params: unknown, scope: Scope): readonly Command[] {
  const { id } = read(scope, "ask.dropped");
  const dropped = [...scope.rows(pending).entries()].flatMap(([worker, { re }]) =>
    re.id === id ? [del(pending, worker), drop("measure", worker)] : [],
  );
  return [...dropped, ...forgetLookout(id, scope), ...forgetWaiting(scope, id)];
}

/** What is only not here yet is fetched first. */
function noteUnmeasured(_params: unknown, scope: Scope): readonly Command[] {
  const { key, code } = read(scope, "measure.failed");
  return fetchFor(scope, key, code) ?? refuseUnmeasured(_params, scope);
}

function refuseUnmeasured(_params: unknown, scope: Scope): readonly Command[] {
  const found = read(scope, "measured", "measure.failed");
  const worker = found.type === "measured" ? found.worker : found.key;
  const waiting = scope.rows(pending).get(worker);
  if (waiting === undefined) return [];
  const error =
    found.type === "measured" || !isErrorCode(found.code)
      ? { code: "admission.closed" as const, message: "the hive is stopping" }
      : { code: found.code, message: found.message };
  return turnedAway(worker, waiting, error);
}

function stopWorker(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, end } = read(scope, "stop.worker");
  // Not decided yet, or gone already: the queen asks again when she hears that it is reserved.
  if (!scope.rows(members).has(worker)) return [];
  return [tell(processOf(scope, worker), toProcess({ type: "stop", end }), "control")];
}

function answerInventory({ queen }: MemorySettings, scope: Scope): readonly Command[] {
  const { epoch } = read(scope, "inventory");
  if (scope.re === undefined) return [];
  const found: InventoryEntry[] = [...scope.rows(members).entries()].map(([, row]) => row);
  return [
    ...forgetEarlier(epoch, scope),
    // Told, not answered: an answer could arrive after news that is newer, and bring back what is gone.
    tell(queen, toQueen({ type: "hive.inventory", hive: scope.self, workers: found }), "control"),
    reply(scope.re, toQueen({ type: "inventory.told" })),
  ];
}

function answerStatus(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const status: HiveStatus = {
    type: "hive.status",
    members: [...scope.rows(members).entries()].map(([, row]) => row),
    ends: endsTold(scope),
    quarantines: quarantinesOf(scope),
    downloads: runningDownloads(scope),
  };
  return [reply(scope.re, status)];
}

/** Writes what changed of a member and passes the news on to the queen. */
function note(
  scope: Scope,
  settings: MemorySettings,
  worker: string,
  change: Partial<MemberRow>,
  news: QueenEvent,
): readonly Command[] {
  const row = scope.rows(members).get(worker);
  if (row === undefined) return [];
  return [put(members, worker, { ...row, ...change }), tell(settings.queen, news, "control")];
}

function bookOut(scope: Scope, settings: MemorySettings, worker: string, ended: HowEnded): readonly Command[] {
  const member = scope.rows(members).get(worker);
  if (member === undefined) return [];
  const { end, exit } = ended;
  return [
    del(members, worker),
    ...rememberEnd(member, ended, scope),
    tell(settings.queen, toQueen({ type: "worker.gone", worker, end, exit, how: beyondReason(ended) }), "control"),
    ...awaitMemory(worker, scope),
  ];
}

const BROKEN: ProcessEnd = { code: "worker.lost", class: "transient", message: "the cell that watched it broke" };

/** A process cell broke too often: its process may still be there, and nobody else would end it. */
function endOrphan(_params: unknown, scope: Scope): readonly Command[] {
  const { kind, id, reason } = read(scope, "terminated");
  if (kind === "download" && reason === "defect") return noteBrokenDownload(scope, id);
  if (kind !== "process" || reason !== "defect" || !scope.rows(members).has(id)) return [];
  return [
    askProcesses({ type: "signal", token: id, signal: "SIGKILL" }, "signal", id),
    askProcesses({ type: "reap", token: id }, "reap", id),
  ];
}

/** What the reason has not said. */
function beyondReason({ end, how, lastLines }: HowEnded): string {
  const exact = end.message.includes(how) ? [] : [how];
  const words = lastLines.length === 0 ? [] : [`its last words: ${lastLines.slice(-3).join(" | ")}`];
  return [...exact, ...words].join("; ");
}

export function hiveBehaviour(settings: MemorySettings): Behaviour {
  const toAll = (scope: Scope, made: ProcessEvent): readonly Command[] =>
    [...scope.rows(members).entries()].map(([worker]) => tell(processOf(scope, worker), made, "control"));
  return behaviour(
    hiveMachine,
    {
      measure,
      decide: decide(settings),
      forgetPending,
      refuse: ({ code, message }, scope) => (scope.re === undefined ? [] : [refuse(scope.re, { code, message })]),
      noteUnmeasured,
      refuseUnmeasured,
      beginFetch,
      awaitFetch,
      noteFetched,
      noteUnfetched,
      removeModel,
      answerRemoved,
      stopWorker,
      answerInventory: (_params, scope) => answerInventory(settings, scope),
      answerStatus,
      noteWeighed: noteWeighed(settings),
      noteLooked,
      lookOut,
      tellMemory,
      noteLoading: (_params, scope) => {
        const { worker, pid } = read(scope, "process.loading");
        return note(scope, settings, worker, { pid }, { type: "worker.loading", worker, pid });
      },
      noteReady: (_params, scope) => {
        const { worker, facts, port } = read(scope, "process.ready");
        const news = { type: "worker.ready", worker, facts, port } as const;
        return [
          ...note(scope, settings, worker, { state: "ready", facts, port }, news),
          ...askWeigh(worker, true, scope),
        ];
      },
      noteStopping: (_params, scope) => {
        const { worker, end } = read(scope, "process.stopping");
        const news = { type: "worker.stopping", worker, end } as const;
        const isLoaded = scope.rows(members).get(worker)?.facts !== undefined;
        return [...note(scope, settings, worker, { state: "stopping" }, news), ...askWeigh(worker, isLoaded, scope)];
      },
      noteGone: (_params, scope) => {
        const { worker, ...ended } = read(scope, "process.gone");
        return bookOut(scope, settings, worker, ended);
      },
      endOrphan,
      bookOutOrphan: (_params, scope) => {
        const { token, ...ended } = read(scope, "reaped");
        return bookOut(scope, settings, token, { end: BROKEN, ...ended });
      },
      retryOrphan: (_params, scope) => {
        const { key } = read(scope, "reap.failed");
        return [askProcesses({ type: "reap", token: key }, "reap", key)];
      },
      announceRestored: (_params, scope) => [
        tell(settings.queen, toQueen({ type: "hive.restored", hive: scope.self }), "control"),
      ],
      stopAll: ({ message }, scope) => toAll(scope, { type: "stop", end: shutdown(message) }),
      killAll: ({ message }, scope) => toAll(scope, { type: "kill", end: shutdown(message) }),
      checkGone: (_params, scope) => (scope.rows(members).size === 0 ? [raise(toSelf({ type: "all.gone" }))] : []),
      announceStopped: (_params, scope) => [
        tell(settings.queen, toQueen({ type: "hive.stopped", hive: scope.self }), "control"),
      ],
    },
    { limits: { mailMax: 1024, outMax: 8 } },
  );
}
