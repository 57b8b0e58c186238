/**
 * Error codes that no test provokes yet. It only shrinks: tidy refuses a code here that a test cites.
 *
 * @module
 */
export const UNTESTED_CODES: readonly string[] = [];
