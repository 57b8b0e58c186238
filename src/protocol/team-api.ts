/**
 * What the team was worth, at the doors.
 *
 * @module
 */
import { z } from "zod";
import { REASONS } from "../../machines/rules/log.ts";
import { modes } from "./discussion-api.ts";

const count = z.int().min(0);

/** An agent by its name, in all sessions in which it lives now, and what it keeps there for itself. */
const agentWorth = z.object({ name: z.string(), sessions: count, notes: count, memoryBytes: count });

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
      /** Of the time of all who had a seat, the share in which they had a turn. */
      utilisation: z.number().min(0).optional(),
      /** The median from a question until the first turn is given. */
      delegationMs: z.number().optional(),
      /** In millionths of whatever the prices are in; nothing where nothing had a price. */
      costMicros: z.number().optional(),
      /** Of some of them tokens and cost are the least that they took. */
      isPart: z.literal(true).optional(),
      reasons: z.array(z.object({ reason: z.enum(REASONS), discussions: count })),
      whys: z.array(z.object({ why: z.string(), discussions: count })),
    }),
  ),
  /** Of requests whose mode somebody said: how many, and how many of them the queen would have judged alike. */
  gate: z.object({ told: count, same: count }),
  agents: z.array(agentWorth),
  /** Questions of the doors to the store since the node began; nothing where there was none. */
  store: z.object({ asks: count, ms: z.object({ p50: z.number(), p95: z.number() }) }).optional(),
});
export type TeamStats = z.infer<typeof teamStats>;
