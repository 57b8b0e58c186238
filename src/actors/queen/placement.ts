/**
 * Placement: the scheduler's decisions, carried out on the tables.
 *
 * Owns: giving and taking slots, asking a hive for a worker. Does not own: the choice (machines/rules/schedule.ts),
 * whether the hive agrees.
 *
 *  P1 A slot is taken in the step that tells the job of it, and given back only by that job's news or the worker's end.
 *  P2 A hive is asked once for a model that nobody serves yet (schedule X3).
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent } from "../../../machines/job.ts";
import type { QueenEvent } from "../../../machines/queen.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { schedule } from "../../../machines/rules/schedule.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { ask, type Command, del, put, raise, refuse, reply, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { type QueenSettings, STOPPED_ON_REQUEST } from "./settings.ts";
import { jobs, wanted, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toJob = event<JobEvent>();
const toHive = event<HiveEvent>();
const toSelf = event<QueenEvent>();

/** One placement a step; while more can be placed, she asks herself again, so that no step grows with the queue. */
export const place =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const { model } = read(scope, "place");
    const fleet = scope.rows(workers);
    const decision = schedule(model, scope.rows(jobs).index, fleet.index, (id) => fleet.get(id));
    switch (decision.kind) {
      case "wait":
        return [];
      case "load":
        return load(settings, epoch, decision.model, scope).commands;
      case "place":
        return [...assign(decision, scope), raise(toSelf({ type: "place", model }))];
    }
  };

function assign(decision: { job: string; worker: string; why: string }, scope: Scope): readonly Command[] {
  const job = scope.rows(jobs).get(decision.job);
  const worker = scope.rows(workers).get(decision.worker);
  if (job === undefined || worker === undefined) return [];
  const attempt = job.attempt + 1;
  return [
    put(jobs, job.id, {
      ...job,
      state: "running",
      attempt,
      worker: worker.address,
      why: decision.why,
      startedAt: scope.at,
    }),
    put(workers, worker.id, { ...worker, jobs: [...worker.jobs, job.id] }),
    tell(
      address(hostOf(scope.self), "job", job.id),
      toJob({ type: "assigned", attempt, worker: worker.address, why: decision.why }),
    ),
  ];
}

/** Asked again, in a later term, it replaces what was asked before. */
export const askFor = ({ id, hive, model }: WorkerRow, settings: QueenSettings, epoch: number): Command =>
  ask(hive, toHive({ type: "start.worker", epoch, worker: id, model }), {
    name: "load",
    key: id,
    deadlineMs: settings.loadTimeoutMs,
    onRestart: "again",
  });

/** A new worker for a model, on the hive there is. */
function load(
  settings: QueenSettings,
  epoch: number,
  model: string,
  scope: Scope,
): { readonly id: string; readonly commands: readonly Command[] } {
  const id = `w${scope.serial}`;
  const hive = settings.hives[0] as Address;
  const row: WorkerRow = {
    id,
    address: address(id, "worker", "main"),
    hive,
    model,
    state: "asked",
    slots: 0,
    jobs: [],
    backend: "",
    pid: 0,
    port: 0,
    reservedBytes: 0,
  };
  return {
    id,
    commands: [put(workers, id, row), askFor(row, settings, epoch)],
  };
}

/** Everybody who waits, once for each model: after a restart, or when she begins to serve. */
export function placeAll(_params: unknown, scope: Scope): readonly Command[] {
  return [
    ...[...scope.rows(jobs).index.models()].map((model) => raise(toSelf({ type: "place", model }))),
    ...[...scope.rows(wanted).entries()].flatMap(([model]) => [
      del(wanted, model),
      raise(toSelf({ type: "warm", model })),
    ]),
  ];
}

export const rememberWarm =
  (settings: QueenSettings) =>
  (_params: unknown, scope: Scope): readonly Command[] => [
    put(wanted, read(scope, "warm").model ?? settings.defaultModel, true),
  ];

export const warm =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const model = read(scope, "warm").model ?? settings.defaultModel;
    return scope.rows(workers).index.coming(model) > 0 ? [] : load(settings, epoch, model, scope).commands;
  };

/** By hand, beside those that are there. */
export const spawnWorker =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const model = read(scope, "spawn.worker").model ?? settings.defaultModel;
    const { id, commands } = load(settings, epoch, model, scope);
    return scope.re === undefined
      ? commands
      : [...commands, reply(scope.re, { type: "spawned", worker: id } as SpawnedEvent)];
  };

export interface SpawnedEvent {
  readonly type: "spawned";
  readonly worker: string;
}

export function stopWorker({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { worker } = read(scope, "stop.worker");
  const { re } = scope;
  const row = scope.rows(workers).get(worker);
  if (row === undefined) {
    return re === undefined ? [] : [refuse(re, { code: "request.not.found", message: `there is no worker ${worker}` })];
  }
  return [
    put(workers, worker, { ...row, state: "stopping" }),
    tell(row.hive, toHive({ type: "stop.worker", epoch, worker, end: STOPPED_ON_REQUEST }), "control"),
    ...(re === undefined ? [] : [reply(re, { type: "stopping" })]),
  ];
}
