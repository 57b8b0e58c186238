/**
 * What a worker process is told on its command line.
 *
 * @module
 */
import { z } from "zod";

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
  /** For requests that name none. */
  temperature: z.number().min(0).max(2),
  idleTimeoutMs: z.number().min(0),
  loadTimeoutMs: z.number().min(0),
  drainTimeoutMs: z.number().min(0),
  /** Its own door takes the first free port from here. */
  portsFrom: z.int().min(0).max(65_535),
  /** False: that port or none. */
  portOrNext: z.boolean(),
});
export type WorkerStart = z.infer<typeof workerStart>;
