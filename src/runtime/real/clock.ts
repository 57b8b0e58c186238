/**
 * Real time, as the runtime sees it.
 *
 * @module
 */
import type { Clock } from "../ports.ts";

export const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
