/**
 * What the outside says to a node over HTTP, as schemas: tasks, their events, status, workers.
 *
 * Owns: the shapes of `interfaces.md` "HTTP" that exist so far, used for parsing, for the client and for the types.
 * Does not own: how they are carried (src/net/serve) or what they mean to a machine (src/doors, src/actors).
 *
 * @module
 */
import { z } from "zod";
import { begunView, downloadStanding, downloadView } from "./download-api.ts";
import { DIALOGUE_LIMITS, dialogueShape, samplingShape } from "./dialogue-api.ts";

/** Bounds of one request. A field over its bound is a 400 that names it. */
export const LIMITS = {
  ...DIALOGUE_LIMITS,
  promptChars: 1_000_000,
  outputTokens: 1_000_000,
  embeddingTexts: 256,
  stops: 16,
  stopChars: 256,
  deadlineMs: 86_400_000,
} as const;

export const taskRequest = z
  .strictObject({
    capability: z.enum(["text", "embedding"]).default("text"),
    /** A full name, an alias, or absent for the default model. */
    model: z.string().min(1).max(4096).optional(),
    prompt: z.string().max(LIMITS.promptChars).optional(),
    ...dialogueShape,
    /** Texts to embed; only with capability "embedding". */
    input: z.array(z.string().max(LIMITS.promptChars)).min(1).max(LIMITS.embeddingTexts).optional(),
    max_tokens: z.int().min(1).max(LIMITS.outputTokens).optional(),
    temperature: z.number().min(0).max(2).optional(),
    seed: z.int().min(0).max(4_294_967_295).optional(),
    json_schema: z.record(z.string(), z.unknown()).optional(),
    ...samplingShape,
    /** Each of them ends the text before itself. */
    stop: z.array(z.string().min(1).max(LIMITS.stopChars)).max(LIMITS.stops).optional(),
    /** 0 is the most urgent. */
    priority: z.int().min(0).max(9).default(5),
    deadline_ms: z.int().min(1).max(LIMITS.deadlineMs).optional(),
    privacy: z.enum(["public", "internal", "private", "secret"]).default("private"),
    node: z.string().min(1).max(255).optional(),
    idempotency_key: z.string().min(1).max(255).optional(),
  })
  .refine((t) => [t.prompt, t.messages, t.input].filter((x) => x !== undefined).length === 1, {
    error: "exactly one of prompt, messages, input is needed",
  })
  .refine((t) => (t.capability === "embedding") === (t.input !== undefined), {
    error: "input goes with capability embedding, prompt and messages with text",
  });
export type TaskRequest = z.infer<typeof taskRequest>;
/** As a client writes it: defaults may be left out. */
export type TaskBody = z.input<typeof taskRequest>;

export const jobState = z.enum(["queued", "placing", "running", "done", "failed", "cancelled"]);

export const taskAccepted = z.object({
  job_id: z.string(),
  state: jobState,
  /** Jobs before it in the queue. */
  position: z.int(),
  events_url: z.string(),
});
export type TaskAccepted = z.infer<typeof taskAccepted>;

export const taskCancelling = z.object({ job_id: z.string(), state: z.literal("cancelling") });

export const taskUsage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int() });
const timings = z.object({
  queued_ms: z.number(),
  load_ms: z.number(),
  first_token_ms: z.number(),
  total_ms: z.number(),
});

/** One event of `GET /v2/tasks/{id}/events`. The SSE `event:` is its type; `id:` of a token is its index. */
export const taskEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("queued"), job_id: z.string(), position: z.int() }),
  z.object({ type: z.literal("assigned"), worker: z.string(), attempt: z.int(), why: z.string() }),
  z.object({
    type: z.literal("loading"),
    model: z.string(),
    fraction: z.number(),
    /** On its way here, or into memory. */
    step: z.enum(["download", "load"]).default("load"),
    /** On its way here. */
    download: downloadStanding.optional(),
  }),
  z.object({ type: z.literal("token"), token: z.string(), index: z.int() }),
  /** Something is called: its name, and then its arguments piece by piece. */
  z.object({ type: z.literal("tool_call"), id: z.string(), name: z.string(), index: z.int() }),
  z.object({ type: z.literal("tool_arguments"), json: z.string(), index: z.int() }),
  z.object({
    type: z.literal("done"),
    done: z.literal(true),
    job_id: z.string(),
    total_tokens: z.int(),
    finish: z.enum(["stop", "length", "tool_calls"]),
    /** The stop string that ended it. */
    stop: z.string().optional(),
    model: z.string(),
    worker: z.string(),
    attempts: z.int(),
    usage: taskUsage,
    timings,
    embeddings: z.array(z.array(z.number())).optional(),
  }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string(), advice: z.string() }),
]);
export type TaskEvent = z.infer<typeof taskEvent>;

export const taskView = z.object({
  job_id: z.string(),
  state: jobState,
  model: z.string(),
  attempts: z.int(),
  worker: z.string().optional(),
  /** Why this worker, in words. */
  why: z.string().optional(),
  usage: taskUsage.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type TaskView = z.infer<typeof taskView>;

export const workerView = z.object({
  id: z.string(),
  model: z.string(),
  capability: z.string(),
  backend: z.string(),
  state: z.enum(["loading", "idle", "busy", "stopping", "stopped"]),
  pid: z.int(),
  port: z.int(),
  slots: z.int(),
  busySlots: z.int(),
  reservedBytes: z.int(),
});
export type WorkerView = z.infer<typeof workerView>;

/** `GET /v1/workers/{id}/health`: how it is at this moment, by a real inference or by the work it does. */
export const workerHealth = z.object({
  schemaVersion: z.literal(1),
  worker: z.string(),
  model: z.string(),
  state: workerView.shape.state,
  well: z.boolean(),
  /** Why it is not. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What its engine last proved itself by; nothing while it loads, or when it does not answer. */
  proof: z
    .object({
      by: z.enum(["probe", "work"]),
      agoMs: z.number(),
      probe: z.object({ firstTokenMs: z.number(), totalMs: z.number() }).optional(),
    })
    .optional(),
  memory: z.object({ rssBytes: z.int(), peakRssBytes: z.int(), reservedBytes: z.int() }).optional(),
  pid: z.int(),
  uptimeMs: z.number().optional(),
  /** Workers of its model that died here, of those that are still known. */
  restarts: z.int(),
});
export type WorkerHealth = z.infer<typeof workerHealth>;

/** How a worker ended, and what it said last. */
export const workerEnd = z.object({
  worker: z.string(),
  model: z.string(),
  pid: z.int(),
  code: z.string(),
  message: z.string(),
  /** Its exit code or signal. */
  how: z.string(),
  /** The hardest thing that the node had done to end it. */
  after: z.enum(["nothing", "request", "SIGTERM", "SIGKILL"]).optional(),
  lastLines: z.array(z.string()),
  endedAt: z.iso.datetime(),
});
export type WorkerEnd = z.infer<typeof workerEnd>;

export const deviceView = z.object({ name: z.string(), totalBytes: z.int(), freeBytes: z.int() });

/** How a machine of the cluster stands. `doubted`: its link is gone, and it is not given up yet. */
export const hiveState = z.enum(["serving", "doubted", "draining", "drained", "away"]);

export const hiveView = z.object({
  id: z.string(),
  name: z.string(),
  state: hiveState,
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  backends: z.array(z.string()),
  ram: z.object({ totalBytes: z.int(), freeBytes: z.int() }),
  gpus: z.array(deviceView),
  workers: z.array(workerView),
});

export type HiveView = z.infer<typeof hiveView>;

/** `GET /v1/hive/status` and `rbee hive status --json`: this machine's part alone, and more of it. */
export const hiveStatus = z.object({
  schemaVersion: z.literal(1),
  hive: hiveView.extend({
    memory: z.object({
      totalBytes: z.int(),
      freeBytes: z.int(),
      bookedBytes: z.int(),
      /** Kept back for everything that is no worker. */
      headroomBytes: z.int(),
    }),
    /** The last so many, oldest first. */
    ends: z.array(workerEnd),
    /** Devices that are given no model: memory of a worker that is gone did not come back. */
    quarantined: z.array(z.object({ device: z.string(), why: z.string() })),
    /** Where its own door is; "" until it is open. */
    url: z.string(),
  }),
});
export type HiveStatusView = z.infer<typeof hiveStatus>;

/** `GET /v2/status` and `rbee status --json`. */
export const statusView = z.object({
  schemaVersion: z.literal(1),
  queen: z.object({
    id: z.string(),
    epoch: z.int(),
    state: z.string(),
    url: z.string(),
    pid: z.int(),
    uptimeMs: z.number(),
    queue: z.object({ length: z.int(), max: z.int(), running: z.int() }),
    /** Where too little disk is left, and nothing is admitted. */
    diskShort: z.object({ freeBytes: z.int(), headroomBytes: z.int() }).optional(),
  }),
  hives: z.array(hiveView),
});
export type StatusView = z.infer<typeof statusView>;

/** `POST /v1/workers/spawn`, `POST /v1/workers/stop`, `GET /v1/workers/list`. */
export const spawnRequest = z.strictObject({
  model: z.string().min(1).max(4096).optional(),
  /** The machine, by its name; without it whichever is best. */
  node: z.string().min(1).max(255).optional(),
});
export const spawnAccepted = z.object({ worker: z.string(), state: workerView.shape.state });

/** `POST /v2/hives/drain`, `POST /v2/hives/resume`. */
export const hiveRequest = z.strictObject({ name: z.string().min(1).max(255) });
export const hiveStanding = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  /** drained: nothing is left there. */
  state: z.enum(["draining", "drained", "serving"]),
  /** Jobs that still run there. */
  jobs: z.int(),
});
export type HiveStanding = z.infer<typeof hiveStanding>;
export const stopRequest = z.strictObject({ worker: z.string().min(1).max(64) });
export const workerStopping = z.object({ worker: z.string(), state: z.literal("stopping") });
export const workersView = z.object({ schemaVersion: z.literal(1), workers: z.array(workerView) });

/** `POST /v1/workers/ready` and `POST /v2/registry/workers/ready`: what a worker says, and what it is told. */
export const workerReadyRequest = z.strictObject({ worker: z.string().min(1).max(64) });
export const workerReadyView = z.object({ worker: z.string(), ready: z.boolean(), state: workerView.shape.state });

/** On a machine; where it is not said, the one that asks. */
export const modelAtRequest = z.strictObject({
  model: z.string().min(1).max(4096),
  node: z.string().min(1).max(64).optional(),
});

/** A model of the cluster. */
export const modelView = z.object({
  id: z.string(),
  bytes: z.int(),
  /** "" where its name does not tell. */
  quant: z.string(),
  path: z.string(),
  /** When it came; 0 for what was put there by hand. */
  addedAtMs: z.number(),
  /** Where it came from; "" for what was put there by hand. */
  source: z.string(),
  /** Those that have it, of the machines that are there; none of what a server of somebody else's runs. */
  machines: z.array(z.string()),
  /** As its header says, where that was read when it came. */
  architecture: z.string().optional(),
  parameters: z.number().optional(),
});
export type ModelView = z.infer<typeof modelView>;

/** `GET /v1/models/{id}`, and each of `GET /v1/models`, in OpenAI's dialect. */
export const modelListed = z.object({
  id: z.string(),
  object: z.literal("model"),
  /** In s; 0 for what was put there by hand. */
  created: z.int(),
  owned_by: z.string(),
});
export const modelList = z.object({ object: z.literal("list"), data: z.array(modelListed) });
export type ModelList = z.infer<typeof modelList>;

/** What a machine has of models, and what is not whole there. */
export const modelsOfMachine = z.object({
  models: z.array(modelView),
  downloads: z.array(downloadView).default([]),
  begun: z.array(begunView).default([]),
});
export type ModelsOfMachine = z.infer<typeof modelsOfMachine>;

/** Where it is on its way to. */
const machine = z.string();

/** Of all machines. */
export const modelsView = z.object({
  schemaVersion: z.literal(1),
  models: z.array(modelView),
  downloads: z.array(downloadView.extend({ machine })),
  begun: z.array(begunView.extend({ machine })),
});
type ModelsView = z.infer<typeof modelsView>;
export interface ModelsHere {
  readonly models: readonly ModelView[];
  readonly downloads: readonly ModelsView["downloads"][number][];
  readonly begun: readonly ModelsView["begun"][number][];
}

/** What a model needs here, and whether it would fit now. */
const modelFit = z.object({ needBytes: z.int(), fits: z.boolean(), why: z.string() });
export type ModelFit = z.infer<typeof modelFit>;

export const modelInfo = z.object({
  schemaVersion: z.literal(1),
  model: z.string(),
  /** Here, or only at the hub, or `at` a server of the configuration. */
  here: z.boolean(),
  at: z.string().optional(),
  path: z.string().optional(),
  bytes: z.int(),
  quant: z.string(),
  architecture: z.string().optional(),
  parameters: z.number().optional(),
  contextTokens: z.number().optional(),
  fit: modelFit.optional(),
  /** What else the name may mean: every model of the repository, where no one was named. */
  choices: z.array(z.object({ model: z.string(), quant: z.string(), bytes: z.int() })),
});
/** What is known of it, wherever it is told. */
export type ModelInfo = Omit<z.infer<typeof modelInfo>, "schemaVersion">;
export const modelRemoved = z.object({
  schemaVersion: z.literal(1),
  model: z.string(),
  state: z.literal("removed"),
  freedBytes: z.number(),
});

export const healthView = z.object({ status: z.literal("ok") });

/** `GET /ready`, while it is. */
export const readyView = z.object({ ready: z.literal(true), state: z.literal("serving"), epoch: z.int() });
export type ReadyView = z.infer<typeof readyView>;

/** Any refusal or failure, in rbee's own dialect. */
export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    advice: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    /** The request by the name that stands in its answer's `x-request-id`. */
    request_id: z.string().optional(),
  }),
});

/** The one line that `rbee node --json` prints when it serves. */
export const readyLine = z.object({
  ready: z.literal(true),
  url: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  pid: z.int(),
  epoch: z.int(),
  /** Where the hive's own door is. */
  hive: z.string().optional(),
  /** Of a machine that has joined: its own door, which leads to the queen's at `url`. */
  door: z.string().optional(),
});
