/**
 * Types of commands-team.mjs, which is plain JavaScript for the launcher's sake.
 *
 * @module
 */
import type { Command } from "./commands.d.mts";

export const ASKING: readonly Command[];
export const SESSIONS: readonly Command[];
export const KNOWLEDGE: readonly Command[];
