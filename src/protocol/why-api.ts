/**
 * Why a job went as it did, over HTTP and from the command line, as a schema.
 *
 * @module
 */
import { z } from "zod";
import { jobState, taskUsage } from "./api.ts";

const otherWorker = z.object({
  worker: z.string(),
  hive: z.string(),
  state: z.enum(["asked", "loading", "ready", "stopping"]),
  busy_slots: z.int(),
  slots: z.int(),
  /** Of the model on its machine, where that was measured. */
  tokens_per_second: z.number().optional(),
  /** Jobs that its whole machine had. */
  machine_jobs: z.int().optional(),
  /** Characters of the prompt that it had in its cache. */
  cached_chars: z.int().optional(),
  /** Its machine is not sure to be there. */
  doubted: z.literal(true).optional(),
});

/** A machine that a model could have been loaded on, or was. */
const machineSeen = z.object({
  hive: z.string(),
  name: z.string(),
  workers: z.int(),
  has_file: z.boolean(),
  /** What one of its devices could give, where it has said. */
  room_bytes: z.int().optional(),
  tokens_per_second: z.number().optional(),
  against: z.enum(["away", "doubted", "draining", "failed"]).optional(),
});
const machineChoice = z.object({
  /** About what the model takes, where that was known. */
  need_bytes: z.int().optional(),
  pinned: z.boolean(),
  /** The chosen one first. */
  machines: z.array(machineSeen),
  more_machines: z.int(),
});

const attemptView = z.object({
  attempt: z.int(),
  worker: z.string(),
  hive: z.string(),
  tokens_per_second: z.number().optional(),
  machine_jobs: z.int().optional(),
  cached_chars: z.int().optional(),
  why: z.string(),
  placed_at: z.string(),
  /** Since its admission, or since the attempt before it ended. */
  waited_ms: z.number(),
  /** A load that it waited for; `deciding_ms` holds a download. */
  load: z
    .object({
      waited_ms: z.number(),
      deciding_ms: z.number(),
      starting_ms: z.number(),
      loading_ms: z.number(),
      /** The hive's word on the memory. */
      why: z.string(),
      /** Workers that were ended to make room. */
      made_room: z.array(z.string()),
      /** Nothing where there was one machine only. */
      choice: machineChoice.optional(),
      /** Workers of the model that were lost on their way while it waited, before this one. */
      lost: z.array(z.object({ worker: z.string(), ms: z.number(), code: z.string(), message: z.string() })).optional(),
    })
    .optional(),
  busy_slots: z.int(),
  slots: z.int(),
  memory_bytes: z.int(),
  alternatives: z.array(otherWorker),
  more_alternatives: z.int(),
  other_machines: z.int(),
  /** Said by it and those before it; known of one that was lost, and of the one that runs. */
  said_tokens: z.int().optional(),
  /** Nothing while it runs. `done` is no error. */
  end: z.object({ at: z.string(), ran_ms: z.number(), code: z.string(), message: z.string() }).optional(),
});
export type AttemptView = z.infer<typeof attemptView>;

/** `GET /v2/tasks/{id}/why` and `rbee why --json`: what became of a job, as data and in words. */
export const whyView = z.object({
  schemaVersion: z.literal(1),
  job_id: z.string(),
  state: jobState,
  model: z.string(),
  capability: z.string(),
  priority: z.int(),
  /** The request that brought it, its key by its id, and the step of a trace that sent it. */
  request_id: z.string().optional(),
  key: z.string().optional(),
  traceparent: z.string().optional(),
  admitted_at: z.string(),
  /** Jobs of its model that it stood behind then. */
  ahead: z.int(),
  /** What it waits for now; only of one that is queued. */
  waiting: z
    .object({
      ms: z.number(),
      queen: z.string(),
      ahead: z.int(),
      workers: z.array(otherWorker),
      more_workers: z.int(),
      loads: z.array(
        z.object({ worker: z.string(), ms: z.number(), step: z.enum(["deciding", "starting", "loading"]) }),
      ),
      failed_loads: z.int(),
      /** What is in the way of its model, in words. */
      crowded_by: z.string().optional(),
      /** The machine that it is to run on. */
      pinned: z.object({ name: z.string(), state: z.enum(["serving", "doubted", "draining", "away"]) }).optional(),
      /** How far the download or the load is. */
      progress: z.object({ step: z.string(), fraction: z.number() }).optional(),
    })
    .optional(),
  attempts: z.array(attemptView),
  end: z
    .object({
      at: z.string(),
      total_ms: z.number(),
      usage: taskUsage.optional(),
      first_token_ms: z.number().optional(),
      tokens_per_second: z.number().optional(),
      error: z.object({ code: z.string(), message: z.string() }).optional(),
    })
    .optional(),
  /** The same for people, a line each. */
  words: z.array(z.string()),
});
export type WhyView = z.infer<typeof whyView>;
