/**
 * How models on their way from the hub to this machine are told over HTTP, as schemas.
 *
 * @module
 */
import { z } from "zod";

/** How far a model is on its way from the hub to the disk. */
export const downloadStanding = z.object({
  step: z.enum(["resolving", "fetching", "checking", "waiting"]),
  presentBytes: z.number(),
  /** 0 until the hub has said it. */
  totalBytes: z.number(),
  bytesPerSecond: z.number(),
  /** The machine of the cluster that gives it; of the hub nothing is said. */
  from: z.string().exactOptional(),
  /** Why it waits before it tries again. */
  trouble: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type DownloadStanding = z.infer<typeof downloadStanding>;

/** A model that is on its way to this machine, under the name it was asked for. */
export const downloadView = downloadStanding.extend({ model: z.string() });
export type DownloadView = z.infer<typeof downloadView>;

/** A model that is not whole, and that nobody fetches at the moment. */
export const begunView = z.object({ model: z.string(), presentBytes: z.number() });

/** One event of `GET /v1/models/download/progress`; the SSE `event:` is its type. */
export const downloadEvent = z.discriminatedUnion("type", [
  downloadView.extend({ type: z.literal("progress") }),
  z.object({ type: z.literal("done"), model: z.string() }),
  z.object({
    type: z.literal("error"),
    model: z.string(),
    code: z.string(),
    message: z.string(),
    advice: z.string(),
  }),
]);
export type DownloadEvent = z.infer<typeof downloadEvent>;

export const downloadAccepted = z.object({ model: z.string(), state: z.string(), progress_url: z.string() });
