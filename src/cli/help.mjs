/**
 * The pages of help, made from the table of commands.
 *
 * Owns: what arguments ask for help, and the words of each page. Does not own: the table (commands.mjs).
 *
 * Plain JavaScript, as the table is. Types are in help.d.mts.
 *
 * @module
 */
import { COMMANDS, findCommand, GROUPS } from "./commands.mjs";

const EVERYWHERE = [
  { flag: "--help, -h", text: "this page" },
  { flag: "--version", text: "the version" },
];

/**
 * What help or version the arguments ask for; undefined when they ask for something else, or about no command we know.
 * @param {readonly string[]} argv
 * @param {() => string} version
 */
export function helpFor(argv, version) {
  const flags = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  if (flags.includes("--version") || flags[0] === "-v") return `rbee ${version()}\n`;
  const asked = argv[0] === "help" ? argv.slice(1) : argv;
  const wants = argv[0] === "help" || flags.includes("--help") || flags.includes("-h") || isGroupHelp(argv);
  return wants ? renderHelp(pathOf(asked)) : undefined;
}

const isGroupHelp = (argv) => argv.length === 2 && Object.hasOwn(GROUPS, argv[0]) && argv[1] === "help";

/** The words that name a command, without its arguments and options. */
function pathOf(argv) {
  const end = argv.findIndex((word) => word.startsWith("-"));
  const words = end === -1 ? argv : argv.slice(0, end);
  const path = words.slice(0, Object.hasOwn(GROUPS, words[0]) ? 2 : 1);
  return path[1] === "help" ? path.slice(0, 1) : path;
}

/** The help page of a command, a group or (`[]`) the whole; undefined for what does not exist. */
export function renderHelp(path) {
  if (path.length === 0) return renderTop();
  if (path.length === 1 && Object.hasOwn(GROUPS, path[0])) return renderGroup(path[0]);
  const command = findCommand(path);
  return command && renderCommand(command);
}

function renderTop() {
  const [repl, ...others] = COMMANDS;
  const commands = others.filter(({ group }) => group === undefined).map(commandRow);
  const groups = Object.entries(GROUPS).map(([name, text]) => [`${name} ${subcommands(name)}`, text]);
  return page([
    "rbee turns the machines you own into one AI cluster with a team on it.",
    section("Usage", [
      ["rbee [options]", repl.summary],
      ["rbee COMMAND [options]", ""],
    ]),
    section("Commands", [...commands, ...groups]),
    section("Options", [...repl.options, ...EVERYWHERE].map(optionRow)),
    section(
      "Examples",
      repl.examples.concat(others[0].examples).map((line) => [line, ""]),
    ),
    "`rbee COMMAND --help` says more about one command.",
  ]);
}

function renderGroup(group) {
  const commands = COMMANDS.filter((command) => command.group === group);
  return page([
    GROUPS[group],
    section("Usage", [[`rbee ${group} COMMAND [options]`, ""]]),
    section("Commands", commands.map(commandRow)),
    section("Options", EVERYWHERE.map(optionRow)),
    section(
      "Examples",
      commands.map(({ examples }) => [examples[0], ""]),
    ),
  ]);
}

function renderCommand(command) {
  return page([
    command.summary,
    section("Usage", [[`rbee ${usage(command)} [options]`, ""]]),
    command.aliases ? `Also called: ${command.aliases.join(", ")}` : "",
    section("Options", [...command.options, ...EVERYWHERE].map(optionRow)),
    section(
      "Examples",
      command.examples.map((line) => [line, ""]),
    ),
  ]);
}

const subcommands = (group) =>
  COMMANDS.filter((command) => command.group === group)
    .map(({ name }) => name)
    .join("|");

const usage = ({ group, name, args }) => [group, name, args].filter(Boolean).join(" ");

const commandRow = (command) => [[command.name, command.args].filter(Boolean).join(" "), command.summary];

function optionRow({ flag, short, value, unit, default: fallback, text }) {
  const notes = [unit, fallback && `default ${fallback}`].filter(Boolean).join(", ");
  const named = [short, flag].filter(Boolean).join(", ");
  return [value ? `${named} ${value}` : named, notes ? `${text} (${notes})` : text];
}

function section(title, rows) {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`.trimEnd())].join("\n");
}

const page = (parts) => `${parts.filter(Boolean).join("\n\n")}\n`;
