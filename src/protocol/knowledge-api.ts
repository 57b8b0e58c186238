/**
 * What the team knows, at the doors: told, looked for, taught and forgotten.
 *
 * @module
 */
import { z } from "zod";
import { LABELS } from "../../machines/rules/label.ts";
import { LESSON_LENGTH_MAX } from "../../machines/rules/learn.ts";

const KNOWN_AT_ONCE_MAX = 50;
const QUESTION_LENGTH_MAX = 10_000;

export const knownView = z.object({
  id: z.string(),
  /** The question that it answers; "" where somebody just said it. */
  about: z.string(),
  text: z.string(),
  /** Who says so: the user, or a discussion that came to it. */
  origin: z.union([
    z.object({ by: z.literal("user") }),
    z.object({ by: z.literal("discussion"), session: z.string(), discussion: z.string(), seq: z.int().min(0) }),
  ]),
  /** How many agreed, from 0 to 1. */
  confidence: z.number().min(0).max(1),
  label: z.enum(LABELS),
  createdAt: z.iso.datetime(),
  /** When it was last given to a discussion. */
  accessedAt: z.iso.datetime(),
});
export type KnownView = z.infer<typeof knownView>;

/** `GET /v2/knowledge` and `rbee knowledge list --json`: the oldest first. */
export const knowledgeView = z.object({ schemaVersion: z.literal(1), knowledge: z.array(knownView) });

/** `POST /v2/knowledge`. */
export const teachRequest = z.strictObject({
  text: z.string().trim().min(1).max(LESSON_LENGTH_MAX),
  privacy: z.enum(LABELS).default("private"),
});
export const taught = z.object({ schemaVersion: z.literal(1), id: z.string() });

/** `POST /v2/knowledge/search`. */
export const knowledgeSearch = z.strictObject({
  text: z.string().trim().min(1).max(QUESTION_LENGTH_MAX),
  limit: z.int().min(1).max(KNOWN_AT_ONCE_MAX).default(10),
});
export const foundView = z.object({
  schemaVersion: z.literal(1),
  /** The model that compared by meaning; nothing where none is in memory that can, and words were compared alone. */
  model: z.string().optional(),
  found: z.array(z.object({ ...knownView.shape, score: z.number(), by: z.enum(["meaning", "words"]) })),
});
export type FoundView = z.infer<typeof foundView>;

/** `DELETE /v2/knowledge/{id}`. */
export const knownForgotten = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  removed: z.literal(true),
  /** Sessions in whose files it stood, because their discussions had been given it; it stands there no more. */
  redacted: z.array(z.string()),
  /** The session that came to it: as long as that is kept, its own words are. */
  session: z.string().optional(),
});
export type KnownForgotten = z.infer<typeof knownForgotten>;
