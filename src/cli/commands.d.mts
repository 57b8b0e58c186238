/**
 * Types of commands.mjs, which is plain JavaScript for the launcher's sake.
 *
 * @module
 */

export interface CommandOption {
  /** With its dashes: `--max-tokens`. */
  readonly flag: string;
  /** With its dash, for what is typed often: `-f`. */
  readonly short?: string;
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

/** What a group of commands is about, by its name. */
export const GROUPS: Readonly<Record<string, string>>;

/** The command that the words name, as `["worker", "list"]`; `[]` names the REPL. */
export function findCommand(words: readonly string[]): Command | undefined;
