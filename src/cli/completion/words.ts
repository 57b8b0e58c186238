/**
 * What may stand where on the command line, made from the table of commands, for whichever shell.
 *
 * Owns: which words an argument or the value of an option can be. Does not own: the scripts (bash.ts, zsh.ts, fish.ts).
 *
 *  CW1 Every command and every option of the table is completed, and nothing else.
 *
 * @module
 */
import { machineNames } from "../../actors/pictures.ts";
import { SETTING_KEYS } from "../../runtime/config/settings.ts";
import { COMMANDS, type Command, type CommandOption } from "../commands.mjs";

/** `workers` are asked of the running node, `models` are looked up in their folder, `files` the shell itself knows. */
export type Words = "files" | "workers" | "models" | readonly string[];

export interface CompletedOption {
  /** `--follow`, `-f`. */
  readonly flags: readonly string[];
  readonly text: string;
  /** Undefined: it takes no value. */
  readonly value: Words | undefined;
}

export interface CompletedCommand {
  /** One word, or group and word; none for the conversation. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** What its first argument can be. */
  readonly argument: Words;
}

const EVERYWHERE: readonly CompletedOption[] = [
  { flags: ["--help", "-h"], text: "the page of help", value: undefined },
  { flags: ["--version"], text: "the version", value: undefined },
];

const NOTHING: Words = [];

/** By what stands in capitals in the table, within a command and everywhere. */
const WORDS: Readonly<Record<string, Words>> = {
  "worker ID": "workers",
  "bench NAME": ["step", "mailbox", "link", "infer"],
  "machines NAME": machineNames,
  FILE: "files",
  FORMAT: ["mermaid", "svg", "json"],
  KEY: SETTING_KEYS,
  MODEL: "models",
  PATH: "files",
  ROLES: ["queen,hive"],
  SHELL: ["bash", "zsh", "fish"],
};

const wordsOf = (placeholder: string, { group, name }: Command): Words =>
  WORDS[`${group ?? name} ${placeholder}`] ?? WORDS[placeholder] ?? NOTHING;

export const COMPLETED: readonly CompletedCommand[] = COMMANDS.flatMap((command) => {
  const { group, name, aliases = [], args, summary } = command;
  const [first = ""] = args.split(" ");
  const completed = (option: CommandOption): CompletedOption => ({
    flags: [option.flag, ...(option.short === undefined ? [] : [option.short])],
    text: option.text,
    value: option.value === undefined ? undefined : wordsOf(option.value, command),
  });
  return [name, ...aliases].map((each) => ({
    path: [group, each].filter((word) => word !== undefined && word !== ""),
    summary,
    options: [...command.options.map(completed), ...EVERYWHERE],
    argument: wordsOf(first.replaceAll(/[[\]]/g, ""), command),
  }));
}) as readonly CompletedCommand[];

/** The words that may come first. */
export const FIRST_WORDS: readonly string[] = [
  ...new Set([...COMPLETED.flatMap(({ path }) => path.slice(0, 1)), "help"]),
];

/** The words that may follow a group; empty for a command of one word. */
export const secondWords = (group: string): readonly string[] =>
  COMPLETED.flatMap(({ path: [first, second] }) => (first === group && second !== undefined ? [second] : []));

export const GROUPS: readonly string[] = FIRST_WORDS.filter((word) => secondWords(word).length > 0);

/** The conversation and the groups take options too, before any further word. */
export const CONVERSATION = "-";

/** A command in one word of a script's `case`. */
export const keyOf = (path: readonly string[]): string => path.join(" ") || CONVERSATION;

export const flagsOf = (options: readonly CompletedOption[]): string => options.flatMap(({ flags }) => flags).join(" ");

export const EVERYWHERE_FLAGS = flagsOf(EVERYWHERE);

/** The options that take a value, as `COMMAND FLAG`, by what the value can be. */
export function valuesBy<Key>(keyOfWords: (words: Words) => Key): ReadonlyMap<Key, readonly string[]> {
  const found = new Map<Key, string[]>();
  for (const { path, options } of COMPLETED) {
    for (const { flags, value } of options) {
      if (value === undefined) continue;
      const key = keyOfWords(value);
      found.set(key, [...(found.get(key) ?? []), ...flags.map((flag) => `${keyOf(path)} ${flag}`)]);
    }
  }
  return found;
}
