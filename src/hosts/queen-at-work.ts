/**
 * When a queen that was just started has heard from her hive.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { NodeSeat } from "../doors/rbee.ts";
import type { StatusView } from "../protocol/api.ts";

/** A hive that does not say within this time what it has does not keep the door shut. */
const RECONCILED_MS = 5000;
const RECONCILE_POLL_MS = 10;

/** Everything can be asked of her from then on, also what she refuses while she waits to hear from her hive. */
export async function queenAtWork(seat: NodeSeat): Promise<StatusView["queen"]> {
  const giveUpMs = performance.now() + RECONCILED_MS;
  for (;;) {
    const { queen } = await seat.status();
    if (queen.state === "serving" || performance.now() > giveUpMs) return queen;
    await pause(RECONCILE_POLL_MS);
  }
}
