/**
 * Sessions at the doors: what was asked before, and what came of it.
 *
 * @module
 */
import { z } from "zod";
import { logEvent, modes } from "./discussion-api.ts";

const asked = z.object({
  discussion: z.string(),
  request: z.string(),
  mode: z.enum(modes),
  at: z.number(),
  /** What the user said while they talked, the last of it where it is much; nothing where that is nothing. */
  said: z.array(z.string()).optional(),
  /** Nothing while it runs. */
  answer: z.string().optional(),
});

export const sessionView = z.object({
  session: z.string(),
  at: z.number(),
  /** In the order in which they were asked. */
  asked: z.array(asked),
  /** Files of it that cannot be read, and why. */
  damaged: z.array(z.string()).optional(),
});
export type SessionView = z.infer<typeof sessionView>;

export const sessionsView = z.object({ schemaVersion: z.literal(1), sessions: z.array(sessionView) });
export type SessionsView = z.infer<typeof sessionsView>;

const exportedDiscussion = z.object({
  discussion: z.string(),
  request: z.string(),
  mode: z.enum(modes),
  config: z.record(z.string(), z.unknown()),
  log: z.array(logEvent),
  hash: z.string(),
});

/** The last discussion of a session, with those before it. */
export const exportedSession = z.object({
  schemaVersion: z.literal(1),
  session: z.string(),
  ...exportedDiscussion.shape,
  earlier: z.array(exportedDiscussion),
});
export type ExportedSession = z.infer<typeof exportedSession>;

export const sessionRemoved = z.object({ session: z.string(), removed: z.literal(true) });

export const specialistsView = z.object({
  schemaVersion: z.literal(1),
  specialists: z.array(
    z.object({
      name: z.string(),
      colour: z.string(),
      duty: z.string(),
      model: z.string().optional(),
      inTeam: z.boolean(),
    }),
  ),
});
export type SpecialistsView = z.infer<typeof specialistsView>;
