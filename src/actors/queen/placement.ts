/**
 * Placement: the scheduler's decisions, carried out on the tables.
 *
 * Owns: giving and taking slots, when a hive is asked for a worker. Does not own: the choice
 * (machines/rules/schedule.ts), whether the hive agrees.
 *
 *  P1 A slot is taken in the step that tells the job of it, and given back only by that job's news or the worker's end.
 *  P2 A hive is asked once for a model that nobody serves yet (schedule X3); for one that it had no room for, when
 *     somebody makes room (crowding.ts). Where the first of those that wait cannot have it, the next one is seen to.
 *  P3 A worker that is to stop takes no job any more, and ends when those it has have ended, or when asked once more.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent, JobFailure } from "../../../machines/job.ts";
import type { ProcessEnd } from "../../../machines/process.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { type Candidate, schedule } from "../../../machines/rules/schedule.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { retryClassOf } from "../../protocol/errors.ts";
import { type Command, del, put, raise, refuse, reply, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { noteGiven, PromptMarks } from "./affinity.ts";
import { beginKept, keptFor, letIn, makeRoom, shortageOf } from "./crowding.ts";
import { historyPlaced } from "./history.ts";
import { load } from "./loading.ts";
import { NOWHERE, pinTo } from "./pins.ts";
import { barred, leavingText } from "./privacy.ts";
import { type QueenSettings, STOPPED_ON_REQUEST } from "./settings.ts";
import { type CrowdedRow, hives, jobs, wanted, workers } from "./tables.ts";

const read = reader<QueenEvent>();
const toJob = event<JobEvent>();
const toHive = event<HiveEvent>();
const toSelf = event<QueenEvent>();

/** One placement a step; while more can be placed, she asks herself again, so that no step grows with the queue. */
export const place =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const { model } = read(scope, "place");
    const refused = refuseBarred(model, settings, scope);
    if (refused.length > 0) return refused;
    const fleet = scope.rows(workers);
    const marks = new PromptMarks(scope);
    const kept = new Map<Address, CrowdedRow | undefined>();
    const decision = schedule(model, scope.rows(jobs).index, fleet.index, {
      worker: (id) => fleet.get(id),
      holders: (job) => marks.holders(job),
      isKept(hive) {
        if (!kept.has(hive)) kept.set(hive, keptFor(model, hive, settings, scope));
        return kept.get(hive) !== undefined;
      },
      nameOf: (hive) => scope.rows(hives).get(hive)?.name ?? hostOf(hive),
    });
    const begun = [...kept.values()].flatMap((row) => (row === undefined ? [] : beginKept(row, settings, scope)));
    switch (decision.kind) {
      case "wait":
        return begun;
      case "load":
        return [...loadFirst(settings, epoch, decision, scope), ...begun];
      case "place": {
        const why = `${decision.why}${leavingText(model, settings)}`;
        return [...assign({ ...decision, why }, marks, scope), raise(toSelf({ type: "place", model })), ...begun];
      }
    }
  };

/** PR1 of privacy.ts. Who stands behind it is seen to when it has ended. */
function refuseBarred(model: string, settings: QueenSettings, scope: Scope): readonly Command[] {
  const [head] = scope.rows(jobs).index.heads(model);
  const next = scope.rows(jobs).get(head?.job ?? "");
  const bar = next === undefined ? undefined : barred(next, settings);
  if (next === undefined || bar === undefined) return [];
  const { code, message } = bar;
  const failure: JobFailure = { code, class: retryClassOf(code), message };
  return [tell(address(hostOf(scope.self), "job", next.id), toJob({ type: "reject", ...failure }), "control")];
}

/** One load a step: for those behind it, she asks herself again. */
function loadFirst(
  settings: QueenSettings,
  epoch: number,
  { model, nodes }: { readonly model: string; readonly nodes: readonly (Address | undefined)[] },
  scope: Scope,
): readonly Command[] {
  for (const [at, node] of nodes.entries()) {
    const commands = loadOrMakeRoom(settings, epoch, model, node, scope);
    if (commands.length === 0) continue;
    return at === nodes.length - 1 ? commands : [...commands, raise(toSelf({ type: "place", model }))];
  }
  return [];
}

/** A model that was found to lack room is asked for again when somebody makes it. */
function loadOrMakeRoom(
  settings: QueenSettings,
  epoch: number,
  model: string,
  node: Address | undefined,
  scope: Scope,
): readonly Command[] {
  const shortage = shortageOf(model, node, scope);
  if (shortage === undefined) return load(epoch, model, scope, { node })?.commands ?? [];
  const { instead, commands } = makeRoom(shortage, settings, scope);
  if (instead.length === 0) return [];
  const room = { hive: shortage.hive, instead };
  const loading = load(epoch, model, scope, { node, room })?.commands ?? [];
  return [...commands, ...loading, ...letIn({ model, node }, scope)];
}

interface Placement {
  readonly job: string;
  readonly worker: string;
  readonly why: string;
  readonly among: readonly Candidate[];
}

function assign(decision: Placement, marks: PromptMarks, scope: Scope): readonly Command[] {
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
      placedSeq: scope.serial,
    }),
    ...historyPlaced(job, worker, decision, scope),
    ...noteGiven(worker, marks.of(job.id), scope),
    put(workers, worker.id, { ...worker, jobs: [...worker.jobs, job.id], usedAt: scope.at }),
    tell(
      address(hostOf(scope.self), "job", job.id),
      toJob({ type: "assigned", attempt, worker: worker.address, why: decision.why }),
    ),
  ];
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
    return scope.rows(workers).index.coming(model) > 0 ? [] : (load(epoch, model, scope)?.commands ?? []);
  };

/** By hand, beside those that are there. */
export const spawnWorker =
  (settings: QueenSettings) =>
  ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] => {
    const { model = settings.defaultModel, node: name } = read(scope, "spawn.worker");
    const { re } = scope;
    const pin = pinTo(name, scope);
    const begun = "error" in pin ? undefined : load(epoch, model, scope, pin);
    if (begun === undefined) {
      const error = "error" in pin ? pin.error : NOWHERE;
      return re === undefined ? [] : [refuse(re, error)];
    }
    const spawned: SpawnedEvent = { type: "spawned", worker: begun.id };
    return re === undefined ? begun.commands : [...begun.commands, reply(re, spawned)];
  };

export interface SpawnedEvent {
  readonly type: "spawned";
  readonly worker: string;
}

/** By hand: once its jobs have ended. Whoever asks again does not wait for them. P3 */
export function stopWorker({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { worker } = read(scope, "stop.worker");
  const { re } = scope;
  const row = scope.rows(workers).get(worker);
  if (row === undefined) {
    return re === undefined ? [] : [refuse(re, { code: "request.not.found", message: `there is no worker ${worker}` })];
  }
  return [...endOnce(row, STOPPED_ON_REQUEST, epoch), ...(re === undefined ? [] : [reply(re, { type: "stopping" })])];
}

/** P3. */
export function endOnce(row: WorkerRow, end: ProcessEnd, epoch: number): readonly Command[] {
  const mayFinish = row.state === "ready" && row.jobs.length > 0;
  const stopNow = tell(row.hive, toHive({ type: "stop.worker", epoch, worker: row.id, end }), "control");
  return [put(workers, row.id, { ...row, state: "stopping" }), ...(mayFinish ? [] : [stopNow])];
}
