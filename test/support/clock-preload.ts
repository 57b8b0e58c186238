/**
 * Loaded into a node under test with NODE_OPTIONS=--import, in each of its threads: its machine's clock is ahead of the
 * real one. The program itself knows nothing of this, and time passes as fast as ever.
 *
 * @module
 */
const AHEAD_VARIABLE = "CLOCK_AHEAD_MS";

const aheadMs = Number(process.env[AHEAD_VARIABLE] ?? 0);
const { now } = Date;
Date.now = () => now() + aheadMs;

/** Of a node that is to run so. */
export const clockAhead = (ms: number): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${import.meta.url}`,
  [AHEAD_VARIABLE]: String(ms),
});
