/**
 * The hive: its machine, and what each of its actions means.
 *
 * Owns: the decision whether a worker may start here, the books of memory, the inventory. Does not own: processes
 * (cells of their own), which model is wanted.
 *
 *  B1 What a model needs is measured first and arrives as an event; the decision is made on it. Kernel rule 1.
 *  B2 Memory is booked in the step that decides and unbooked in the step that hears of the reap (RS6, RJ3).
 *  B3 What does not fit only because others are still stopping waits for them.
 *  B4 Whatever the queen hears of workers comes in one lane, so that later news is never older than an inventory.
 *
 * @module
 */
import { type HiveEvent, hiveMachine } from "../../../machines/hive.ts";
import type { ProcessEnd, ProcessEvent } from "../../../machines/process.ts";
import type { InventoryEntry, QueenEvent } from "../../../machines/queen.ts";
import { reserve } from "../../../machines/rules/reserve.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { isErrorCode } from "../../protocol/errors.ts";
import { MACHINE_PORT, type MachineAsk, PROCESSES_PORT, type ProcessesAsk } from "../../protocol/ports.ts";
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
  spawn,
  tell,
  watch,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { gone, GONE_KEPT, type MemberRow, members, pending, type PendingRow } from "./tables.ts";

const read = reader<HiveEvent>();
const toQueen = event<QueenEvent>();
const toProcess = event<ProcessEvent>();
const toSelf = event<HiveEvent>();

export interface HiveSettings {
  readonly queen: Address;
  readonly headroomBytes: number;
}

export interface HiveStatus {
  readonly type: "hive.status";
  readonly members: readonly MemberRow[];
}

const SHUTDOWN: ProcessEnd = { code: "interrupted", class: "cancelled", message: "the node is stopping" };

const processOf = (scope: Scope, worker: string): Address => address(hostOf(scope.self), "process", worker);
const askProcesses = (made: ProcessesAsk, name: string, key: string): Command =>
  ask(PROCESSES_PORT, made, { name, key, deadlineMs: 86_400_000, onRestart: "again" });

/** Asked again for what it already decided, it says the same; what has lived does not live again (RM4). */
function measure(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, model, epoch } = read(scope, "start.worker");
  const { re } = scope;
  if (re === undefined) return [];
  const member = scope.rows(members).get(worker);
  if (member !== undefined) return [reply(re, reserved(worker, member.reservedBytes, "it was decided before"))];
  if (scope.rows(gone).has(worker))
    return [refuse(re, { code: "worker.lost", message: `${worker} was here and is gone` })];
  return askMeasure(worker, { re, model, epoch, waits: false });
}

function askMeasure(worker: string, row: PendingRow): readonly Command[] {
  const made: MachineAsk = { type: "measure", worker, model: row.model };
  return [
    put(pending, worker, { ...row, waits: false }),
    ask(MACHINE_PORT, made, { name: "measure", key: worker, deadlineMs: 30_000, onRestart: "again" }),
  ];
}

const sumOf = (rows: readonly MemberRow[]): number => rows.reduce((sum, row) => sum + row.reservedBytes, 0);

const reserved = (worker: string, reservedBytes: number, why: string) =>
  toQueen({ type: "worker.reserved", worker, reservedBytes, why });

const decide =
  ({ headroomBytes }: HiveSettings) =>
  (_params: unknown, scope: Scope): readonly Command[] => {
    const { worker, path, needBytes, totalBytes, freeBytes } = read(scope, "measured");
    const waiting = scope.rows(pending).get(worker);
    if (waiting === undefined) return [];
    const { re, model, epoch } = waiting;
    const rows = [...scope.rows(members).entries()].map(([, row]) => row);
    const decision = reserve(needBytes, rows, { totalBytes, freeBytes, headroomBytes });
    if (!decision.fits) {
      const staying = rows.filter(({ state }) => state !== "stopping");
      const later = { totalBytes, freeBytes: freeBytes + sumOf(rows) - sumOf(staying), headroomBytes };
      if (staying.length < rows.length && reserve(needBytes, staying, later).fits)
        return [put(pending, worker, { ...waiting, waits: true })];
      return [del(pending, worker), refuse(re, { code: "memory.insufficient", message: `${model} ${decision.why}` })];
    }
    const { bytes: reservedBytes, why } = decision;
    const row: MemberRow = { worker, model, path, state: "loading", facts: undefined, pid: 0, port: 0, reservedBytes };
    return [
      del(pending, worker),
      put(members, worker, row),
      spawn("process", worker, { model, path, epoch }),
      watch(processOf(scope, worker)),
      reply(re, reserved(worker, reservedBytes, why)),
    ];
  };

function forgetPending(_params: unknown, scope: Scope): readonly Command[] {
  const { id } = read(scope, "ask.dropped");
  return [...scope.rows(pending).entries()].flatMap(([worker, { re }]) =>
    re.id === id ? [del(pending, worker), drop("measure", worker)] : [],
  );
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
  return [del(pending, worker), refuse(waiting.re, error)];
}

function stopWorker(_params: unknown, scope: Scope): readonly Command[] {
  const { worker, end } = read(scope, "stop.worker");
  // Not decided yet, or gone already: the queen asks again when she hears that it is reserved.
  if (!scope.rows(members).has(worker)) return [];
  return [tell(processOf(scope, worker), toProcess({ type: "stop", end }), "control")];
}

function answerInventory({ queen }: HiveSettings, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const found: InventoryEntry[] = [...scope.rows(members).entries()].map(([, row]) => row);
  return [
    // Told, not answered: an answer could arrive after news that is newer, and bring back what is gone.
    tell(queen, toQueen({ type: "hive.inventory", hive: scope.self, workers: found }), "control"),
    reply(scope.re, toQueen({ type: "inventory.told" })),
  ];
}

function answerStatus(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const status: HiveStatus = { type: "hive.status", members: [...scope.rows(members).entries()].map(([, row]) => row) };
  return [reply(scope.re, status)];
}

/** Writes what changed of a member and passes the news on to the queen. */
function note(
  scope: Scope,
  settings: HiveSettings,
  worker: string,
  change: Partial<MemberRow>,
  news: QueenEvent,
): readonly Command[] {
  const row = scope.rows(members).get(worker);
  if (row === undefined) return [];
  return [put(members, worker, { ...row, ...change }), tell(settings.queen, news, "control")];
}

function bookOut(
  scope: Scope,
  settings: HiveSettings,
  worker: string,
  end: ProcessEnd,
  how: string,
): readonly Command[] {
  if (!scope.rows(members).has(worker)) return [];
  const waiting = [...scope.rows(pending).entries()].filter(([, row]) => row.waits);
  const [oldest] = scope.rows(gone).size < GONE_KEPT ? [] : scope.rows(gone).entries();
  return [
    del(members, worker),
    put(gone, worker, true),
    ...(oldest === undefined ? [] : [del(gone, oldest[0])]),
    tell(settings.queen, toQueen({ type: "worker.gone", worker, end, how }), "control"),
    ...waiting.flatMap(([id, row]) => askMeasure(id, row)),
  ];
}

const BROKEN: ProcessEnd = { code: "worker.lost", class: "transient", message: "the cell that watched it broke" };

/** A process cell broke too often: its process may still be there, and nobody else would end it. */
function endOrphan(_params: unknown, scope: Scope): readonly Command[] {
  const { kind, id, reason } = read(scope, "terminated");
  if (kind !== "process" || reason !== "defect" || !scope.rows(members).has(id)) return [];
  return [
    askProcesses({ type: "signal", token: id, signal: "SIGKILL" }, "signal", id),
    askProcesses({ type: "reap", token: id }, "reap", id),
  ];
}

const lastOf = (how: string, lastLines: readonly string[]): string =>
  lastLines.length === 0 ? how : `${how}; its last words: ${lastLines.slice(-3).join(" | ")}`;

export function hiveBehaviour(settings: HiveSettings): Behaviour {
  const toAll = (scope: Scope, made: ProcessEvent): readonly Command[] =>
    [...scope.rows(members).entries()].map(([worker]) => tell(processOf(scope, worker), made, "control"));
  return behaviour(
    hiveMachine,
    {
      measure,
      decide: decide(settings),
      forgetPending,
      refuse: ({ code, message }, scope) => (scope.re === undefined ? [] : [refuse(scope.re, { code, message })]),
      refuseUnmeasured,
      stopWorker,
      answerInventory: (_params, scope) => answerInventory(settings, scope),
      answerStatus,
      noteLoading: (_params, scope) => {
        const { worker, pid } = read(scope, "process.loading");
        return note(scope, settings, worker, { pid }, { type: "worker.loading", worker, pid });
      },
      noteReady: (_params, scope) => {
        const { worker, facts, port } = read(scope, "process.ready");
        return note(
          scope,
          settings,
          worker,
          { state: "ready", facts, port },
          { type: "worker.ready", worker, facts, port },
        );
      },
      noteStopping: (_params, scope) => {
        const { worker, end } = read(scope, "process.stopping");
        return note(scope, settings, worker, { state: "stopping" }, { type: "worker.stopping", worker, end });
      },
      noteGone: (_params, scope) => {
        const { worker, end, how, lastLines } = read(scope, "process.gone");
        return bookOut(scope, settings, worker, end, lastOf(how, lastLines));
      },
      endOrphan,
      bookOutOrphan: (_params, scope) => {
        const { token, how, lastLines } = read(scope, "reaped");
        return bookOut(scope, settings, token, BROKEN, lastOf(how, lastLines));
      },
      retryOrphan: (_params, scope) => {
        const { key } = read(scope, "reap.failed");
        return [askProcesses({ type: "reap", token: key }, "reap", key)];
      },
      announceRestored: (_params, scope) => [
        tell(settings.queen, toQueen({ type: "hive.restored", hive: scope.self }), "control"),
      ],
      stopAll: (_params, scope) => toAll(scope, { type: "stop", end: SHUTDOWN }),
      killAll: (_params, scope) => toAll(scope, { type: "kill", end: SHUTDOWN }),
      checkGone: (_params, scope) => (scope.rows(members).size === 0 ? [raise(toSelf({ type: "all.gone" }))] : []),
      announceStopped: (_params, scope) => [
        tell(settings.queen, toQueen({ type: "hive.stopped", hive: scope.self }), "control"),
      ],
    },
    { limits: { mailMax: 1024, outMax: 8 } },
  );
}
