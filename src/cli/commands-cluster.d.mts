/**
 * Types of commands-cluster.mjs, which is plain JavaScript for the launcher's sake.
 *
 * @module
 */
import type { Command } from "./commands.d.mts";

export const JOINING: readonly Command[];
export const TENDING: readonly Command[];
export const ADMITTING: readonly Command[];
export const SETTING_UP: readonly Command[];
