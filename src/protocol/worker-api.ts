/**
 * What the outside says to a single worker over HTTP, as schemas: run this, are you ready, how far is loading, stop.
 *
 * The fields are those of a task (api.ts) without what needs a queen: queue, placement, idempotency.
 *
 * @module
 */
import { z } from "zod";
import { taskRequest, taskUsage, workerView } from "./api.ts";
import { dialogueShape, samplingShape, toolCall } from "./dialogue-api.ts";

const { prompt, input, max_tokens, temperature, seed, json_schema, stop } = taskRequest.shape;

const jobId = z.string().min(1).max(255);

export const executeRequest = z
  .strictObject({
    prompt,
    ...dialogueShape,
    input,
    max_tokens,
    temperature,
    seed,
    json_schema,
    ...samplingShape,
    stop,
    /** Tokens as server-sent events; false gives one JSON answer. Vectors always come as JSON. */
    stream: z.boolean().default(true),
    /** What the run can be cancelled by. */
    job_id: jobId.optional(),
    attempt: z.int().min(1).default(1),
  })
  .refine((asked) => [asked.prompt, asked.messages, asked.input].filter((given) => given !== undefined).length === 1, {
    error: "exactly one of prompt, messages, input is needed",
  });
export type ExecuteRequest = z.output<typeof executeRequest>;

export const cancelRequest = z.strictObject({ job_id: jobId });
export const cancelling = z.object({ job_id: z.string(), state: z.literal("cancelling") });
export const workerEnding = z.object({ state: z.literal("stopping") });

/** One `data:` line of a streamed answer; the last is `done`. A call is its name, then its arguments piece by piece. */
export const tokenLine = z.object({ token: z.string(), index: z.int() });
export const callLine = z.object({ tool_call: z.object({ id: z.string(), name: z.string() }), index: z.int() });
export const argumentsLine = z.object({ tool_arguments: z.string(), index: z.int() });
export const doneLine = z.object({
  done: z.literal(true),
  job_id: z.string(),
  total_tokens: z.int(),
  finish: z.enum(["stop", "length", "tool_calls"]),
  /** The stop string that ended it. */
  stop: z.string().optional(),
  usage: taskUsage,
  timings: z.object({ first_token_ms: z.number(), total_ms: z.number() }),
});
export type DoneLine = z.infer<typeof doneLine>;
export const executeLine = z.union([tokenLine, callLine, argumentsLine, doneLine]);

/** The whole answer at once: of a text that was not streamed, or of vectors. */
export const executed = doneLine.extend({
  text: z.string().optional(),
  tool_calls: z.array(toolCall).optional(),
  embeddings: z.array(z.array(z.number())).optional(),
});

/** `GET /v1/ready`: status 200 when it takes work, 503 when not. */
export const readiness = z.object({
  ready: z.boolean(),
  state: workerView.shape.state,
  model: z.string(),
  backend: z.string(),
  slots: z.int(),
  busySlots: z.int(),
  contextTokens: z.int(),
});
export type Readiness = z.infer<typeof readiness>;

/** One `data:` line of `GET /v1/loading/progress`; the stream ends when loading has. */
export const loadingLine = z.object({ fraction: z.number().min(0).max(1), state: workerView.shape.state });
export type LoadingLine = z.infer<typeof loadingLine>;
