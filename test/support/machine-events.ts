/**
 * Small domains of events, one for each machine, and where each event cannot arrive, with the reason.
 *
 * A new event of a machine does not type-check here before it has samples: no walk can miss it.
 *
 * @module
 */
import type { DownloadEvent } from "../../machines/download.ts";
import type { HiveEvent } from "../../machines/hive.ts";
import type { MemberEvent } from "../../machines/member.ts";
import type { JobEvent } from "../../machines/job.ts";
import type { ProcessEnd, ProcessEvent, ProcessExit } from "../../machines/process.ts";
import type { QueenEvent } from "../../machines/queen-events.ts";
import { BARE_REQUEST, type JobRequest } from "../../machines/request.ts";
import type { ModelFacts, WorkerEvent } from "../../machines/worker.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import { cpu, needs } from "./memory.ts";

export type Samples<Event extends Message> = {
  readonly [Type in Event["type"]]: readonly Extract<Event, { type: Type }>[];
};

export const eventsOf = <Event extends Message>(samples: Samples<Event>): readonly Event[] =>
  Object.values<readonly Event[]>(samples).flat();

/** States where an event cannot arrive, and why: there it is right that it would be a dead letter. */
export type Impossible<Event extends Message> = {
  readonly [Type in Event["type"]]?: { readonly in: readonly string[]; readonly because: string };
};

export const statesOf = <Event extends Message>(impossible: Impossible<Event>): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries<{ readonly in: readonly string[] } | undefined>(impossible).map(([type, entry]) => [
      type,
      (entry?.in ?? []).toSorted(),
    ]),
  );

const LOST = { code: "worker.lost", class: "transient", message: "lost" } as const;
const BROKEN = { code: "model.corrupt", class: "terminal", message: "damaged" } as const;
const GONE = { code: "cell.gone", class: "terminal", message: "nobody lives there" } as const;
const usage = { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, totalMs: 4 };
const WORKER = "w1/worker/main";

export const facts = (slots: number): ModelFacts => ({
  architecture: "llama",
  parameters: 1,
  contextTokens: 128,
  slots,
  embeddingDims: 8,
  chatTemplate: true,
  backend: "cpu",
  memoryBytes: 1,
});

export const jobSamples: Samples<JobEvent> = {
  assigned: [1, 2].map((attempt) => ({ type: "assigned", attempt, worker: WORKER, why: "free" })),
  adopted: [1, 2].map((attempt) => ({ type: "adopted", attempt, worker: WORKER, why: "back" })),
  executed: [1, 2].map((attempt) => ({ type: "executed", attempt, finish: "stop", usage, chunks: 2 })),
  "execute.failed": ["1", "2"].flatMap((key) => [
    { type: "execute.failed", key, ...LOST },
    { type: "execute.failed", key, ...BROKEN },
    { type: "execute.failed", key, ...GONE },
  ]),
  "begin.failed": ["1", "2"].map((key) => ({ type: "begin.failed", key, ...LOST })),
  "stream.begun": [{ type: "stream.begun" }],
  sealed: [{ type: "sealed" }],
  "seal.failed": ["1", "2"].flatMap((key) => [
    { type: "seal.failed", key, ...LOST },
    { type: "seal.failed", key, ...BROKEN },
  ]),
  "worker.lost": [1, 2].map((attempt) => ({ type: "worker.lost", attempt, message: "gone" })),
  said: [{ type: "said", said: { pieces: ["so", " far"], tokens: 2 } }],
  "recall.failed": [{ type: "recall.failed", key: "", ...LOST }],
  reject: [{ type: "reject", ...BROKEN }],
  cancel: [{ type: "cancel" }],
  "stream.closed": [{ type: "stream.closed", saidTokens: 2 }],
  "announce.failed": [{ type: "announce.failed", key: "", ...LOST }],
  suspend: [{ type: "suspend" }],
  restored: [{ type: "restored" }],
};

const OPEN = ["open.queued", "open.running", "open.recalling", "open.sealing"];
const OVER = ["done", "failed", "cancelled"];
const RESTORED = "the kernel says it to every cell and buries it nowhere";
const ASK_GONE = "its ask is dropped when the state is left, and an answer without an ask is late, not mail";

export const jobImpossible: Impossible<JobEvent> = {
  assigned: { in: ["open.running", "open.sealing"], because: "the queen assigns what she has queued, and it is not" },
  adopted: { in: ["open.running", "open.sealing"], because: "the queen gives back what waits, and it does not" },
  executed: { in: ["open.queued", "open.recalling", "open.sealing", ...OVER], because: ASK_GONE },
  "execute.failed": { in: ["open.queued", "open.recalling", "open.sealing", ...OVER], because: ASK_GONE },
  sealed: { in: ["open.queued", "open.running", "open.recalling"], because: "a job that seals waits for the answer" },
  "seal.failed": {
    in: ["open.queued", "open.running", "open.recalling"],
    because: "a job that seals waits for the answer",
  },
  said: { in: ["open.queued", "open.running", "open.sealing"], because: "a job that recalls waits for the answer" },
  "recall.failed": {
    in: ["open.queued", "open.running", "open.sealing"],
    because: "a job that recalls waits for the answer",
  },
  reject: {
    in: ["open.running", "open.recalling", "open.sealing"],
    because: "the queen rejects what she has queued, and it is not",
  },
  "stream.closed": { in: OPEN, because: "the stream is closed by the end of the job" },
  "announce.failed": { in: OPEN, because: "the stream is closed by the end of the job" },
  restored: { in: [...OPEN.filter((state) => state !== "open.running"), ...OVER], because: RESTORED },
};

export const workerSamples: Samples<WorkerEvent> = {
  "model.loaded": [1, 2].map((slots) => ({ type: "model.loaded", facts: facts(slots) })),
  "load.failed": [{ type: "load.failed", key: "", ...BROKEN }],
  execute: [
    { type: "execute", job: "a", attempt: 1 },
    { type: "execute", job: "a", attempt: 2 },
    { type: "execute", job: "b", attempt: 1 },
  ],
  ran: [
    { type: "ran", job: "a", attempt: 1 },
    { type: "ran", job: "a", attempt: 2 },
    { type: "ran", job: "b", attempt: 1 },
  ],
  "run.failed": ["a/1", "a/2", "b/1"].map((key) => ({ type: "run.failed", key, ...LOST })),
  "ask.dropped": [{ type: "ask.dropped", id: "x" }],
  report: [{ type: "report" }],
  "await.idle": [{ type: "await.idle" }],
  stop: [{ type: "stop" }],
  "engine.sick": [{ type: "engine.sick", code: "worker.hung", class: "transient", message: "no sign of life" }],
  "watch.failed": [{ type: "watch.failed", key: "", ...LOST }],
  "model.released": [{ type: "model.released" }],
  "release.failed": [{ type: "release.failed", key: "", ...LOST }],
};

const LOADED = ["idle", "busy", "draining"];

export const workerImpossible: Impossible<WorkerEvent> = {
  "model.loaded": { in: ["failed", ...LOADED], because: "the model is loaded once" },
  "load.failed": { in: ["failed", ...LOADED], because: "the model is loaded once" },
  ran: { in: ["loading", "failed", "idle"], because: "nothing runs" },
  "run.failed": { in: ["loading", "failed", "idle"], because: "nothing runs" },
  "model.released": { in: ["loading", "failed", ...LOADED], because: "the model is released by stopping" },
  "release.failed": { in: ["loading", "failed", ...LOADED], because: "the model is released by stopping" },
};

const END: ProcessEnd = { code: "interrupted", class: "cancelled", message: "on request" };
const SHUTDOWN: ProcessEnd = { code: "interrupted", class: "cancelled", message: "the node is stopping" };

/** By itself, as far as its node knows. */
export const EXIT: ProcessExit = { exitCode: 0, signal: undefined, after: "nothing" };
export const KILLED: ProcessExit = { exitCode: undefined, signal: "SIGKILL", after: "SIGKILL" };

export const processSamples: Samples<ProcessEvent> = {
  forked: [{ type: "forked", pid: 7 }],
  "fork.failed": [{ type: "fork.failed", key: "", code: "process.fork", class: "transient", message: "no memory" }],
  reaped: [
    { type: "reaped", known: true, how: "exit code 0", exit: EXIT, lastLines: [], starved: "" },
    { type: "reaped", known: true, how: "signal SIGKILL", exit: KILLED, lastLines: [], starved: "one more was killed" },
    {
      type: "reaped",
      known: false,
      how: "never there",
      exit: { ...EXIT, exitCode: undefined },
      lastLines: [],
      starved: "",
    },
  ],
  "reap.failed": [{ type: "reap.failed", key: "", ...LOST }],
  silent: [{ type: "silent", silentMs: 9 }],
  "listen.failed": [{ type: "listen.failed", key: "", ...LOST }],
  "signal.failed": [{ type: "signal.failed", key: "", ...LOST }],
  signalled: [{ type: "signalled" }],
  "worker.ready": [{ type: "worker.ready", facts: facts(1), port: 1 }],
  "report.failed": [{ type: "report.failed", key: "", ...BROKEN }],
  "worker.expired": [{ type: "worker.expired" }],
  "worker.sick": [{ type: "worker.sick", code: "worker.hung", class: "transient", message: "no sign of life" }],
  "idle.failed": [{ type: "idle.failed", key: "", ...LOST }],
  "worker.stopped": [{ type: "worker.stopped" }],
  "halt.failed": [{ type: "halt.failed", key: "", ...LOST }],
  stop: [{ type: "stop", end: END }],
  kill: [{ type: "kill", end: SHUTDOWN }],
  restored: [{ type: "restored" }],
};

const FORKED = ["loading", "ready", "stopping", "terminating", "killing"];

export const processImpossible: Impossible<ProcessEvent> = {
  forked: { in: FORKED, because: "a fork is answered once, and forking waits for it" },
  "fork.failed": { in: FORKED, because: "a fork is answered once, and forking waits for it" },
  restored: {
    in: ["forking", ...FORKED],
    because: RESTORED,
  },
};

export const hiveSamples: Samples<HiveEvent> = {
  "start.worker": [1, 2].map((epoch) => ({ type: "start.worker", epoch, worker: "w1", model: "m", instead: [] })),
  "stop.worker": [1, 2].map((epoch) => ({ type: "stop.worker", epoch, worker: "w1", end: END })),
  "ask.dropped": [{ type: "ask.dropped", id: "x" }],
  inventory: [1, 2].map((epoch) => ({ type: "inventory", epoch })),
  lease: [1, 2].map((epoch) => ({ type: "lease", epoch, forMs: 5 })),
  unlinked: [{ type: "unlinked" }],
  status: [{ type: "status" }],
  measured: [
    {
      type: "measured",
      worker: "w1",
      path: "/m",
      profile: "m",
      needs: needs(1),
      devices: [cpu(4)],
      cores: 1,
      held: [],
    },
  ],
  weighed: [{ type: "weighed", worker: "w1", profile: "m", peakBytes: 1, devices: [] }],
  looked: [{ type: "looked", worker: "w1", devices: [] }],
  "await.memory": [1, 2].map((epoch) => ({
    type: "await.memory",
    epoch,
    model: "m",
    device: "cpu",
    untilFreeBytes: 1,
  })),
  "memory.came": [{ type: "memory.came", key: "1" }],
  "lookout.failed": [{ type: "lookout.failed", key: "1", ...LOST }],
  "look.failed": [{ type: "look.failed", key: "w1", ...LOST }],
  "weigh.failed": [{ type: "weigh.failed", key: "w1", ...LOST }],
  "measure.failed": [{ type: "measure.failed", key: "w1", ...BROKEN }],
  fetch: [{ type: "fetch", model: "m" }],
  "await.fetch": [{ type: "await.fetch", model: "m" }],
  "download.done": [{ type: "download.done", model: "m" }],
  "download.failed": [{ type: "download.failed", model: "m", ...BROKEN }],
  "remove.model": [{ type: "remove.model", model: "m" }],
  removed: [{ type: "removed", key: "1", bytes: 1 }],
  "remove.failed": [{ type: "remove.failed", key: "1", ...BROKEN }],
  "process.loading": [{ type: "process.loading", worker: "w1", pid: 7 }],
  "process.ready": [{ type: "process.ready", worker: "w1", facts: facts(1), port: 1 }],
  "process.stopping": [{ type: "process.stopping", worker: "w1", end: END }],
  "process.gone": [{ type: "process.gone", worker: "w1", end: END, how: "exit code 0", exit: EXIT, lastLines: [] }],
  terminated: [{ type: "terminated", kind: "process", id: "w1", reason: "defect" }],
  reaped: [{ type: "reaped", token: "w1", how: "signal SIGKILL", exit: KILLED, lastLines: [] }],
  "reap.failed": [{ type: "reap.failed", key: "w1", ...LOST }],
  signalled: [{ type: "signalled" }],
  "signal.failed": [{ type: "signal.failed", key: "w1", ...LOST }],
  drain: [1, 2].map((epoch) => ({ type: "drain", epoch })),
  hurry: [1, 2].map((epoch) => ({ type: "hurry", epoch })),
  "all.gone": [{ type: "all.gone" }],
  restored: [{ type: "restored" }],
};

export const hiveImpossible: Impossible<HiveEvent> = {
  "all.gone": {
    in: ["serving.leased", "serving.severed", "serving.unbound"],
    because: "it is raised while its workers end, and folded before anything else",
  },
};

export const memberSamples: Samples<MemberEvent> = {
  linked: [1, 2].map((link) => ({ type: "linked", link })),
  unlinked: [1, 2].flatMap((link) =>
    [false, true].map((isGoodbye) => ({ type: "unlinked" as const, link, message: "it closed", isGoodbye })),
  ),
  term: [1, 2].map((epoch) => ({ type: "term", epoch })),
  restored: [{ type: "restored" }],
};

export const memberImpossible: Impossible<MemberEvent> = {};

const UNREACHABLE = { code: "hub.unreachable", class: "transient", message: "nobody answers" } as const;
const REFUSED = { code: "hub.refused", class: "terminal", message: "not for you" } as const;
const SPOILT = { code: "download.corrupt", class: "terminal", message: "another hash" } as const;
const FULL = { code: "disk.full", class: "transient", message: "no room" } as const;

export const downloadSamples: Samples<DownloadEvent> = {
  resolved: [{ type: "resolved", plan: { name: "m", files: [] } }],
  "resolve.failed": [UNREACHABLE, REFUSED].map((why) => ({ type: "resolve.failed", key: "", ...why })),
  "room.measured": [{ type: "room.measured", toComeBytes: 1, othersBytes: 0, freeBytes: 2 }],
  "room.enough": [{ type: "room.enough" }],
  "room.lacking": [{ type: "room.lacking", message: "1 byte is missing" }],
  "room.failed": [UNREACHABLE, REFUSED].map((why) => ({ type: "room.failed", key: "", ...why })),
  fetched: [{ type: "fetched" }],
  cut: [UNREACHABLE, REFUSED, FULL].flatMap((why) =>
    [0, 1, 2].map((presentBytes) => ({ type: "cut" as const, presentBytes, ...why })),
  ),
  "fetch.failed": [UNREACHABLE, REFUSED].map((why) => ({ type: "fetch.failed", key: "", ...why })),
  checked: [{ type: "checked" }],
  "check.failed": [UNREACHABLE, REFUSED, SPOILT].map((why) => ({ type: "check.failed", key: "", ...why })),
  "patience.lost": [{ type: "patience.lost" }],
  cancel: [{ type: "cancel" }],
  restored: [{ type: "restored" }],
};

const STEPS = ["resolving", "makingRoom", "fetching", "checking", "waiting"];
const butIn = (own: string) => STEPS.filter((state) => state !== own);
const STEP_ASKED = "each step asks its own question, and waits for its answer";
const RAISED = "it is raised in this state and folded before anything else";

export const downloadImpossible: Impossible<DownloadEvent> = {
  resolved: { in: butIn("resolving"), because: STEP_ASKED },
  "resolve.failed": { in: butIn("resolving"), because: STEP_ASKED },
  "room.measured": { in: butIn("makingRoom"), because: STEP_ASKED },
  "room.enough": { in: butIn("makingRoom"), because: RAISED },
  "room.lacking": { in: butIn("makingRoom"), because: RAISED },
  "room.failed": { in: butIn("makingRoom"), because: STEP_ASKED },
  fetched: { in: butIn("fetching"), because: STEP_ASKED },
  cut: { in: butIn("fetching"), because: STEP_ASKED },
  "fetch.failed": { in: butIn("fetching"), because: STEP_ASKED },
  checked: { in: butIn("checking"), because: STEP_ASKED },
  "check.failed": { in: butIn("checking"), because: STEP_ASKED },
  "patience.lost": { in: butIn("waiting"), because: RAISED },
  restored: { in: STEPS, because: RESTORED },
};

export const request: JobRequest = {
  ...BARE_REQUEST,
  capability: "text",
  model: "m",
  prompt: "hello",
};

const HIVE = "hive/hive/main";

export const queenSamples: Samples<QueenEvent> = {
  submit: [{ type: "submit", request }],
  cancel: [{ type: "cancel", job: "j1" }],
  "clients.gone": [{ type: "clients.gone" }],
  lookup: [{ type: "lookup", job: "j1" }],
  status: [{ type: "status" }],
  "spawn.worker": [{ type: "spawn.worker", model: "m" }],
  "stop.worker": [{ type: "stop.worker", worker: "w1" }],
  warm: [{ type: "warm", model: "m" }],
  place: [{ type: "place", model: "m" }],
  keys: [{ type: "keys" }],
  "create.key": [{ type: "create.key", name: "phone", hash: "00", limits: [] }],
  "revoke.key": [{ type: "revoke.key", name: "phone" }],
  tokens: [{ type: "tokens" }],
  "create.token": [{ type: "create.token", hash: "00" }],
  "revoke.token": [{ type: "revoke.token", token: "t1" }],
  "spend.token": [{ type: "spend.token", hash: "00", joiner: { name: "desk", key: "11" } }],
  machines: [{ type: "machines" }],
  "remove.machine": [{ type: "remove.machine", name: "desk" }],
  "job.ended": [{ type: "job.ended", job: "j1", state: "done", usage, failure: undefined }],
  explain: [{ type: "explain", job: "j1" }],
  "job.vacated": [{ type: "job.vacated", job: "j1", attempt: 1, left: undefined }],
  "job.requeued": [{ type: "job.requeued", job: "j1", saidTokens: 0 }],
  "job.spent": [{ type: "job.spent", job: "j1", saidTokens: 2 }],
  terminated: [{ type: "terminated", kind: "job", id: "j1", reason: "defect" }],
  "worker.reserved": [{ type: "worker.reserved", worker: "w1", reservedBytes: 1, device: "cpu", why: "fits" }],
  "memory.came": [{ type: "memory.came", model: "m" }],
  "memory.failed": [{ type: "memory.failed", key: "m", ...LOST }],
  "worker.weighed": [{ type: "worker.weighed", worker: "w1", reservedBytes: 2 }],
  "load.failed": [{ type: "load.failed", key: "w1", ...LOST }],
  "worker.loading": [{ type: "worker.loading", worker: "w1", pid: 7 }],
  "worker.ready": [{ type: "worker.ready", worker: "w1", facts: facts(1), port: 1 }],
  "worker.stopping": [{ type: "worker.stopping", worker: "w1", end: END }],
  "worker.gone": [{ type: "worker.gone", worker: "w1", end: END, exit: EXIT, how: "exit code 0" }],
  "hive.inventory": [{ type: "hive.inventory", hive: HIVE, workers: [] }],
  "inventory.told": [{ type: "inventory.told" }],
  "stream.closed": [{ type: "stream.closed", saidTokens: 2 }],
  "close.failed": [{ type: "close.failed", key: "j1", ...LOST }],
  "inventory.failed": [{ type: "inventory.failed", key: HIVE, ...LOST }],
  "hive.restored": [{ type: "hive.restored", hive: HIVE }],
  "hive.linked": [{ type: "hive.linked", hive: HIVE, name: "b", link: 1 }],
  "hive.unlinked": [{ type: "hive.unlinked", hive: HIVE, link: 1, message: "it closed", isGoodbye: false }],
  "hive.doubted": [{ type: "hive.doubted", hive: HIVE }],
  "hive.leaving": [{ type: "hive.leaving", hive: HIVE }],
  "hive.told": [{ type: "hive.told", hive: HIVE, devices: [] }],
  "drain.hive": [{ type: "drain.hive", name: "b" }],
  "resume.hive": [{ type: "resume.hive", name: "b" }],
  "hive.present": [{ type: "hive.present", hive: HIVE }],
  "hive.away": [{ type: "hive.away", hive: HIVE, message: "it closed" }],
  "hive.stopped": [{ type: "hive.stopped", hive: HIVE }],
  reconciled: [{ type: "reconciled" }],
  drain: [{ type: "drain" }],
  hurry: [{ type: "hurry" }],
  "jobs.idle": [{ type: "jobs.idle" }],
  "hives.stopped": [{ type: "hives.stopped" }],
  restored: [{ type: "restored" }],
};
