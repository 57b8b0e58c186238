/**
 * What an API key has used, and whether it may use more.
 *
 * Owns: the row of a key, the windows in which use is counted, the limits over them. Does not own: who asks whom for
 * it, or the key itself, of which only a hash is here.
 *
 *  QU1 Use counts in the window of its time and in the total. A window that is over counts for nothing.
 *  QU2 A limit refuses once its window has used it up, until that window ends; of several the longest wait is told.
 *      What was admitted before runs to its end and counts, so that a window may end above its limit.
 *  QU3 A clock that is set back opens no window twice.
 *
 * @module
 */

/** Minutes, hours and days of UTC. */
export type Per = "minute" | "hour" | "day";

export interface KeyLimit {
  readonly max: number;
  readonly of: "tokens" | "requests";
  readonly per: Per;
}

export interface Usage {
  /** Jobs. */
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface UsageWindow {
  readonly startAt: number;
  readonly used: Usage;
}

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly limits: readonly KeyLimit[];
  readonly total: Usage;
  readonly windows: Readonly<Record<Per, UsageWindow>>;
}

export interface UsedUp {
  readonly limit: KeyLimit;
  readonly used: number;
  readonly retryAfterMs: number;
}

const LENGTH_MS: Readonly<Record<Per, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const NOTHING: Usage = { requests: 0, tokensIn: 0, tokensOut: 0 };

export function newKey(made: Pick<KeyRow, "id" | "name" | "hash" | "limits">, at: number): KeyRow {
  const open = (per: Per): UsageWindow => ({ startAt: startOf(per, at), used: NOTHING });
  const windows = { minute: open("minute"), hour: open("hour"), day: open("day") };
  return { ...made, createdAt: at, total: NOTHING, windows };
}

/** What was used of it in the window of that time. */
export const usedIn = (per: Per, key: KeyRow, at: number): Usage => windowAt(key.windows[per], per, at).used;

/** QU1. */
export function withUse(key: KeyRow, use: Partial<Usage>, at: number): KeyRow {
  const add = (per: Per): UsageWindow => {
    const { startAt, used } = windowAt(key.windows[per], per, at);
    return { startAt, used: sum(used, use) };
  };
  const windows = { minute: add("minute"), hour: add("hour"), day: add("day") };
  return { ...key, total: sum(key.total, use), windows };
}

/** QU2. */
export function usedUp(key: KeyRow, at: number): UsedUp | undefined {
  const reached = key.limits.flatMap((limit): UsedUp[] => {
    const { startAt, used } = windowAt(key.windows[limit.per], limit.per, at);
    const count = limit.of === "requests" ? used.requests : used.tokensIn + used.tokensOut;
    if (count < limit.max) return [];
    return [{ limit, used: count, retryAfterMs: startAt + LENGTH_MS[limit.per] - at }];
  });
  return reached.toSorted((one, other) => other.retryAfterMs - one.retryAfterMs)[0];
}

const startOf = (per: Per, at: number): number => at - (at % LENGTH_MS[per]);

/** QU3: only a clock that was wrong by more than a whole window opens another one behind it. */
function windowAt(window: UsageWindow, per: Per, at: number): UsageWindow {
  const sinceMs = at - window.startAt;
  const isOpen = sinceMs < LENGTH_MS[per] && sinceMs > -LENGTH_MS[per];
  return isOpen ? window : { startAt: startOf(per, at), used: NOTHING };
}

const sum = (one: Usage, more: Partial<Usage>): Usage => ({
  requests: one.requests + (more.requests ?? 0),
  tokensIn: one.tokensIn + (more.tokensIn ?? 0),
  tokensOut: one.tokensOut + (more.tokensOut ?? 0),
});
