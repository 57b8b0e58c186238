/**
 * Every command of the command line, as data.
 *
 * Owns: names, arguments, options with units and defaults, examples. Does not own: the pages made of them (help.mjs),
 * parsing options (dispatch.ts) or running anything (main.ts).
 *
 * Plain JavaScript without other imports than its own parts: the launcher prints help on a Node that cannot run the
 * sources. Types are in commands.d.mts.
 *
 * @module
 */
import { ASKING, KNOWLEDGE, SESSIONS } from "./commands-team.mjs";
import { ADMITTING, JOINING, MACHINES, SETTING_UP, TENDING } from "./commands-cluster.mjs";

const JSON_OPTION = { flag: "--json", text: "one JSON object, with schemaVersion" };
const NODE_OPTIONS = [
  { flag: "--token", value: "TOKEN", text: "with --role hive: of the cluster to join, once" },
  { flag: "--role", value: "ROLES", default: "queen,hive", text: "what runs here" },
  { flag: "--queen-gone", value: "WHAT", default: "wait", text: "with --role hive, when she is gone: wait, or end" },
  { flag: "--name", value: "NAME", default: "the host name", text: "this machine's name in the cluster" },
  { flag: "--listen", value: "HOST:PORT", default: "127.0.0.1:8080", text: "the queen's door; port 0 takes any" },
  { flag: "--json", text: "one ready line as JSON, then nothing" },
];
const LOG_OPTIONS = [
  { flag: "--follow", short: "-f", text: "go on with what is written from now on, until Ctrl-C" },
  { flag: "--lines", short: "-n", value: "N", default: "50", text: "the last lines that are shown first" },
  { flag: "--json", text: "one object a line, with schemaVersion" },
];
const NODE_OPTION = { flag: "--node", value: "NAME", default: "this machine", text: "the machine that is meant" };
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
  ...ASKING,
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
  ...JOINING,
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
    name: "why",
    args: "JOB",
    summary: "Say what became of a job: its waiting, its workers and what else there was, its times, its end.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee why j42", "rbee why j42 --json"],
  },
  ...MACHINES,
  {
    group: "hive",
    name: "detect",
    args: "",
    summary: "Show what models can run on here: backends and devices, and why not where there is none.",
    options: [NODE_OPTION, JSON_OPTION],
    examples: ["rbee hive detect", "rbee hive detect --node beta"],
  },
  {
    group: "hive",
    name: "status",
    args: "",
    summary:
      "Show a machine's hive: its memory, its devices, its workers and how others ended; or whether it runs at all.",
    options: [NODE_OPTION, QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee hive status --json", "rbee hive status --node attic"],
  },
  ...TENDING,
  {
    group: "worker",
    name: "list",
    args: "",
    summary: "List the workers.",
    options: [
      { flag: "--node", value: "NAME", default: "every machine", text: "those of this machine" },
      { flag: "--model", value: "MODEL", text: "those of this model" },
      { flag: "--backend", value: "NAME", text: "those on cpu, cuda, metal, vulkan, llama-server or remote" },
      { flag: "--all", text: "also those that have ended, and why; of this machine, or of --node" },
      QUEEN_OPTION,
      JSON_OPTION,
    ],
    examples: ["rbee worker list", "rbee worker list --all", "rbee worker list --node beta --backend cuda"],
  },
  {
    group: "worker",
    name: "health",
    args: "[ID]",
    summary: "Have each worker, or one, prove itself now by a real inference; exit code 1 when one cannot.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee worker health", "rbee worker health w-3 --json"],
  },
  {
    group: "worker",
    name: "spawn",
    aliases: ["start"],
    args: "",
    summary: "Start a worker for a model.",
    options: [
      { flag: "--model", value: "MODEL", text: "the model to load (required)" },
      { flag: "--node", value: "NAME", default: "whichever is best", text: "the machine to start it on" },
      QUEEN_OPTION,
      JSON_OPTION,
    ],
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
    group: "worker",
    name: "logs",
    args: "ID",
    summary: "Show what a worker has printed, also of one that is gone, here or on another machine.",
    options: [NODE_OPTION, ...LOG_OPTIONS],
    examples: ["rbee worker logs w-3 -f", "rbee worker logs w-7 --node beta"],
  },
  ...SETTING_UP,
  ...ADMITTING,
  ...SESSIONS,
  ...KNOWLEDGE,
  {
    group: "model",
    name: "list",
    args: "",
    summary: "List the models of all machines, what is on its way to one, and what was begun.",
    options: [JSON_OPTION],
    examples: ["rbee model list"],
  },
  {
    group: "model",
    name: "info",
    args: "MODEL",
    summary:
      "Show a model, here or at the hub: its size, what it needs here, whether it fits; or all a repository has.",
    options: [NODE_OPTION, JSON_OPTION],
    examples: ["rbee model info hf:OWNER/REPO", "rbee model info hf:OWNER/REPO:Q4_K_M --node beta --json"],
  },
  {
    group: "model",
    name: "download",
    args: "MODEL",
    summary: "Fetch a model from the hub, or go on where it was cut; what arrives is checked against the hub's hash.",
    options: [NODE_OPTION, { flag: "--json", text: "progress as NDJSON; the last line is done or error" }],
    examples: [
      "rbee model download hf:OWNER/REPO:Q4_K_M",
      "rbee model download hf:OWNER/REPO/FILE.gguf",
      "rbee model download hf:OWNER/REPO:Q4_K_M --node beta",
    ],
  },
  {
    group: "model",
    name: "remove",
    args: "MODEL",
    summary: "Delete a model that no worker uses, or what is here of one that is being fetched.",
    options: [NODE_OPTION, JSON_OPTION],
    examples: ["rbee model remove hf:OWNER/REPO:Q4_K_M", "rbee model remove hf:OWNER/REPO:Q4_K_M --node beta"],
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
    group: "config",
    name: "set",
    args: "KEY [VALUE]",
    summary: "Set one setting in the user's file; its comments stay as they are.",
    options: [{ flag: "--default", text: "take the setting out of the file instead" }, JSON_OPTION],
    examples: ["rbee config set worker.idleTimeout 30m", "rbee config set worker.idleTimeout --default"],
  },
  {
    group: "config",
    name: "unset",
    args: "KEY",
    summary: "Take one setting out of the user's file.",
    options: [JSON_OPTION],
    examples: ["rbee config unset worker.idleTimeout"],
  },
  {
    group: "config",
    name: "trust",
    args: "[PATH]",
    summary: "Trust the rbee.yaml of a folder as it is now, so that it may open doors and read ${NAME}.",
    options: [{ flag: "--revoke", text: "trust it no longer" }, JSON_OPTION],
    examples: ["rbee config trust", "rbee config trust ~/project --revoke"],
  },
  {
    group: "service",
    name: "install",
    args: "",
    summary: "Let systemd run this machine's node from now on, for this user; harmless when repeated.",
    options: [JSON_OPTION],
    examples: ["rbee service install"],
  },
  {
    group: "service",
    name: "status",
    args: "",
    summary: "Say whether it is installed, enabled and active; exit code 3 when it is not active.",
    options: [JSON_OPTION],
    examples: ["rbee service status --json"],
  },
  {
    group: "service",
    name: "remove",
    args: "",
    summary: "Stop it and take it away; running work may finish.",
    options: [JSON_OPTION],
    examples: ["rbee service remove"],
  },
  {
    name: "doctor",
    args: "",
    summary: "Examine this machine and what rbee keeps on it; exit code 1 when something does not work.",
    options: [JSON_OPTION],
    examples: ["rbee doctor"],
  },
  {
    name: "logs",
    args: "",
    summary: "Show the log of this machine's node.",
    options: LOG_OPTIONS,
    examples: ["rbee logs -f", "rbee logs --lines 200"],
  },
  {
    name: "completion",
    args: "SHELL",
    summary: "Print what completes rbee's words in bash, zsh or fish.",
    options: [],
    examples: ['eval "$(rbee completion bash)"', "rbee completion fish | source"],
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
    summary: "Measure this machine: step, infer, door, link, team, keystroke, fleet, ...",
    options: [
      { flag: "--json", text: "one line a measurement" },
      { flag: "--peers", text: "door, link: also beside Portkey, nginx and Erlang, where they are installed" },
    ],
    examples: ["rbee bench step --json", "rbee bench door --peers"],
  },
];

/** What a group of commands is about. */
export const GROUPS = {
  sessions: "What was asked before, and every word that was said about it.",
  knowledge: "What the team knows: what it agreed on, and what you taught it.",
  daemon: "The node of this machine, in the background.",
  hive: "The machines of the cluster, and what each has: devices, memory, workers.",
  setup: "Other machines, over SSH: put rbee there, let it join, take it away again.",
  worker: "Workers: one process per loaded model.",
  key: "API keys: who may call from elsewhere, and what each has used.",
  token: "Join tokens: which other machines may become part of this cluster.",
  model: "Models: fetching them, what is here, what one needs.",
  config: "Configuration: where it is, what is in force, changing it.",
  service: "The node of this machine as a service of systemd, for this user.",
};

/** The command that the words name, as `["worker", "list"]`; `[]` names the REPL. */
export function findCommand([first = "", second]) {
  return COMMANDS.find(({ group, name, aliases = [] }) =>
    group === undefined ? first === name : group === first && (second === name || aliases.includes(second)),
  );
}
