/**
 * The API of a queen, as calls.
 *
 * Owns: which path takes and gives which shape. Does not own: the way there (door.ts), streams (task-stream.ts), or
 * which queen it is (attach.ts).
 *
 * @module
 */
import type { z } from "zod";
import {
  spawnAccepted,
  statusView,
  taskAccepted,
  workersView,
  type StatusView,
  type TaskAccepted,
  type TaskBody,
  type TaskEvent,
  type WorkerView,
} from "../protocol/api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { doorName, fetchJson, type Call, type Door } from "./door.ts";
import { taskEvents } from "./task-stream.ts";

export interface Client {
  submit(task: TaskBody, signal?: AbortSignal): Promise<TaskAccepted>;
  /** Ends after `done` or `error`; aborting the signal leaves the task running. */
  events(task: TaskAccepted, signal: AbortSignal): AsyncIterable<TaskEvent>;
  cancel(jobId: string, signal?: AbortSignal): Promise<void>;
  status(signal?: AbortSignal): Promise<StatusView>;
  workers(): Promise<readonly WorkerView[]>;
  spawnWorker(model: string): Promise<z.infer<typeof spawnAccepted>>;
  stopWorker(worker: string): Promise<void>;
}

export function openClient(door: Door): Client {
  const ask = async <Shape extends z.ZodType>(shape: Shape, call: Call): Promise<z.infer<Shape>> => {
    const result = shape.safeParse(await fetchJson(door, call));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
    throw new RbeeError("queen.unreachable", `what answers at ${doorName(door)} is no queen of this version${where}`);
  };
  const task = (id: string): string => `/v2/tasks/${encodeURIComponent(id)}`;
  return {
    submit: (body, signal) => ask(taskAccepted, { method: "POST", path: "/v2/tasks", body, signal }),
    events: (accepted, signal) => taskEvents(door, `${task(accepted.job_id)}/events`, signal),
    cancel: async (jobId, signal) => void (await fetchJson(door, { method: "DELETE", path: task(jobId), signal })),
    status: (signal) => ask(statusView, { method: "GET", path: "/v2/status", signal }),
    workers: async () => (await ask(workersView, { method: "GET", path: "/v1/workers/list" })).workers,
    spawnWorker: (model) => ask(spawnAccepted, { method: "POST", path: "/v1/workers/spawn", body: { model } }),
    stopWorker: async (worker) =>
      void (await fetchJson(door, { method: "POST", path: "/v1/workers/stop", body: { worker } })),
  };
}
