/**
 * What a worker process is told on its command line.
 *
 * @module
 */
import { z } from "zod";
import { LABELS } from "../../../machines/rules/label.ts";

/** What runs the model. */
const program = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("llama") }),
  /** Somebody else's server. Its key comes in the environment: see {@link KEY_VARIABLE}. */
  z.object({
    kind: z.literal("remote"),
    dialect: z.enum(["openai", "ollama"]),
    /** As the server calls it. */
    model: z.string(),
    endpoint: z.string(),
    url: z.string(),
    /** The most private work that it may be given. */
    upTo: z.enum(LABELS),
  }),
  /** A program of this machine that the worker starts. */
  z.object({ kind: z.literal("llama-server"), path: z.string() }),
]);
export type WorkerProgram = z.infer<typeof program>;

/** No list of processes shows it, and the worker takes it out of its environment. */
export const KEY_VARIABLE = "RBEE_ENDPOINT_KEY";

export const workerStart = z.object({
  worker: z.string().min(1).max(64),
  model: z.string(),
  engine: z.object({
    modelPath: z.string(),
    contextTokens: z.int().min(1),
    slots: z.int().min(1).max(256),
    threads: z.int().min(1),
    gpu: z.enum(["auto", "none"]),
  }),
  program,
  /** For requests that name none. */
  temperature: z.number().min(0).max(2),
  idleTimeoutMs: z.number().min(0),
  loadTimeoutMs: z.number().min(0),
  drainTimeoutMs: z.number().min(0),
  /** How often an idle engine proves itself, how long that may take, and when one that works counts as stuck. */
  watch: z.object({
    probeEveryMs: z.number().min(1),
    probeTimeoutMs: z.number().min(1),
    stallMs: z.number().min(1),
  }),
  /** Its own door takes the first free port from here. */
  portsFrom: z.int().min(0).max(65_535),
  /** False: that port or none. */
  portOrNext: z.boolean(),
});
/** A probe is two tokens: for these a machine that is so slow serves nobody. */
export const WATCH = { probeEveryMs: 30_000, probeTimeoutMs: 30_000, stallMs: 120_000 } as const;

export type WorkerStart = z.infer<typeof workerStart>;
