/**
 * From arguments to the command they name: one cac instance a group, behind these few lines.
 *
 * Owns: finding the command, and refusing what no command or option is called, with the nearest right one.
 * Does not own: the names (commands.mjs) or what a command does (commands/*.ts).
 *
 *  D1 An unknown command or option is `usage.invalid` and names the nearest right one; nothing is run.
 *  D2 The text after a flag reaches the command as it was typed, whatever it looks like.
 *
 * @module
 */
import { cac, type CAC } from "cac";
import { RbeeError } from "../protocol/errors.ts";
import { nearest } from "../runtime/config/nearest.ts";
import { COMMANDS, type Command, type CommandOption } from "./commands.mjs";
import { Options, refuse } from "./options.ts";

export interface Dispatched {
  /** `infer`, `worker list`; empty for the REPL. */
  readonly command: string;
  readonly args: readonly string[];
  readonly options: Options;
}

/** @throws RbeeError `usage.invalid` */
export function dispatch(argv: readonly string[]): Dispatched {
  const [first] = argv;
  const group = COMMANDS.find((command) => command.group !== undefined && command.group === first)?.group;
  const members = COMMANDS.filter((command) => command.group === group);
  const rest = group === undefined ? argv : argv.slice(1);
  const command = findMember(members, rest[0], group);
  const given = command.name === "" ? rest : rest.slice(1);
  const cli = cac(words("rbee", group));
  for (const member of members) register(cli, member);
  return parse(cli, command, given);
}

/** What is there of them, as one would type it. */
const words = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(" ");

const flagOf = (word: string): string => word.split("=", 1)[0] ?? word;
const isFlag = (word: string): boolean => word.length > 1 && word.startsWith("-");

function findMember(members: readonly Command[], word: string | undefined, group: string | undefined): Command {
  const wanted = word === undefined || isFlag(word) ? "" : word;
  const found = members.find(({ name, aliases = [] }) => name === wanted || aliases.includes(wanted));
  if (found) return found;
  const names = members.flatMap(({ name, aliases = [] }) => [name, ...aliases]).filter((name) => name !== "");
  if (wanted === "") return refuse(`${group} needs a command: ${names.join(", ")}`);
  const groups = group === undefined ? COMMANDS.flatMap((command) => command.group ?? []) : [];
  return refuse(`there is no command ${words(group, wanted)}; ${didYouMean(wanted, [...names, ...groups], group)}`);
}

function didYouMean(word: string, candidates: readonly string[], group?: string): string {
  return `the nearest is ${words(group, nearest(word, candidates))}`;
}

/** `ID` and `[NAME]` in the table are `<ID>` and `[NAME]` to cac. */
function register(cli: CAC, { name, args, summary, options }: Command): void {
  const places = args
    .split(" ")
    .filter(Boolean)
    .map((place) => (place.startsWith("[") ? place : `<${place}>`));
  const command = cli.command([name, ...places].join(" "), summary);
  for (const { flag, value, text } of options) {
    command.option(value === undefined ? flag : `${flag} <${value}>`, text);
  }
}

function parse(cli: CAC, command: Command, given: readonly string[]): Dispatched {
  const name = command.name === "" ? [] : [command.name];
  cli.parse(["node", "rbee", ...name, ...literal(command, given)], { run: false });
  const { matchedCommand } = cli;
  if (matchedCommand === undefined) throw new RbeeError("defect", `cac does not know ${command.name}`);
  try {
    matchedCommand.checkOptionValue();
    matchedCommand.checkRequiredArgs();
    matchedCommand.checkUnusedArgs();
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  return {
    command: words(command.group, command.name),
    args: cli.args,
    options: readOptions(command, cli.options),
  };
}

/** cac reads `007` as 7 and takes no value that begins with a dash. Joined to its flag behind a mark it stays text. */
const MARK = "=";

function literal(command: Command, argv: readonly string[]): readonly string[] {
  const given: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") return [...given, ...argv.slice(at + 1).map(positional)];
    if (!isFlag(word)) {
      given.push(word);
      continue;
    }
    const typed = flagOf(word);
    const option = optionOf(command, typed);
    const { flag } = option;
    const joined = word.length > typed.length ? word.slice(typed.length + 1) : undefined;
    if (option.value === undefined) given.push(joined === undefined ? flag : refuse(`${flag} takes no value`));
    else {
      const value = joined ?? argv[++at] ?? refuse(`${flag} needs ${option.value}`);
      if (given.some((earlier) => earlier.startsWith(`${flag}=`))) refuse(`${flag} is given twice`);
      given.push(`${flag}=${MARK}${value}`);
    }
  }
  return given;
}

const positional = (word: string): string => (isFlag(word) ? refuse(`${word} after -- is no argument`) : word);

function optionOf(command: Command, flag: string): CommandOption {
  const found = command.options.find((option) => option.flag === flag || option.short === flag);
  if (found) return found;
  const flags = command.options.map((option) => option.flag);
  const known = ["--help", "--version", ...flags];
  return refuse(`${words("rbee", command.group, command.name)} has no option ${flag}; ${didYouMean(flag, known)}`);
}

function readOptions(command: Command, parsed: CAC["options"]): Options {
  const texts = new Map<string, string>();
  const switches = new Set<string>();
  for (const { flag } of command.options) {
    const name = flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value: unknown = parsed[name];
    if (typeof value === "string") texts.set(flag, value.slice(MARK.length));
    else if (value === true) switches.add(flag);
  }
  return new Options(texts, switches);
}
