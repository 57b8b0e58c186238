/**
 * How long an answer may take, where a dialect has no word of its own for it: by one header at every door.
 *
 * Owns: the header, how it is written, its bounds. Does not own: what becomes of a job that is late (the queen), the
 * `deadline_ms` of rbee's own dialect.
 *
 *  DH1 It is a time from now on, so that no two clocks have to agree. One that cannot be read is refused, never passed
 *      over.
 *
 * @module
 */
import { z } from "zod";
import { LIMITS } from "../protocol/api.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Call } from "../protocol/route.ts";
import { durationMs } from "../runtime/config/units.ts";

const CHARS_MAX = 32;
const ALLOWED = "a duration such as 500ms, 30s or 2m, at most 24h";

const fromNowMs = z
  .string()
  .max(CHARS_MAX)
  .transform((said, ctx) => {
    const ms = durationMs(said.trim());
    if (ms !== undefined && ms >= 1 && ms <= LIMITS.deadlineMs) return ms;
    ctx.addIssue({ code: "custom", message: ALLOWED });
    return z.NEVER;
  });

export const deadlineHeaders = z.object({ "x-request-deadline": fromNowMs.optional() });

/** @throws RbeeError request.invalid DH1 */
export const deadlineMsIn = ({ headers }: Pick<Call, "headers">): number | undefined =>
  parseWith(deadlineHeaders, headers)["x-request-deadline"];
