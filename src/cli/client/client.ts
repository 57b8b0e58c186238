/**
 * The API of a queen, as calls.
 *
 * Owns: which path takes and gives which shape. Does not own: the way there (door.ts), streams (task-stream.ts), or
 * which queen it is (attach.ts).
 *
 * @module
 */
import type { z } from "zod";
import type { Label } from "../../../machines/words.ts";
import {
  modelInfo,
  type ModelInfo,
  modelRemoved,
  modelsView,
  type ModelsHere,
  hiveStanding,
  type HiveStanding,
  hiveStatus,
  type HiveStatusView,
  spawnAccepted,
  statusView,
  taskAccepted,
  workersView,
  type StatusView,
  type TaskAccepted,
  type TaskBody,
  type TaskEvent,
  workerHealth,
  type WorkerHealth,
  type WorkerView,
} from "../../protocol/api.ts";
import {
  tokenCreated,
  type TokenCreated,
  tokenRevoked,
  tokensView,
  type TokenView,
} from "../../protocol/cluster-api.ts";
import {
  type DetectedView,
  detectedView,
  machineRemoved,
  machinesView,
  type MachineView,
  type WorkerLogs,
  type LogsAsked,
  workerLogs,
} from "../../protocol/machine-api.ts";
import {
  discussionAccepted,
  type ForkRequest,
  type DiscussionAccepted,
  type DiscussionEvent,
  type DiscussionRequest,
  sayAccepted,
  type SayRequest,
} from "../../protocol/discussion-api.ts";
import { whyView, type WhyView } from "../../protocol/why-api.ts";
import { downloadAccepted, type DownloadEvent } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { keyCreated, type keyRequest, keyRevoked, keysView, type KeyView } from "../../protocol/key-api.ts";
import {
  foundView,
  type FoundView,
  knowledgeView,
  knownForgotten,
  type KnownForgotten,
  type KnownView,
  taught,
} from "../../protocol/knowledge-api.ts";
import {
  exportedSession,
  type ExportedSession,
  sessionRemoved,
  type SessionView,
  sessionsView,
  type SpecialistsView,
  specialistsView,
} from "../../protocol/session-api.ts";
import { type TeamStats, teamStats } from "../../protocol/team-api.ts";
import { doorName, fetchJson, type Call, type Door } from "./door.ts";
import { discussionEvents } from "./discussion-stream.ts";
import { downloadEvents } from "./download-stream.ts";
import { taskEvents } from "./task-stream.ts";

/** Where the queen herself has to ask the hub, or to wait for the disk. */
const HUB_MS = 120_000;

export interface Client {
  submit(task: TaskBody, signal?: AbortSignal): Promise<TaskAccepted>;
  /** Ends after `done` or `error`; aborting the signal leaves the task running. */
  events(task: TaskAccepted, signal: AbortSignal): AsyncIterable<TaskEvent>;
  cancel(jobId: string, signal?: AbortSignal): Promise<void>;
  discuss(request: DiscussionRequest, signal?: AbortSignal): Promise<DiscussionAccepted>;
  /** Ends behind `final`; aborting the signal leaves the discussion running. */
  discussionEvents(discussion: string, signal: AbortSignal): AsyncIterable<DiscussionEvent>;
  say(discussion: string, said: SayRequest, signal?: AbortSignal): Promise<void>;
  sessions(): Promise<readonly SessionView[]>;
  exported(session: string): Promise<ExportedSession>;
  /** @returns true; a session that is not there is refused */
  remove(session: string): Promise<boolean>;
  fork(discussion: string, request: ForkRequest): Promise<DiscussionAccepted>;
  specialists(): Promise<SpecialistsView["specialists"]>;
  teamStats(): Promise<TeamStats>;
  knowledge(): Promise<readonly KnownView[]>;
  searchKnowledge(text: string): Promise<FoundView>;
  /** @returns its id */
  teach(text: string, privacy?: Label): Promise<string>;
  forgetKnown(id: string): Promise<KnownForgotten>;
  why(jobId: string, signal?: AbortSignal): Promise<WhyView>;
  status(signal?: AbortSignal): Promise<StatusView>;
  workers(): Promise<readonly WorkerView[]>;
  spawnWorker(model: string, node?: string): Promise<z.infer<typeof spawnAccepted>>;
  stopWorker(worker: string): Promise<void>;
  models(): Promise<ModelsHere>;
  /** @param node here and below: where it is not given, the machine that asks */
  modelInfo(model: string, node: string | undefined): Promise<ModelInfo>;
  /** Begins it, or joins the one that runs. */
  download(model: string, node: string | undefined, signal?: AbortSignal): Promise<void>;
  /** Ends after `done` or `error`; aborting the signal leaves the download running. */
  downloadEvents(model: string, node: string | undefined, signal: AbortSignal): AsyncIterable<DownloadEvent>;
  /** @returns the bytes that are free now */
  removeModel(model: string, node: string | undefined): Promise<number>;
  workerHealth(worker: string, signal?: AbortSignal): Promise<WorkerHealth>;
  /** @param node where it is not given, the machine that asks */
  hiveStatus(node: string | undefined, signal?: AbortSignal): Promise<HiveStatusView>;
  detect(node: string): Promise<DetectedView>;
  /** @param asked.from bytes that are known already */
  workerLogs(asked: LogsAsked, signal?: AbortSignal): Promise<WorkerLogs>;
  machines(): Promise<readonly MachineView[]>;
  removeMachine(name: string): Promise<void>;
  drainHive(name: string): Promise<HiveStanding>;
  resumeHive(name: string): Promise<HiveStanding>;
  keys(): Promise<readonly KeyView[]>;
  createKey(asked: z.input<typeof keyRequest>): Promise<z.infer<typeof keyCreated>>;
  revokeKey(name: string): Promise<void>;
  tokens(): Promise<readonly TokenView[]>;
  /** @param host by which the machine that joins reaches this one */
  createToken(host: string | undefined): Promise<TokenCreated>;
  revokeToken(id: string): Promise<void>;
}

/** What is not given is not said. */
function at(query: Readonly<Record<string, string | number | undefined>>): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) said.set(name, String(value));
  return said.size === 0 ? "" : `?${said.toString()}`;
}

type Ask = <Shape extends z.ZodType>(shape: Shape, call: Call) => Promise<z.infer<Shape>>;

export function openClient(door: Door): Client {
  const ask: Ask = async (shape, call) => {
    const result = shape.safeParse(await fetchJson(door, call));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
    throw new RbeeError("queen.unreachable", `what answers at ${doorName(door)} is no queen of this version${where}`);
  };
  const task = (id: string): string => `/v2/tasks/${encodeURIComponent(id)}`;
  const session = (id: string): string => `/v2/sessions/${encodeURIComponent(id)}`;
  const discussion = (id: string): string => `/v2/discussions/${encodeURIComponent(id)}`;
  return {
    submit: (body, signal) => ask(taskAccepted, { method: "POST", path: "/v2/tasks", body, signal }),
    events: (accepted, signal) => taskEvents(door, `${task(accepted.job_id)}/events`, signal),
    cancel: async (jobId, signal) => void (await fetchJson(door, { method: "DELETE", path: task(jobId), signal })),
    discuss: (body, signal) => ask(discussionAccepted, { method: "POST", path: "/v2/discussions", body, signal }),
    discussionEvents: (id, signal) => discussionEvents(door, `${discussion(id)}/events`, signal),
    say: async (id, body, signal) =>
      void (await ask(sayAccepted, { method: "POST", path: `${discussion(id)}/say`, body, signal })),
    sessions: async () => (await ask(sessionsView, { method: "GET", path: "/v2/sessions" })).sessions,
    exported: (id) => ask(exportedSession, { method: "GET", path: session(id) }),
    remove: async (id) => (await ask(sessionRemoved, { method: "DELETE", path: session(id) })).removed,
    fork: (id, body) => ask(discussionAccepted, { method: "POST", path: `${discussion(id)}/fork`, body }),
    specialists: async () => (await ask(specialistsView, { method: "GET", path: "/v2/specialists" })).specialists,
    teamStats: () => ask(teamStats, { method: "GET", path: "/v2/team/stats" }),
    knowledge: async () => (await ask(knowledgeView, { method: "GET", path: "/v2/knowledge" })).knowledge,
    searchKnowledge: (text) => ask(foundView, { method: "POST", path: "/v2/knowledge/search", body: { text } }),
    teach: async (text, privacy) =>
      (await ask(taught, { method: "POST", path: "/v2/knowledge", body: { text, privacy } })).id,
    forgetKnown: (id) => ask(knownForgotten, { method: "DELETE", path: `/v2/knowledge/${encodeURIComponent(id)}` }),
    why: (jobId, signal) => ask(whyView, { method: "GET", path: `${task(jobId)}/why`, signal }),
    status: (signal) => ask(statusView, { method: "GET", path: "/v2/status", signal }),
    workers: async () => (await ask(workersView, { method: "GET", path: "/v1/workers/list" })).workers,
    spawnWorker: (model, node) =>
      ask(spawnAccepted, { method: "POST", path: "/v1/workers/spawn", body: { model, node } }),
    drainHive: (name) => ask(hiveStanding, { method: "POST", path: "/v2/hives/drain", body: { name } }),
    resumeHive: (name) => ask(hiveStanding, { method: "POST", path: "/v2/hives/resume", body: { name } }),
    workerHealth: (worker, signal) =>
      ask(workerHealth, { method: "GET", path: `/v1/workers/${encodeURIComponent(worker)}/health`, signal }),
    hiveStatus: (node, signal) => ask(hiveStatus, { method: "GET", path: `/v1/hive/status${at({ node })}`, signal }),
    detect: (node) => ask(detectedView, { method: "GET", path: `/v1/hive/detect${at({ node })}` }),
    workerLogs: ({ worker, ...asked }, signal) =>
      ask(workerLogs, { method: "GET", path: `/v1/workers/${encodeURIComponent(worker)}/logs${at(asked)}`, signal }),
    machines: async () => (await ask(machinesView, { method: "GET", path: "/v2/machines" })).machines,
    removeMachine: async (name) =>
      void (await ask(machineRemoved, { method: "DELETE", path: `/v2/machines/${encodeURIComponent(name)}` })),
    keys: async () => (await ask(keysView, { method: "GET", path: "/v2/keys" })).keys,
    createKey: (body) => ask(keyCreated, { method: "POST", path: "/v2/keys", body }),
    revokeKey: async (name) =>
      void (await ask(keyRevoked, { method: "DELETE", path: `/v2/keys/${encodeURIComponent(name)}` })),
    tokens: async () => (await ask(tokensView, { method: "GET", path: "/v2/tokens" })).tokens,
    createToken: (host) => ask(tokenCreated, { method: "POST", path: "/v2/tokens", body: { host } }),
    revokeToken: async (id) =>
      void (await ask(tokenRevoked, { method: "DELETE", path: `/v2/tokens/${encodeURIComponent(id)}` })),
    stopWorker: async (worker) =>
      void (await fetchJson(door, { method: "POST", path: "/v1/workers/stop", body: { worker } })),
    ...modelCalls(door, ask),
  };
}

type ModelCalls = Pick<Client, "models" | "modelInfo" | "download" | "downloadEvents" | "removeModel">;

const modelCalls = (door: Door, ask: Ask): ModelCalls => ({
  models: () => ask(modelsView, { method: "GET", path: "/v2/models" }),
  modelInfo: (model, node) =>
    ask(modelInfo, { method: "GET", path: `/v1/models/info${at({ model, node })}`, silenceMs: HUB_MS }),
  download: async (model, node, signal) => {
    const call = { method: "POST", path: "/v1/models/download", body: { model, node }, signal } as const;
    await ask(downloadAccepted, call);
  },
  downloadEvents: (model, node, signal) =>
    downloadEvents(door, `/v1/models/download/progress${at({ model, node })}`, signal),
  removeModel: async (model, node) => {
    const call = { method: "DELETE", path: `/v1/models${at({ model, node })}`, silenceMs: HUB_MS } as const;
    return (await ask(modelRemoved, call)).freedBytes;
  },
});
