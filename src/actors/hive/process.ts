/**
 * A process of the hive: its machine, and what each of its actions asks of the processes port.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import { processMachine } from "../../../machines/process.ts";
import type { WorkerEvent } from "../../../machines/worker.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import { PROCESSES_PORT, type ProcessesAsk } from "../../protocol/ports.ts";
import { ask, behaviour, type Behaviour, type Command, type Scope, tell } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { members } from "./tables.ts";

const toHive = event<HiveEvent>();
const toWorker = event<WorkerEvent>();

export interface ProcessSettings {
  readonly loadTimeoutMs: number;
  /** From being asked to end until SIGTERM, and from there until SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly killTimeoutMs: number;
  /** A worker that says nothing for so long hangs. */
  readonly silentMs: number;
}

const DAY_MS = 86_400_000;

const hiveOf = (scope: Scope): Address => address(hostOf(scope.self), "hive", "main");
const processes = (made: ProcessesAsk, deadlineMs: number, onRestart: "again" | "once" = "again"): Command =>
  ask(PROCESSES_PORT, made, { name: made.type, deadlineMs, onRestart, lane: "control" });

/** A worker's host forgets: whatever must reach it is an ask, repeated when this host restarts. */
const toWorkerAsk = (scope: Scope, made: Parameters<typeof toWorker>[0], name: string, deadlineMs: number): Command =>
  ask(address(idOf(scope.self), "worker", "main"), toWorker(made), {
    name,
    deadlineMs,
    onRestart: "again",
    lane: "control",
  });

export function processBehaviour(settings: ProcessSettings): Behaviour {
  const { loadTimeoutMs, stopTimeoutMs, killTimeoutMs, silentMs } = settings;
  return behaviour(
    processMachine.provide({ delays: { loadTimeoutMs, stopTimeoutMs, killTimeoutMs } }),
    {
      fork: (_params, scope) => {
        const token = idOf(scope.self);
        const row = scope.rows(members).get(token);
        const { model, path, threads, device } = row ?? { model: "", path: "", threads: 1, device: "" };
        return [processes({ type: "fork", token, model, path, threads, device }, 10_000, "once")];
      },
      awaitReap: (_params, scope) => [processes({ type: "reap", token: idOf(scope.self) }, DAY_MS)],
      awaitSilence: (_params, scope) => [processes({ type: "listen", token: idOf(scope.self), silentMs }, DAY_MS)],
      awaitReady: (_params, scope) => [toWorkerAsk(scope, { type: "report" }, "report", DAY_MS)],
      awaitIdle: (_params, scope) => [toWorkerAsk(scope, { type: "await.idle" }, "idle", DAY_MS)],
      announceStarting: ({ pid }, scope) => [
        tell(hiveOf(scope), toHive({ type: "process.loading", worker: idOf(scope.self), pid }), "control"),
      ],
      announceReady: ({ facts, port }, scope) => [
        tell(hiveOf(scope), toHive({ type: "process.ready", worker: idOf(scope.self), facts, port }), "control"),
      ],
      announceStopping: ({ end }, scope) => [
        tell(hiveOf(scope), toHive({ type: "process.stopping", worker: idOf(scope.self), end }), "control"),
      ],
      askToStop: (_params, scope) => [toWorkerAsk(scope, { type: "stop" }, "halt", DAY_MS)],
      sendSignal: ({ signal }, scope) => [processes({ type: "signal", token: idOf(scope.self), signal }, 30_000)],
      announceGone: (gone, scope) => [
        tell(hiveOf(scope), toHive({ type: "process.gone", worker: idOf(scope.self), ...gone }), "control"),
      ],
    },
    { limits: { mailMax: 64, outMax: 2 } },
  );
}
