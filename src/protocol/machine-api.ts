/**
 * Machines of the cluster over HTTP, and what the queen's asks of another, as schemas.
 *
 * Owns: the shapes. Does not own: carrying them (src/hosts/cluster), or deciding anything.
 *
 * @module
 */
import { z } from "zod";
import { hiveState, hiveStatus, modelInfo, modelsOfMachine, workerHealth } from "./api.ts";
import { downloadView } from "./download-api.ts";
import { devicesView } from "./hive-api.ts";

export const LOG_LINES_MAX = 5_000;

/** One machine. */
export const machineView = z.object({
  name: z.string(),
  /** As in the status of the node. `removed`: it is let in no more. */
  state: z.enum([...hiveState.options, "removed"]),
  /** The queen's own. */
  isQueens: z.boolean(),
  host: z.string(),
  version: z.string(),
  workers: z.int(),
  joinedAt: z.iso.datetime().optional(),
  removedAt: z.iso.datetime().optional(),
});
export type MachineView = z.infer<typeof machineView>;

/** `GET /v2/machines` and `rbee hive list --json`. */
export const machinesView = z.object({ schemaVersion: z.literal(1), machines: z.array(machineView) });

/** `DELETE /v2/machines/{name}`. */
export const machineRemoved = z.object({ schemaVersion: z.literal(1), name: z.string(), state: z.literal("removed") });

/** Which machine is meant; where it is not said, the one that asks. */
export const nodeNamed = z.strictObject({ node: z.string().min(1).max(64).optional() });

/** `GET /v1/workers/{id}/logs`. */
const linesAsked = z.int().min(0).max(LOG_LINES_MAX);
/** Behind so many bytes of the log: what came since somebody was told of these. */
const bytesKnown = z.int().min(0).optional();
export const workerLogsRequest = nodeNamed.extend({
  lines: z.coerce.number().pipe(linesAsked),
  from: z.coerce.number().pipe(z.int().min(0)).optional(),
});
export interface LogsAsked {
  readonly worker: string;
  readonly lines: number;
  readonly from?: number | undefined;
  /** The machine; where it is not said, the one that has the worker. */
  readonly node?: string | undefined;
}

export const workerLogs = z.object({
  schemaVersion: z.literal(1),
  worker: z.string(),
  node: z.string(),
  lines: z.array(z.string()),
  /** Where to go on from; nothing of a machine of an earlier version. */
  next: z.int().optional(),
});
export type WorkerLogs = z.infer<typeof workerLogs>;

/** `GET /v1/hive/detect`. */
export const detectedView = z.object({
  schemaVersion: z.literal(1),
  machine: z.object({
    processor: z.string(),
    threads: z.int(),
    cores: z.int(),
    memory: devicesView.shape.ram,
    memoryLimitBytes: z.int().optional(),
  }),
  backends: z.array(
    z.object({
      kind: devicesView.shape.backends.element.shape.kind,
      usable: z.boolean(),
      why: z.string(),
      cards: devicesView.shape.backends.element.shape.cards,
    }),
  ),
});
export type DetectedView = z.infer<typeof detectedView>;

const HASH = /^[0-9a-f]{64}$/;

/** A model that a machine has, by what its files are. */
export const offer = z.object({
  name: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative(), sha256: z.string().regex(HASH) })),
});
export type Offer = z.infer<typeof offer>;

/** `GET /v1/cluster/models`: the machines that have a model. */
export const offersView = z.object({
  schemaVersion: z.literal(1),
  offers: z.array(offer.extend({ machine: z.string() })),
});
export type MachineOffer = z.infer<typeof offersView>["offers"][number];

/** What a hive knows of itself, beside what the queen does. */
export const hivePart = hiveStatus.shape.hive
  .pick({ ends: true, quarantined: true })
  .extend({ bookedBytes: z.int(), headroomBytes: z.int() });
export type HivePart = z.infer<typeof hivePart>;

/** How a download stands, or how it has ended. */
export const fetching = z.discriminatedUnion("state", [
  z.object({ state: z.literal("running"), progress: downloadView }),
  z.object({ state: z.literal("here") }),
  z.object({ state: z.literal("failed"), code: z.string(), message: z.string() }),
]);
export type Fetching = z.infer<typeof fetching>;

/** What the queen's machine asks of another. */
export const question = z.discriminatedUnion("type", [
  z.object({ type: z.literal("health"), worker: z.string() }),
  z.object({ type: z.literal("hive") }),
  z.object({ type: z.literal("detect") }),
  z.object({ type: z.literal("logs"), worker: z.string(), lines: linesAsked, from: bytesKnown }),
  z.object({ type: z.literal("models") }),
  z.object({ type: z.literal("info"), model: z.string() }),
  /** Begin it, or join the one that runs. */
  z.object({ type: z.literal("fetch"), model: z.string() }),
  z.object({ type: z.literal("fetching"), model: z.string() }),
  z.object({ type: z.literal("remove"), model: z.string() }),
  z.object({ type: z.literal("offer"), model: z.string() }),
]);
export type Question = z.infer<typeof question>;

/** Of those that came later: the first version of the link whose machines know them. */
export const KNOWN_SINCE: Partial<Readonly<Record<Question["type"], number>>> = { info: 2 };

/** By the question. */
export const ANSWERS = {
  health: workerHealth,
  hive: hivePart,
  detect: detectedView,
  logs: workerLogs.pick({ lines: true, next: true }),
  models: modelsOfMachine,
  info: modelInfo.omit({ schemaVersion: true }),
  fetch: z.object({}),
  fetching,
  remove: z.object({ bytes: z.number() }),
  offer: z.object({ offer: offer.optional() }),
} as const satisfies Record<Question["type"], z.ZodType>;
export type AnswerTo<Type extends Question["type"]> = z.infer<(typeof ANSWERS)[Type]>;
