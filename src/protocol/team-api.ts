/**
 * What the team was worth, at the doors.
 *
 * @module
 */
import { z } from "zod";
import { REASONS } from "../../machines/rules/log.ts";
import { modes } from "./discussion-api.ts";

const count = z.int().min(0);

/** `GET /v2/team/stats`: discussions that are over and kept, by how they were answered. */
export const teamStats = z.object({
  schemaVersion: z.literal(1),
  /** Logs that could not be read. */
  damaged: count,
  modes: z.array(
    z.object({
      mode: z.enum(modes),
      discussions: count,
      completed: count,
      contributions: count,
      passes: count,
      failures: count,
      rejected: count,
      tokens: count,
      /** Votes for another than the voter's own draft. */
      flips: count,
      ms: z.object({ p50: z.number(), p95: z.number() }),
      /** The median; nothing where nobody agreed. */
      roundsToConsensus: z.number().optional(),
      agreement: z.number().min(0).max(1).optional(),
      reasons: z.array(z.object({ reason: z.enum(REASONS), discussions: count })),
      whys: z.array(z.object({ why: z.string(), discussions: count })),
    }),
  ),
});
export type TeamStats = z.infer<typeof teamStats>;
