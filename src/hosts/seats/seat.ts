/**
 * What a node's door asks, put to the cells and ports that know.
 *
 *  E1 While the queen's thread restarts, questions wait for her; what would be done twice is refused instead.
 *  E2 A job that has ended and whose text is kept no more is never told as if it had said nothing.
 *  E3 Before who has a key hears what a job says, the queen says whether it is theirs.
 *
 * @module
 */
import { hostname } from "node:os";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { JobAsked } from "../../../machines/request.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { hostOf } from "../../../machines/words.ts";
import type { HiveStandingEvent } from "../../actors/queen/draining.ts";
import type { HiveRow } from "../../actors/queen/tables.ts";
import type { MachineFacts } from "../cluster/talk.ts";
import type { Accepted } from "../../actors/queen/admission.ts";
import type { SpawnedEvent } from "../../actors/queen/placement.ts";
import type { ExplainedEvent } from "../../actors/queen/history.ts";
import type { JobViewEvent, QueenStatus } from "../../actors/queen/views.ts";
import type { Asker, NodeSeat } from "../../doors/rbee.ts";
import type { HivesSeat } from "../../doors/hives.ts";
import type { StandingSeat } from "../../doors/standing.ts";
import type { HiveStanding, HiveView, StatusView, WorkerView } from "../../protocol/api.ts";
import type { StreamItem } from "../../protocol/ports.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import { event } from "../../runtime/reading.ts";
import { backendsOf, hiveStatusOf } from "./hive-seat.ts";
import { type AskMachine, machineIn } from "./machines-seat.ts";
import { memory } from "../machine/machine.ts";
import { patiently } from "../porter/patience.ts";
import type { Porter } from "../porter/porter.ts";
import { QUEEN } from "../porter/residents.ts";

const toQueen = event<QueenEvent>();

/** Nobody waits longer for a word of the queen's; work has deadlines of its own. */
const ANSWER_MS = 30_000;
/** Who wants to know whether she is there is not told so for long. */
const NOW_MS = 5_000;

export interface SeatFacts {
  readonly name: string;
  readonly url: () => string;
  /** Of the hive's own door. */
  readonly hiveUrl: () => string;
  /** What a request means that names no model. */
  readonly defaultModel: string;
  readonly startedMs: number;
  /** What another machine of the cluster last said of itself. */
  readonly factsOf: (machine: string) => MachineFacts | undefined;
  readonly ask: AskMachine;
}

export function nodeSeat(porter: Porter, facts: SeatFacts): NodeSeat & StandingSeat & HivesSeat {
  const {
    desk: { doors },
    streams,
  } = porter;
  const askStatus = (deadlineMs: number): Promise<QueenStatus> =>
    doors.ask(QUEEN, toQueen({ type: "status" }), deadlineMs);
  const status = async (): Promise<StatusView> => {
    const asked = (): Promise<QueenStatus> => askStatus(ANSWER_MS);
    // What a GPU has free changes; whoever asks next hears of it.
    void porter.devices.refresh();
    return statusOf(porter, await patiently(asked), facts);
  };
  return {
    async submit(request, caller) {
      const arrivedMs = performance.now();
      const made = toQueen({ type: "submit", request, ...(caller === undefined ? {} : { caller }) });
      const answered = porter.jobWitness.submitting();
      try {
        const accepted = await doors.ask<Accepted>(QUEEN, made, ANSWER_MS);
        const model = request.model ?? facts.defaultModel;
        streams.open(accepted.job, model, { type: "queued", position: accepted.position });
        porter.jobWitness.arrived({ ...accepted, request, caller, model, arrivedMs });
        return accepted;
      } finally {
        answered();
      }
    },
    async cancel(job, { key } = NOBODY) {
      await patiently(() => doors.ask(QUEEN, toQueen({ type: "cancel", job, key }), ANSWER_MS));
    },
    lookup: (job, { key } = NOBODY) => lookup(porter, job, key),
    async explain(job, { key } = NOBODY) {
      const asked = (): Promise<ExplainedEvent> => doors.ask(QUEEN, toQueen({ type: "explain", job, key }), ANSWER_MS);
      return { ...(await patiently(asked)), ...streams.standing(job) };
    },
    status,
    async statusNow() {
      try {
        return statusOf(porter, await askStatus(NOW_MS), facts);
      } catch (thrown) {
        throw new RbeeError("queen.unreachable", `the queen cannot be asked: ${errorData(thrown).message}`);
      }
    },
    async workerHealth(worker) {
      const { hives } = await status();
      const its = hives.find(({ workers }) => workers.some(({ id }) => id === worker))?.name;
      return facts.ask(its ?? facts.name, { type: "health", worker });
    },
    async hiveStatus(node = facts.name) {
      const hive = await machineIn({ status }, node);
      const part = await facts.ask(node, { type: "hive" });
      return hiveStatusOf(hive, part, node === facts.name ? facts.hiveUrl() : "");
    },
    async spawnWorker(model, node) {
      const spawned = await doors.ask<SpawnedEvent>(QUEEN, toQueen({ type: "spawn.worker", model, node }), ANSWER_MS);
      return spawned.worker;
    },
    drainHive: (name) => standing(porter, { type: "drain.hive", name }),
    resumeHive: (name) => standing(porter, { type: "resume.hive", name }),
    async stopWorker(worker) {
      await doors.ask(QUEEN, toQueen({ type: "stop.worker", worker }), ANSWER_MS);
    },
    read: (job, fromIndex, signal, { key } = NOBODY) =>
      key === undefined ? readAny(porter, job, fromIndex, signal) : readOwn(porter, { job, key }, fromIndex, signal),
  };
}

/** Said twice it is the same. */
async function standing({ desk: { doors } }: Porter, made: QueenEvent): Promise<HiveStanding> {
  const asked = (): Promise<HiveStandingEvent> => doors.ask(QUEEN, toQueen(made), ANSWER_MS);
  const { hive: name, state, jobs } = await patiently(asked);
  return { schemaVersion: 1, name, state, jobs };
}

/** Asks from within the node. */
const NOBODY: Asker = {};

async function lookup({ desk: { doors } }: Porter, job: string, key?: string): Promise<JobRow> {
  return (await patiently(() => doors.ask<JobViewEvent>(QUEEN, toQueen({ type: "lookup", job, key }), ANSWER_MS))).job;
}

const readAny = (porter: Porter, job: string, fromIndex: number, signal: AbortSignal): AsyncIterable<StreamItem> =>
  porter.streams.read(job, fromIndex, signal) ?? readEarlier(porter, job, fromIndex, signal);

/** E3. */
async function* readOwn(
  porter: Porter,
  { job, key }: Required<JobAsked>,
  fromIndex: number,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  await lookup(porter, job, key);
  yield* readAny(porter, job, fromIndex, signal);
}

/** A job that an earlier life of the node accepted, or whose text was kept long enough: its row knows how it stands. */
async function* readEarlier(
  porter: Porter,
  job: string,
  fromIndex: number,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const { state, model, failure } = await lookup(porter, job);
  if (state === "done") throw new RbeeError("stream.gone", `${job} is done, and its text is kept no more`);
  if (failure !== undefined) return yield { type: "end", end: { type: "error", failure } };
  porter.streams.open(job, model);
  yield* porter.streams.read(job, fromIndex, signal) ?? [];
}

function statusOf(porter: Porter, status: QueenStatus, facts: SeatFacts): StatusView {
  const { url, startedMs } = facts;
  const byHive = Map.groupBy(status.workers, ({ hive }) => hive);
  return {
    schemaVersion: 1,
    queen: {
      id: "queen",
      epoch: status.epoch,
      state: status.state,
      url: url(),
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - startedMs),
      queue: status.queue,
      ...(status.refusing === undefined ? {} : { diskShort: status.refusing }),
    },
    hives: status.hives.map((hive) => hiveView(porter, status, { hive, rows: byHive.get(hive.address) ?? [] }, facts)),
  };
}

interface HiveWorkers {
  readonly hive: HiveRow;
  readonly rows: readonly WorkerRow[];
}

function hiveView(porter: Porter, status: QueenStatus, { hive, rows }: HiveWorkers, facts: SeatFacts): HiveView {
  const workers = rows.map(workerView);
  const id = hostOf(hive.address);
  const state = hiveState(hive, workers.length, status.state);
  if (!hive.isLocal) {
    return { ...NOTHING_SAID, ...facts.factsOf(hive.name), id, name: hive.name, state, workers };
  }
  return {
    id,
    name: facts.name,
    state,
    host: hostname(),
    pid: process.pid,
    version: RBEE_VERSION,
    ...backendsOf(porter),
    ram: memory(),
    workers,
  };
}

function hiveState(hive: HiveRow, workers: number, queen: QueenStatus["state"]): HiveView["state"] {
  if (!hive.isPresent) return "away";
  if (hive.isDraining) return workers === 0 ? "drained" : "draining";
  if (hive.isDoubted) return "doubted";
  if (hive.isLeaving) return "draining";
  return hive.isLocal && queen === "draining" ? "draining" : "serving";
}

const NOTHING_SAID: MachineFacts = {
  name: "",
  host: "",
  pid: 0,
  version: "",
  backends: [],
  ram: { totalBytes: 0, freeBytes: 0 },
  gpus: [],
};

const workerView = (row: WorkerRow): WorkerView => ({
  id: row.id,
  model: row.model,
  capability: "text",
  backend: row.backend,
  state: stateOf(row),
  pid: row.pid,
  port: row.port,
  slots: row.slots,
  busySlots: row.jobs.length,
  reservedBytes: row.reservedBytes,
});

const stateOf = ({ state, jobs }: WorkerRow): WorkerView["state"] => {
  if (state === "ready") return jobs.length > 0 ? "busy" : "idle";
  return state === "stopping" ? "stopping" : "loading";
};
