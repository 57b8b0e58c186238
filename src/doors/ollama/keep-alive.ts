/**
 * `keep_alive`: how long the model of a request stays in memory behind it.
 *
 * A number is seconds, a text a duration or seconds; 0 is not at all, anything below it for ever. It is done and not
 * passed over: it goes with the job to its worker, which stays idle for so long (W8 of machines/worker.ts). Also "for
 * ever" is until somebody else needs the memory, as it is where the dialect comes from.
 *
 * @module
 */
import { z } from "zod";
import { durationMs } from "../../runtime/config/units.ts";

/** Longer than any node runs, and still a number of ms that can be added to a time. */
export const FOR_EVER_MS = 100 * 365 * 86_400_000;
const CHARS_MAX = 32;
const ALLOWED = "seconds, or a duration such as 30s, 5m or 1h30m; 0 for not at all, -1 for ever";

/** Ms. */
export const keepAlive = z
  .union([z.number(), z.string().max(CHARS_MAX)], { error: ALLOWED })
  .transform((said, ctx) => {
    const ms = typeof said === "number" ? said * 1000 : msIn(said.trim());
    if (ms !== undefined) return ms < 0 ? FOR_EVER_MS : Math.min(Math.round(ms), FOR_EVER_MS);
    ctx.addIssue({ code: "custom", message: ALLOWED });
    return z.NEVER;
  })
  .nullish();

function msIn(text: string): number | undefined {
  if (/^[-+]?\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const ms = durationMs(text.replace(/^[-+]/, ""));
  return text.startsWith("-") && ms !== undefined ? -ms : ms;
}
