/**
 * Every command of the command line, as data, and the help made from it.
 *
 * Owns: names, arguments, options with units and defaults, examples; the words of each help page.
 * Does not own: parsing options or running anything (src/cli/main.ts).
 *
 * Plain JavaScript without imports: the launcher prints help on a Node that cannot run the sources. Types are in
 * commands.d.mts.
 *
 * @module
 */

const JSON_OPTION = { flag: "--json", text: "one JSON object, with schemaVersion" };
const NODE_OPTIONS = [
  { flag: "--role", value: "ROLES", default: "queen,hive", text: "what runs here" },
  { flag: "--name", value: "NAME", default: "the host name", text: "this machine's name in the cluster" },
  { flag: "--listen", value: "HOST:PORT", default: "127.0.0.1:8080", text: "the queen's door; port 0 takes any" },
  { flag: "--json", text: "one ready line as JSON, then nothing" },
];
const QUEEN_OPTION = { flag: "--queen", value: "URL", default: "RBEE_QUEEN", text: "the queen to ask" };

export const COMMANDS = [
  {
    name: "",
    args: "",
    summary: "Talk with the team: a REPL, or one request from a pipe.",
    options: [
      { flag: "--lines", text: "with piped input: one request a line, instead of the whole input as one" },
      { flag: "--model", value: "MODEL", default: "the configured one", text: "the model that answers" },
    ],
    examples: ["rbee", 'echo "What is a hive?" | rbee'],
  },
  {
    name: "infer",
    args: "",
    summary: "Run one prompt on one model.",
    options: [
      { flag: "--prompt", value: "TEXT", text: "what to continue or answer (required)" },
      { flag: "--model", value: "MODEL", default: "the configured one", text: "the model that answers" },
      { flag: "--node", value: "NAME", default: "any", text: "the machine to run on" },
      { flag: "--max-tokens", value: "N", unit: "tokens", default: "256", text: "the longest answer" },
      {
        flag: "--temperature",
        value: "T",
        unit: "0 to 2",
        default: "the model's",
        text: "0 is always the same answer",
      },
      { flag: "--seed", value: "S", default: "random", text: "makes sampling repeatable" },
      { flag: "--schema", value: "FILE", text: "a JSON schema that the answer obeys" },
      {
        flag: "--deadline",
        value: "TIME",
        unit: "such as 30s",
        default: "the configured one",
        text: "give up after it",
      },
      { flag: "--json", text: "events as NDJSON; the last is done or error" },
    ],
    examples: ['rbee infer --prompt "2 + 2 =" --max-tokens 8'],
  },
  {
    name: "node",
    args: "",
    summary: "Run this machine's part of the cluster in the foreground.",
    options: NODE_OPTIONS,
    examples: ["rbee node --listen 127.0.0.1:0 --json"],
  },
  {
    group: "daemon",
    name: "start",
    args: "",
    summary: "Start this machine's node in the background, and start it again when it dies.",
    options: NODE_OPTIONS,
    examples: ["rbee daemon start", "rbee daemon start --listen 127.0.0.1:8080 --json"],
  },
  {
    group: "daemon",
    name: "stop",
    args: "",
    summary: "Stop it; what runs may finish, and Ctrl-C hurries. A `rbee node` of a terminal is left alone.",
    options: [JSON_OPTION],
    examples: ["rbee daemon stop"],
  },
  {
    group: "daemon",
    name: "status",
    args: "",
    summary: "Say whether it runs, where, since when, and why it was started again; exit code 3 when it does not run.",
    options: [JSON_OPTION],
    examples: ["rbee daemon status --json"],
  },
  {
    name: "status",
    args: "",
    summary: "Show the queen, the hives and their workers.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee status", "rbee status --json"],
  },
  {
    group: "worker",
    name: "list",
    args: "",
    summary: "List the workers.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee worker list"],
  },
  {
    group: "worker",
    name: "spawn",
    aliases: ["start"],
    args: "",
    summary: "Start a worker for a model.",
    options: [{ flag: "--model", value: "MODEL", text: "the model to load (required)" }, QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee worker spawn --model starter"],
  },
  {
    group: "worker",
    name: "stop",
    args: "ID",
    summary: "Stop a worker once it has finished what it is doing.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee worker stop w-3"],
  },
  {
    group: "config",
    name: "show",
    args: "",
    summary: "Print the configuration in force.",
    options: [{ flag: "--show-origin", text: "say where each value comes from" }, JSON_OPTION],
    examples: ["rbee config show --show-origin"],
  },
  {
    group: "config",
    name: "list",
    args: "",
    summary: "List the settings in force, one a line.",
    options: [{ flag: "--show-origin", text: "say where each value comes from" }, JSON_OPTION],
    examples: ["rbee config list --show-origin"],
  },
  {
    group: "config",
    name: "path",
    args: "",
    summary: "Print the path of the user's configuration file.",
    options: [JSON_OPTION],
    examples: ["rbee config path"],
  },
  {
    group: "config",
    name: "validate",
    args: "[FILE]",
    summary: "Check a configuration file; exit code 78 when it is wrong.",
    options: [JSON_OPTION],
    examples: ["rbee config validate rbee.yaml"],
  },
  {
    name: "machines",
    args: "[NAME]",
    summary: "Draw the state machines that run the cluster.",
    options: [{ flag: "--format", value: "FORMAT", default: "mermaid", text: "mermaid, svg or json" }],
    examples: ["rbee machines worker"],
  },
  {
    name: "bench",
    args: "[NAME]",
    summary: "Measure this machine: step, mailbox, infer.",
    options: [{ flag: "--json", text: "one line a measurement" }],
    examples: ["rbee bench step --json"],
  },
];

const GROUPS = {
  daemon: "The node of this machine, in the background.",
  worker: "Workers: one process per loaded model.",
  config: "Configuration: where it is, what is in force.",
};

const EVERYWHERE = [
  { flag: "--help, -h", text: "this page" },
  { flag: "--version", text: "the version" },
];

/** The command that the words name, as `["worker", "list"]`; `[]` names the REPL. */
export function findCommand([first = "", second]) {
  return COMMANDS.find(({ group, name, aliases = [] }) =>
    group === undefined ? first === name : group === first && (second === name || aliases.includes(second)),
  );
}

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

function optionRow({ flag, value, unit, default: fallback, text }) {
  const notes = [unit, fallback && `default ${fallback}`].filter(Boolean).join(", ");
  return [value ? `${flag} ${value}` : flag, notes ? `${text} (${notes})` : text];
}

function section(title, rows) {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`.trimEnd())].join("\n");
}

const page = (parts) => `${parts.filter(Boolean).join("\n\n")}\n`;
