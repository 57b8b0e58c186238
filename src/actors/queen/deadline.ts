/**
 * Whether a request has time enough for those that stand before it.
 *
 * Owns: what her tables know of that. Does not own: the sum (machines/rules/pace.ts), or deadlines of jobs that were
 * admitted: those keep their own.
 *
 * @module
 */
import { soonestMs } from "../../../machines/rules/pace.ts";
import { type Queue, ranMs } from "../../../machines/rules/queue.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Scope } from "../../runtime/behaviour.ts";
import { jobs, workers } from "./tables.ts";

const WORKERS_SEEN_MAX = 64;

/** A job that is not one yet. */
type Coming = Parameters<Queue["ahead"]>[0];

/** Why it would come too late, where that is certain. */
export function tooLate({ model, ...coming }: Coming, deadlineMs: number, scope: Scope): ErrorData | undefined {
  const queue = scope.rows(jobs).index;
  const ahead = queue.ahead({ model, ...coming });
  if (ahead === 0) return undefined;
  const { known, quickest = "" } = queue.done(model);
  const row = scope.rows(jobs).get(quickest);
  const quickestMs = row === undefined ? 0 : (ranMs(row) ?? 0);
  const neededMs = soonestMs({ ahead, slots: slotsOf(model, scope), known, quickestMs });
  if (neededMs <= deadlineMs) return undefined;
  const message = `${ahead} jobs go before it, which takes at least ${neededMs} ms, and it has ${deadlineMs} ms`;
  return { code: "deadline.unmeetable", message, details: { ahead, neededMs, deadlineMs } };
}

/** Of all workers of a model; unknown where there may be more of them soon, or are more than one looks at. */
function slotsOf(model: string, scope: Scope): number | undefined {
  const fleet = scope.rows(workers);
  if (fleet.index.size(model) > WORKERS_SEEN_MAX) return undefined;
  const rows = fleet.index.ranked(model, WORKERS_SEEN_MAX).flatMap((id) => fleet.get(id) ?? []);
  const isSettled = rows.every(({ state }) => state === "ready" || state === "stopping");
  const ready = rows.filter(({ state }) => state === "ready");
  return isSettled ? ready.reduce((sum, { slots }) => sum + slots, 0) : undefined;
}
