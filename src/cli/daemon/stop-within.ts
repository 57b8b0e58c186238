/**
 * How long a node may take to stop before whoever keeps it running kills it.
 *
 * @module
 */
import type { Config } from "../../runtime/config/load.ts";

/** What a node may take beside the two phases that are configured: closing doors and journals, and answering late. */
const STOP_MARGIN_MS = 25_000;

export const stopWithinMs = ({ shutdown }: Config): number =>
  shutdown.finishMs + shutdown.stopWorkersMs + STOP_MARGIN_MS;
