/**
 * rbee's own dialect at the door of a node: tasks, their events, workers, status.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, or deciding anything; it talks to
 * a {@link NodeSeat}.
 *
 *  R1 Every field is parsed by a schema of src/protocol/api.ts; what does not fit is a 400 that names it.
 *  R2 Events are numbered by token index, so that Last-Event-ID resumes behind what was read.
 *  R3 Whatever is asked of a job is asked in the name of who asks.
 *
 * @module
 */
import type { JobRequest } from "../../machines/request.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import { type Caller, hostOf } from "../../machines/words.ts";
import {
  healthView,
  hiveStatus,
  type HiveStatusView,
  spawnAccepted,
  spawnRequest,
  type StatusView,
  statusView,
  stopRequest,
  taskAccepted,
  taskCancelling,
  taskEvent,
  type TaskEvent,
  taskRequest,
  type TaskRequest,
  type TaskView,
  taskView,
  type WorkerHealth,
  workerHealth,
  workerStopping,
  workersView,
} from "../protocol/api.ts";
import { whyView } from "../protocol/why-api.ts";
import { ERRORS, isErrorCode, RbeeError } from "../protocol/errors.ts";
import { parseWith } from "../protocol/parse.ts";
import type { StreamEnd, StreamItem } from "../protocol/ports.ts";
import type { Answer, Call, EventSink, Route } from "../protocol/route.ts";
import type { Chunk } from "../protocol/worker.ts";
import { nodeNamed } from "../protocol/machine-api.ts";
import { nodeIn } from "./machines.ts";
import { pieceOf } from "./pieces.ts";
import { samplingOf } from "./sampling.ts";
import { messagesOf, toolsOf } from "./tools.ts";
import { type Explained, whyOf } from "./why.ts";

/** By what somebody's own jobs are told from others'. */
export type Asker = Pick<Caller, "key">;

/** What the door needs of a node. Each may throw an RbeeError. */
export interface NodeSeat {
  submit(
    request: JobRequest,
    caller?: Caller,
  ): Promise<{ readonly job: string; readonly state: JobRow["state"]; readonly position: number }>;
  /** Of a job that somebody else's key brought, as of one that never was: @throws RbeeError request.not.found */
  cancel(job: string, asker?: Asker): Promise<void>;
  lookup(job: string, asker?: Asker): Promise<JobRow>;
  explain(job: string, asker?: Asker): Promise<Explained>;
  status(): Promise<StatusView>;
  spawnWorker(model: string | undefined, node?: string): Promise<string>;
  stopWorker(worker: string): Promise<void>;
  workerHealth(worker: string): Promise<WorkerHealth>;
  /** @param node the queen's own where it is not given */
  hiveStatus(node: string | undefined): Promise<HiveStatusView>;
  /** @throws RbeeError request.not.found */
  read(job: string, fromIndex: number, signal: AbortSignal, asker?: Asker): AsyncIterable<StreamItem>;
}

export const rbeeRoutes = (seat: NodeSeat): readonly Route[] => [...taskRoutes(seat), ...houseRoutes(seat)];

function taskRoutes(seat: NodeSeat): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v2/tasks",
      doc: { summary: "Hand in a task.", body: taskRequest, status: 202, answer: taskAccepted },
      handle: (call) => submit(seat, call),
    },
    {
      method: "GET",
      path: "/v2/tasks/:id",
      doc: { summary: "How a task stands.", answer: taskView },
      handle: async (call) => ok(viewOf(await seat.lookup(idOf(call), call.caller))),
    },
    {
      method: "GET",
      path: "/v2/tasks/:id/why",
      doc: { summary: "What became of a task, and what it waits for.", answer: whyView },
      handle: async (call) => ok(whyOf(await seat.explain(idOf(call), call.caller))),
    },
    {
      method: "GET",
      path: "/v2/tasks/:id/events",
      doc: { summary: "What a task says, to its end; Last-Event-ID resumes.", events: taskEvent },
      handle: (call) => events(seat, call),
    },
    {
      method: "DELETE",
      path: "/v2/tasks/:id",
      doc: { summary: "Cancel a task.", status: 202, answer: taskCancelling },
      handle: (call) => cancel(seat, call),
    },
  ];
}

function houseRoutes(seat: NodeSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/status",
      doc: { summary: "The queen, the hives, their workers.", answer: statusView },
      handle: async () => ok(await seat.status()),
    },
    {
      method: "GET",
      path: "/v1/workers/list",
      doc: { summary: "The workers.", answer: workersView },
      handle: async () => ok(await workersOf(seat)),
    },
    {
      method: "POST",
      path: "/v1/workers/spawn",
      doc: { summary: "Start a worker for a model.", body: spawnRequest, status: 202, answer: spawnAccepted },
      handle: (call) => spawnWorker(seat, call),
    },
    {
      method: "POST",
      path: "/v1/workers/stop",
      doc: { summary: "Stop a worker once it has finished.", body: stopRequest, status: 202, answer: workerStopping },
      handle: (call) => stopWorker(seat, call),
    },
    {
      method: "GET",
      path: "/v1/workers/:id/health",
      doc: { summary: "How a worker is, by a real inference or by the work it does.", answer: workerHealth },
      handle: async (call) => ok(await seat.workerHealth(idOf(call))),
    },
    {
      method: "GET",
      path: "/v1/hive/status",
      doc: {
        summary: "A machine: its memory, devices, workers, and how others ended.",
        query: nodeNamed,
        answer: hiveStatus,
      },
      handle: async (call) => ok(await seat.hiveStatus(nodeIn(call))),
    },
    {
      method: "GET",
      path: "/health",
      doc: { summary: "Whether the node answers.", answer: healthView },
      handle: () => ok({ status: "ok" }),
    },
  ];
}

const ok = (json: unknown): Answer => ({ status: 200, json });
const idOf = (call: Call): string => call.params["id"] ?? "";

async function submit(seat: NodeSeat, call: Call): Promise<Answer> {
  const task = parseWith(taskRequest, call.body);
  const { job, state, position } = await seat.submit(requestOf(task, call.local), call.caller);
  return { status: 202, json: { job_id: job, state, position, events_url: `/v2/tasks/${job}/events` } };
}

/** A path may name any file only when it comes over the socket that its owner alone can open. */
export function modelFrom(model: string | undefined, local: boolean): string | undefined {
  if (local || model?.startsWith("file:") !== true) return model;
  const details = { field: "model", found: "file:", allowed: "a name of the catalog" };
  throw new RbeeError("request.forbidden", "a file is named over the node's own socket only", details);
}

function requestOf(task: TaskRequest, local: boolean): JobRequest {
  return {
    capability: task.capability,
    model: modelFrom(task.model, local),
    prompt: task.prompt,
    messages: task.messages === undefined ? undefined : messagesOf(task.messages),
    input: task.input,
    maxTokens: task.max_tokens,
    temperature: task.temperature,
    seed: task.seed,
    jsonSchema: task.json_schema,
    sampling: samplingOf(task),
    stops: task.stop,
    tools: toolsOf({
      functions: task.tools,
      choice: task.tool_choice,
      parallel: task.parallel_tool_calls,
    }),
    priority: task.priority,
    deadlineMs: task.deadline_ms,
    label: task.privacy,
    node: task.node,
    idempotencyKey: task.idempotency_key,
  };
}

async function cancel(seat: NodeSeat, call: Call): Promise<Answer> {
  await seat.cancel(idOf(call), call.caller);
  return { status: 202, json: { job_id: idOf(call), state: "cancelling" } };
}

function events(seat: NodeSeat, call: Call): Answer {
  const from = resumeIndex(call);
  const items = seat.read(idOf(call), from, call.signal, call.caller);
  return { events: (sink) => relay(idOf(call), items, sink) };
}

/** The index behind the last event that the client has. */
function resumeIndex(call: Call): number {
  const last = call.headers["last-event-id"];
  if (last === undefined || last === "") return 0;
  const index = Number(last);
  if (Number.isSafeInteger(index) && index >= 0) return index + 1;
  const details = { field: "last-event-id", found: last.slice(0, 40), allowed: "the id of an event" };
  throw new RbeeError("request.invalid", "Last-Event-ID is no event of a task", details);
}

async function relay(job: string, items: AsyncIterable<StreamItem>, sink: EventSink): Promise<void> {
  const embeddings: number[][] = [];
  let tokens = 0;
  for await (const item of items) {
    if (item.type === "chunk" && item.chunk.kind === "embedding") {
      embeddings.push(vectorOf(item.chunk.bytes ?? new Uint8Array()));
      continue;
    }
    if (item.type === "chunk") tokens = item.chunk.index + 1;
    const event = eventOf(job, item, tokens, embeddings);
    const { type, ...data } = event;
    await sink.send({ event: type, data, ...("index" in event ? { id: event.index } : {}) });
  }
}

export const vectorOf = (bytes: Uint8Array): number[] => [
  ...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
];

function eventOf(job: string, item: StreamItem, tokens: number, embeddings: number[][]): TaskEvent {
  switch (item.type) {
    case "note":
      return item.note.type === "queued" ? { ...item.note, job_id: job } : item.note;
    case "loading":
      return item;
    case "chunk":
      return pieceEvent(item.chunk);
    case "end":
      return endEvent(job, item.end, tokens, embeddings);
  }
}

function pieceEvent(chunk: Chunk): TaskEvent {
  const { index } = chunk;
  const piece = pieceOf(chunk);
  if (piece.type === "call") return { type: "tool_call", id: piece.id, name: piece.name, index };
  return piece.type === "arguments"
    ? { type: "tool_arguments", json: piece.json, index }
    : { type: "token", token: chunk.text, index };
}

function endEvent(job: string, end: StreamEnd, tokens: number, embeddings: number[][]): TaskEvent {
  if (end.type === "error") {
    const { code, message } = end.failure;
    return { type: "error", code, message, advice: isErrorCode(code) ? ERRORS[code].advice : "" };
  }
  const { finish, stop, usage, model, worker, attempts, queuedMs, loadMs } = end;
  return {
    type: "done",
    done: true,
    job_id: job,
    total_tokens: usage.completionTokens > 0 ? usage.completionTokens : tokens,
    finish,
    ...(stop === undefined ? {} : { stop }),
    model,
    worker,
    attempts,
    usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
    timings: { queued_ms: queuedMs, load_ms: loadMs, first_token_ms: usage.firstTokenMs, total_ms: usage.totalMs },
    ...(embeddings.length === 0 ? {} : { embeddings }),
  };
}

export function viewOf(row: JobRow): TaskView {
  const { id, state, model, attempt, worker, why, usage, failure } = row;
  return {
    job_id: id,
    state,
    model,
    attempts: attempt,
    ...(worker === undefined ? {} : { worker: hostOf(worker) }),
    ...(why === "" ? {} : { why }),
    ...(usage === undefined
      ? {}
      : { usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens } }),
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}

async function workersOf(seat: NodeSeat) {
  const { hives } = await seat.status();
  return { schemaVersion: 1, workers: hives.flatMap((hive) => hive.workers) };
}

async function spawnWorker(seat: NodeSeat, call: Call): Promise<Answer> {
  const { model, node } = parseWith(spawnRequest, call.body ?? {});
  const worker = await seat.spawnWorker(modelFrom(model, call.local), node);
  return { status: 202, json: { worker, state: "loading" } };
}

async function stopWorker(seat: NodeSeat, call: Call): Promise<Answer> {
  const { worker } = parseWith(stopRequest, call.body);
  await seat.stopWorker(worker);
  return { status: 202, json: { worker, state: "stopping" } };
}
