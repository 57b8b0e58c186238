/**
 * API keys over HTTP: making one, what each may use and has used.
 *
 * Owns: the shapes, and how a limit is written. Does not own: what a limit means (machines/rules/quota.ts).
 *
 * @module
 */
import { z } from "zod";
import type { KeyLimit, Per, Usage } from "../../machines/rules/quota.ts";

/** A key of ours is known by how it begins, here and to whoever scans for secrets. */
export const KEY_PREFIX = "rbee_";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const LIMIT = /^(\d{1,9})([kM]?)-(tokens|requests)\/(minute|hour|day)$/;
const TIMES: Readonly<Record<string, number>> = { "": 1, k: 1_000, M: 1_000_000 };
const OF: Readonly<Record<string, KeyLimit["of"]>> = { tokens: "tokens", requests: "requests" };
const PER: Readonly<Record<string, Per>> = { minute: "minute", hour: "hour", day: "day" };

export const keyName = z
  .string()
  .regex(NAME, { error: "at most 63 letters, digits, dots, dashes and underscores, a letter or digit first" });

/** `100k-tokens/day`, `60-requests/minute`. */
export const keyLimit = z
  .string()
  .regex(LIMIT, { error: "a limit such as 100k-tokens/day or 60-requests/minute" })
  .transform((written): KeyLimit => {
    const [, count = "", times = "", of = "", per = ""] = LIMIT.exec(written) ?? [];
    return { max: Number(count) * (TIMES[times] ?? 1), of: OF[of] ?? "tokens", per: PER[per] ?? "day" };
  });

export const limitText = ({ max, of, per }: KeyLimit): string => `${max}-${of}/${per}`;

/** `POST /v2/keys`. */
export const keyRequest = z.strictObject({ name: keyName, limits: z.array(keyLimit).max(8).default([]) });

/** Its answer: the only place where the key itself stands. */
export const keyCreated = z.object({ schemaVersion: z.literal(1), name: z.string(), key: z.string() });

const usage = z.object({ requests: z.int(), tokensIn: z.int(), tokensOut: z.int() }) satisfies z.ZodType<Usage>;

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  limits: z.array(z.string()),
  /** Since midnight, UTC. */
  today: usage,
  total: usage,
});
export type KeyView = z.infer<typeof keyView>;

/** `GET /v2/keys` and `rbee key list --json`. */
export const keysView = z.object({ schemaVersion: z.literal(1), keys: z.array(keyView) });

/** `DELETE /v2/keys/{name}`. */
export const keyRevoked = z.object({ schemaVersion: z.literal(1), name: z.string(), state: z.literal("revoked") });
