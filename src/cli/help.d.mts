/**
 * Types of help.mjs, which is plain JavaScript for the launcher's sake.
 *
 * @module
 */

/** The help or version text that the arguments ask for; undefined when they ask for something else. */
export function helpFor(argv: readonly string[], version: () => string): string | undefined;

/** The help page of a command, a group or (`[]`) the whole; undefined for what does not exist. */
export function renderHelp(path: readonly string[]): string | undefined;
