/**
 * What the outside says to the hive of a machine over HTTP, as schemas: how it is, its workers, its devices.
 *
 * Owns: what is the hive's alone. What it passes on to the queen has the shapes of api.ts.
 *
 * @module
 */
import { z } from "zod";
import { deviceView, workerView } from "./api.ts";

/** `GET /v1/health`. */
export const hiveHealth = z.object({
  schemaVersion: z.literal(1),
  status: z.literal("ok"),
  id: z.string(),
  name: z.string(),
  version: z.string(),
  pid: z.int(),
  workers: z.int(),
});
export type HiveHealth = z.infer<typeof hiveHealth>;

/**
 * `GET /v1/workers/list`: a worker from the decision to start it until its process is reaped. Which of its slots are
 * taken the queen alone knows: while she cannot be asked it is `ready`, and nothing is said of that.
 */
export const hiveWorker = workerView.extend({
  state: z.enum([...workerView.shape.state.options, "ready"]),
  busySlots: z.int().optional(),
  device: z.string(),
});
export type HiveWorker = z.infer<typeof hiveWorker>;
export const hiveWorkersView = z.object({ schemaVersion: z.literal(1), workers: z.array(hiveWorker) });

/** `GET /v1/devices`: what models may run on here, and why not on the rest. */
export const devicesView = z.object({
  schemaVersion: z.literal(1),
  ram: z.object({ totalBytes: z.int(), freeBytes: z.int() }),
  backends: z.array(
    z.object({
      kind: z.enum(["cuda", "metal", "vulkan", "cpu"]),
      usable: z.boolean(),
      /** Why it is not. */
      why: z.string().optional(),
      cards: z.array(deviceView),
    }),
  ),
});
export type DevicesView = z.infer<typeof devicesView>;

/** `POST /v1/shutdown`. */
export const hiveStopping = z.object({ state: z.literal("stopping") });
