/**
 * What the outside says to a node over HTTP, as schemas: tasks, their events, status, workers.
 *
 * Owns: the shapes of `interfaces.md` "HTTP" that exist so far, used for parsing, for the client and for the types.
 * Does not own: how they are carried (src/net/serve) or what they mean to a machine (src/doors, src/actors).
 *
 * @module
 */
import { z } from "zod";

/** Bounds of one request. A field over its bound is a 400 that names it. */
export const LIMITS = {
  promptChars: 1_000_000,
  messages: 1_000,
  outputTokens: 1_000_000,
  embeddingTexts: 256,
} as const;

const chatMessage = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string().max(LIMITS.promptChars),
});

export const taskRequest = z
  .strictObject({
    capability: z.enum(["text", "embedding"]).default("text"),
    /** A full name, an alias, or absent for the default model. */
    model: z.string().min(1).max(4096).optional(),
    prompt: z.string().max(LIMITS.promptChars).optional(),
    messages: z.array(chatMessage).min(1).max(LIMITS.messages).optional(),
    /** Texts to embed; only with capability "embedding". */
    input: z.array(z.string().max(LIMITS.promptChars)).min(1).max(LIMITS.embeddingTexts).optional(),
    max_tokens: z.int().min(1).max(LIMITS.outputTokens).optional(),
    temperature: z.number().min(0).max(2).optional(),
    seed: z.int().min(0).max(4_294_967_295).optional(),
    json_schema: z.record(z.string(), z.unknown()).optional(),
    /** 0 is the most urgent. */
    priority: z.int().min(0).max(9).default(5),
    deadline_ms: z.int().min(1).max(86_400_000).optional(),
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

export const taskUsage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int() });
const timings = z.object({
  queued_ms: z.number(),
  load_ms: z.number(),
  first_token_ms: z.number(),
  total_ms: z.number(),
});

/** One event of `GET /v2/tasks/{id}/events`. The SSE `event:` is its type; `id:` of a token is its index. */
export const taskEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("queued"), position: z.int() }),
  z.object({ type: z.literal("assigned"), worker: z.string(), attempt: z.int(), why: z.string() }),
  z.object({ type: z.literal("loading"), model: z.string(), fraction: z.number() }),
  z.object({ type: z.literal("token"), token: z.string(), index: z.int() }),
  z.object({
    type: z.literal("done"),
    done: z.literal(true),
    total_tokens: z.int(),
    finish: z.enum(["stop", "length"]),
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

export const hiveView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  backends: z.array(z.string()),
  ram: z.object({ totalBytes: z.int(), freeBytes: z.int() }),
  gpus: z.array(z.object({ name: z.string(), totalBytes: z.int(), freeBytes: z.int() })),
  workers: z.array(workerView),
});

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
  }),
  hives: z.array(hiveView),
});
export type StatusView = z.infer<typeof statusView>;

/** `POST /v1/workers/spawn`, `POST /v1/workers/stop`, `GET /v1/workers/list`. */
export const spawnRequest = z.strictObject({ model: z.string().min(1).max(4096).optional() });
export const spawnAccepted = z.object({ worker: z.string(), state: workerView.shape.state });
export const stopRequest = z.strictObject({ worker: z.string().min(1).max(255) });
export const workersView = z.object({ schemaVersion: z.literal(1), workers: z.array(workerView) });

/** Any refusal or failure, in rbee's own dialect. */
export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    advice: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
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
  hive: z.string().optional(),
});
