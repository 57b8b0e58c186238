/**
 * Types of commands.mjs, which is plain JavaScript for the launcher's sake.
 *
 * @module
 */

export interface CommandOption {
  /** With its dashes: `--max-tokens`. */
  readonly flag: string;
  /** What stands after the flag, in capitals. Without it the option is a switch. */
  readonly value?: string;
  readonly unit?: string;
  /** As shown; the value itself comes from the configuration. */
  readonly default?: string;
  readonly text: string;
}

export interface Command {
  /** The first of two words; undefined for a command of one word. */
  readonly group?: string;
  /** `""` is the REPL. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** `ID` is required, `[NAME]` is not. */
  readonly args: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  readonly examples: readonly string[];
}

export const COMMANDS: readonly Command[];

/** The command that the words name, as `["worker", "list"]`; `[]` names the REPL. */
export function findCommand(words: readonly string[]): Command | undefined;

/** The help or version text that the arguments ask for; undefined when they ask for something else. */
export function helpFor(argv: readonly string[], version: () => string): string | undefined;

/** The help page of a command, a group or (`[]`) the whole; undefined for what does not exist. */
export function renderHelp(path: readonly string[]): string | undefined;
