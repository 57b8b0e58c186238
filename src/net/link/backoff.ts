/**
 * How long to wait before another machine is dialled again: random within a bound that doubles, so that a thousand
 * machines whose queen came back do not all come at once.
 *
 *  BO1 The first try after a break comes within {@link FIRST_MS}, and none later than {@link LAST_MS}: well within the
 *      grace of a lease.
 *  BO2 Who was refused for a reason that only a person can mend asks rarely, and goes on asking. Who is taken for a
 *      copy of itself may only have come too soon after it ended: it asks a few times first.
 *
 * @module
 */
import { type ErrorData, retryClassOf } from "../../protocol/errors.ts";

export const FIRST_MS = 100;
export const LAST_MS = 2000;
export const REFUSED_MS = 30_000;
const SOON_TRIES = 5;

/** @param failures in a row @param chance in [0, 1) */
export function backoffMs(failures: number, reason: ErrorData | undefined, chance: number): number {
  const isTooSoon = reason?.code === "machine.copied" && failures < SOON_TRIES;
  if (reason !== undefined && retryClassOf(reason.code) === "terminal" && !isTooSoon)
    return REFUSED_MS * (0.5 + chance / 2);
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures, 16)) * chance;
}
