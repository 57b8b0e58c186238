/**
 * Models that do not fit beside what runs: who makes room for them, and who waits until somebody can.
 *
 * Owns: which models are crowded out and what they lack; marking those that make room. Does not own: the choice
 * (machines/rules/evict.ts), the memory (the hive).
 *
 *  CR1 A worker that makes room takes no job from the step on that chooses it, and its hive is told in the message that
 *      asks for the other one; should that come to nothing, it is stopped all the same.
 *  CR2 Where nobody can make room now, the jobs wait; it is tried again whenever a worker has nothing to do, and asked
 *      anew whenever one is gone.
 *  CR3 Who has been crowded out for too long goes before jobs that came later: models whose room would do are given no
 *      more jobs on that machine until it has been made; elsewhere they are (schedule X7).
 *  CR4 Nobody is held back for a model that nobody waits for any longer.
 *  CR5 Where other programs hold the memory, its hive is asked to say when they have left enough, and asked anew then.
 *      While nobody waits for the model, nobody looks.
 *  CR6 What is asked for one lane of a model serves the others too: when it comes to nothing, or goes to another
 *      machine, they are looked at again.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { ProcessEnd } from "../../../machines/process.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { claims, evict, type Eviction, type Shortage, type Waiting } from "../../../machines/rules/evict.ts";
import type { LoadLack, WorkerRow } from "../../../machines/rules/fleet.ts";
import { type Lane, laneKey } from "../../../machines/rules/queue.ts";
import { comingTo } from "../../../machines/rules/schedule.ts";
import type { Address } from "../../../machines/words.ts";
import { ask, type Command, del, drop, put, raise, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { loadForgotten } from "./history.ts";
import { askFor } from "./loading.ts";
import type { QueenSettings } from "./settings.ts";
import { crowded, type CrowdedRow, jobs, workers } from "./tables.ts";

const laneOf = ({ model, hive, isPinned }: Pick<CrowdedRow, "model" | "hive" | "isPinned">): Lane =>
  isPinned ? { model, node: hive } : { model };

const read = reader<QueenEvent>();
const toHive = event<HiveEvent>();
const toSelf = event<QueenEvent>();

const DAY_MS = 86_400_000;

const place = (model: string): Command => raise(toSelf({ type: "place", model }));

export const workersOf = (scope: Scope, hive: Address): readonly WorkerRow[] => {
  const rows = scope.rows(workers);
  return [...rows.index.here(hive)].flatMap((id) => rows.get(id) ?? []);
};

/** The first of those that wait in a lane, by admission. */
function waitingIn({ model, node }: Lane, scope: Scope): Waiting | undefined {
  const rows = scope.rows(jobs);
  const oldest = rows.index.oldest(model, node);
  const row = oldest === undefined ? undefined : rows.get(oldest);
  return row === undefined ? undefined : { sinceMs: row.admittedAt, seq: row.seq };
}

/** The first of those that wait for a model and may run on this machine. */
function waitingFor(model: string, hive: Address, scope: Scope): Waiting | undefined {
  const [any, pinned] = [waitingIn({ model }, scope), waitingIn({ model, node: hive }, scope)];
  return any === undefined || (pinned !== undefined && pinned.seq < any.seq) ? pinned : any;
}

type Lacking = Shortage & Pick<CrowdedRow, "hive" | "isPinned">;

/** Whether a model's room may not be taken for the crowded-out one. */
const isWantedBefore =
  (lacking: Lacking, settings: QueenSettings, scope: Scope) =>
  (other: string): boolean => {
    const theirs = waitingFor(other, lacking.hive, scope);
    return theirs !== undefined && !claims(waitingIn(laneOf(lacking), scope), theirs, timeOf(settings, scope));
  };

const timeOf = ({ crowdedMs }: QueenSettings, { at }: Scope) => ({ nowMs: at, boundMs: crowdedMs });

const choose = (lacking: Lacking, rows: readonly WorkerRow[], settings: QueenSettings, scope: Scope): Eviction =>
  evict(lacking, rows, isWantedBefore(lacking, settings, scope));

/** Those that make room for it, if that can be done now; they are on their way out then. */
export function makeRoom(
  lacking: Lacking,
  settings: QueenSettings,
  scope: Scope,
): { readonly instead: readonly string[]; readonly why: string; readonly commands: readonly Command[] } {
  const choice = choose(lacking, workersOf(scope, lacking.hive), settings, scope);
  const instead = choice.kind === "evict" ? choice.workers : [];
  const commands = instead.flatMap((id) => {
    const row = scope.rows(workers).get(id);
    return row === undefined ? [] : [put(workers, id, { ...row, state: "stopping" })];
  });
  return { instead, why: choice.why, commands };
}

/** Its hive has no room for it as things stand. */
export function crowdOut(
  row: WorkerRow,
  { device, missingBytes, untilFreeBytes }: LoadLack,
  epoch: number,
  settings: QueenSettings,
  scope: Scope,
): readonly Command[] {
  const { id, model, hive, isPinned } = row;
  const lacking = { model, device, missingBytes, hive, isPinned };
  const lane = laneOf(lacking);
  const { instead, why, commands } = makeRoom(lacking, settings, scope);
  // What was in the way when its hive decided is gone by now.
  if (instead.length > 0 || !isAnyThere(hive, scope)) {
    const again = { ...row, instead };
    return [...commands, put(workers, id, again), askFor(again, epoch), ...letIn(lane, scope)];
  }
  const waits = waitingIn(lane, scope) !== undefined;
  const isAwaited = waits && untilFreeBytes !== undefined;
  return [
    del(workers, id),
    ...loadForgotten(id),
    ...(isAwaited ? [awaitMemory(lacking, untilFreeBytes, epoch)] : awaitNoMore(lane, scope)),
    ...(waits ? [put(crowded, laneKey(lane), { ...lacking, why, isStale: false, isAwaited })] : letIn(lane, scope)),
  ];
}

/** CR5 */
const awaitMemory = (lacking: Lacking, untilFreeBytes: number, epoch: number) =>
  ask(lacking.hive, toHive({ type: "await.memory", epoch, ...wantedOf(lacking), untilFreeBytes }), {
    name: "memory",
    key: laneKey(laneOf(lacking)),
    deadlineMs: DAY_MS,
    // Who is crowded out she finds out anew, in each of her lives.
    onRestart: "once",
  });

const wantedOf = ({ model, device }: Lacking) => ({ model, device });

const awaitNoMore = (lane: Lane, scope: Scope): readonly Command[] =>
  scope.rows(crowded).get(laneKey(lane))?.isAwaited === true ? [drop("memory", laneKey(lane))] : [];

/** CR5. However the waiting ended, what is lacking now only the hive knows. */
export function noteMemory(_params: unknown, scope: Scope): readonly Command[] {
  const found = read(scope, "memory.came", "memory.failed");
  // Whoever else was told to wait for it asks as well: the hive names the model alone.
  return [...scope.rows(crowded).entries()].flatMap(([key, row]) => {
    const isMeant = found.type === "memory.came" ? row.model === found.model : key === found.key;
    return isMeant ? [put(crowded, key, { ...row, isStale: true, isAwaited: false }), place(row.model)] : [];
  });
}

/** Whether anybody has memory of this hive, as far as she knows. */
const isAnyThere = (hive: Address, scope: Scope): boolean =>
  workersOf(scope, hive).some(({ reservedBytes }) => reservedBytes > 0);

/** What a crowded-out model lacks; nothing where only its hive can tell. */
export function shortageOf(model: string, node: Address | undefined, scope: Scope): CrowdedRow | undefined {
  const row = scope.rows(crowded).get(laneKey({ model, node }));
  return row === undefined || row.isStale || !isAnyThere(row.hive, scope) ? undefined : row;
}

/** CR1: whoever was to make room for it, and was perhaps not told of it. */
export const stopReplaced = ({ instead, model, hive }: WorkerRow, epoch: number, scope: Scope): readonly Command[] =>
  instead.flatMap((worker) => {
    const end: ProcessEnd = { code: "worker.evicted", class: "cancelled", message: `it made room for ${model}` };
    const isKnown = scope.rows(workers).get(worker)?.state === "stopping";
    return isKnown ? [tell(hive, toHive({ type: "stop.worker", epoch, worker, end }), "control")] : [];
  });

/** Whom the workers of a model make room for on this machine, instead of taking another job: CR3. */
export function keptFor(model: string, hive: Address, settings: QueenSettings, scope: Scope): CrowdedRow | undefined {
  for (const [, row] of scope.rows(crowded).entries()) {
    if (row.model === model || row.hive !== hive) continue;
    const [theirs, ours] = [waitingIn(laneOf(row), scope), waitingFor(model, hive, scope)];
    if (!claims(theirs, ours, timeOf(settings, scope))) continue;
    // Were they idle: nobody is held back for what would not be enough.
    const idle = workersOf(scope, hive).map((each) => ({ ...each, jobs: [] }));
    if (choose(row, idle, settings, scope).kind === "evict") return row;
  }
  return undefined;
}

/** Time alone may have made that possible. Only what begins something is asked for, so that two never ask for ever. */
export function beginKept(row: CrowdedRow, settings: QueenSettings, scope: Scope): readonly Command[] {
  const { model, node } = laneOf(row);
  const rows = scope.rows(workers);
  if (comingTo(model, node, rows.index, { worker: (id) => rows.get(id) }) > 0) return [];
  return choose(row, workersOf(scope, row.hive), settings, scope).kind === "evict" ? [place(model)] : [];
}

/** CR6. */
export const placeOthers = ({ model, node: own }: Lane, scope: Scope): readonly Command[] =>
  scope
    .rows(jobs)
    .index.heads(model)
    .some(({ node }) => node !== own)
    ? [place(model)]
    : [];

/** A worker has nothing to do, perhaps: whoever is crowded out looks again. */
export const lookAgain = (scope: Scope): readonly Command[] =>
  [...scope.rows(crowded).entries()].map(([, { model }]) => place(model));

/** Memory came free somewhere, or a hive came: it may do for anybody. */
export const askAnew = (scope: Scope): readonly Command[] =>
  [...scope.rows(crowded).entries()].flatMap(([key, row]) => [
    put(crowded, key, { ...row, isStale: true }),
    place(row.model),
  ]);

/** It is crowded out no longer: those that were held back for it go on. */
export const letIn = (lane: Lane, scope: Scope): readonly Command[] =>
  scope.rows(crowded).has(laneKey(lane))
    ? [
        del(crowded, laneKey(lane)),
        ...awaitNoMore(lane, scope),
        ...[...scope.rows(jobs).index.models()].filter((other) => other !== lane.model).map(place),
      ]
    : [];

/** CR4: the job that has ended was perhaps the last that waited for it. */
export function letInUnwanted(ended: { readonly id: string } & Lane, scope: Scope): readonly Command[] {
  const queue = scope.rows(jobs).index;
  const { model, node } = ended;
  const others = queue.waitingIn(model, node) - (scope.rows(jobs).get(ended.id)?.state === "queued" ? 1 : 0);
  return others > 0 ? [] : letIn({ model, node }, scope);
}
