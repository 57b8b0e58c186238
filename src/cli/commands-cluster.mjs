/**
 * Commands by which machines and programs are let in, as data: a part of commands.mjs.
 *
 * Plain JavaScript without imports, as that is.
 *
 * @module
 */

const JSON_OPTION = { flag: "--json", text: "one JSON object, with schemaVersion" };
const QUEEN_OPTION = { flag: "--queen", value: "URL", default: "RBEE_QUEEN", text: "the queen to ask" };

export const JOINING = [
  {
    name: "join",
    args: "[TOKEN]",
    summary: "Make this machine part of the cluster that the token is of; without one, of the cluster it has joined.",
    options: [
      { flag: "--name", value: "NAME", default: "the host's", text: "what this machine is called in the cluster" },
      { flag: "--queen-gone", value: "WHAT", default: "wait", text: "when she is gone: wait for her, or end" },
      { flag: "--stdin", text: "read the token from stdin, so that no list of processes shows it" },
      { flag: "--register", text: "with a token: become known there, and end; `rbee join` works for her later" },
      { flag: "--listen", value: "HOST:PORT", default: "127.0.0.1:8080", text: "its door, which leads to the queen's" },
      JSON_OPTION,
    ],
    examples: ["rbee join rbj1_AbC...", "rbee join"],
  },
];

const ACCEPT_OPTION = {
  flag: "--accept-host-key",
  value: "FINGERPRINT",
  text: "of a host that was never met, as SHA256:..., where nobody is there to be asked",
};
const NODE_OPTION = { flag: "--node", value: "NAME", text: "the machine, as `setup list-nodes` names it (required)" };

export const SETTING_UP = [
  {
    group: "setup",
    name: "add-node",
    args: "",
    summary: "Note down a machine that SSH reaches, once it was reached and its key is known.",
    options: [
      { flag: "--name", value: "NAME", text: "what it is called in the cluster (required)" },
      { flag: "--ssh-host", value: "HOST", text: "its name or address, or a Host of ~/.ssh/config (required)" },
      { flag: "--ssh-port", value: "PORT", default: "as in ~/.ssh/config", text: "where its sshd listens" },
      { flag: "--ssh-user", value: "USER", default: "as in ~/.ssh/config", text: "whose home rbee is put into" },
      { flag: "--ssh-key", value: "FILE", default: "agent, ~/.ssh", text: "the private key" },
      ACCEPT_OPTION,
      JSON_OPTION,
    ],
    examples: ["rbee setup add-node --name attic --ssh-host attic.local --ssh-user me"],
  },
  {
    group: "setup",
    name: "install",
    args: "",
    summary: "Put rbee and its Node there, without root or compiler, and let the machine join the queen here.",
    options: [NODE_OPTION, ACCEPT_OPTION, JSON_OPTION],
    examples: ["rbee setup install --node attic"],
  },
  {
    group: "setup",
    name: "list-nodes",
    args: "",
    summary: "List the machines that were set up from here, and what is installed on each.",
    options: [JSON_OPTION],
    examples: ["rbee setup list-nodes --json"],
  },
  {
    group: "setup",
    name: "remove-node",
    args: "",
    summary: "Stop it, delete all of rbee there with its models, prove that nothing is left, and forget it.",
    options: [
      NODE_OPTION,
      { flag: "--forget", text: "only forget it here: that machine is gone" },
      ACCEPT_OPTION,
      JSON_OPTION,
    ],
    examples: ["rbee setup remove-node --node attic"],
  },
  {
    group: "hive",
    name: "start",
    args: "",
    summary: "Start the hive of a machine that was set up from here; it ends when the queen is gone.",
    options: [NODE_OPTION, ACCEPT_OPTION, JSON_OPTION],
    examples: ["rbee hive start --node attic"],
  },
  {
    group: "hive",
    name: "stop",
    args: "",
    summary: "Stop it: what runs there goes on elsewhere, and none of its processes is left.",
    options: [NODE_OPTION, ACCEPT_OPTION, JSON_OPTION],
    examples: ["rbee hive stop --node attic"],
  },
];

export const TENDING = [
  {
    group: "hive",
    name: "drain",
    args: "NAME",
    summary:
      "Give a machine of the cluster nothing new: what runs there ends, and then it is empty; until it is resumed.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee hive drain laptop"],
  },
  {
    group: "hive",
    name: "resume",
    args: "NAME",
    summary: "Let a machine that was drained serve again.",
    options: [QUEEN_OPTION, JSON_OPTION],
    examples: ["rbee hive resume laptop"],
  },
];

export const ADMITTING = [
  {
    group: "key",
    name: "create",
    args: "",
    summary: "Make an API key and print it, this once: for whoever calls from another machine, or is to be counted.",
    options: [
      { flag: "--name", value: "NAME", text: "what it is known by (required)" },
      {
        flag: "--limit",
        value: "LIMITS",
        unit: "tokens or requests a minute, hour or day",
        default: "none",
        text: "what it may use, such as 100k-tokens/day or 1M-tokens/day,60-requests/minute",
      },
      JSON_OPTION,
    ],
    examples: ["rbee key create --name phone", "rbee key create --name phone --limit 100k-tokens/day"],
  },
  {
    group: "key",
    name: "list",
    args: "",
    summary: "List the API keys, their limits, and what each has used today (UTC) and in all.",
    options: [JSON_OPTION],
    examples: ["rbee key list", "rbee key list --json"],
  },
  {
    group: "key",
    name: "revoke",
    args: "NAME",
    summary: "Have an API key refused from now on.",
    options: [JSON_OPTION],
    examples: ["rbee key revoke phone"],
  },
  {
    group: "token",
    name: "create",
    args: "",
    summary: "Make a token by which one other machine may join within ten minutes, and print it.",
    options: [
      { flag: "--host", value: "HOST", default: "the likeliest", text: "by which that machine reaches this one" },
      JSON_OPTION,
    ],
    examples: ["rbee token create", "rbee token create --host 192.168.1.10"],
  },
  {
    group: "token",
    name: "list",
    args: "",
    summary: "List the join tokens, until when each is taken, and which machine has used it.",
    options: [JSON_OPTION],
    examples: ["rbee token list"],
  },
  {
    group: "token",
    name: "revoke",
    args: "ID",
    summary: "Have a join token refused from now on.",
    options: [JSON_OPTION],
    examples: ["rbee token revoke t12"],
  },
];

export const MACHINES = [
  {
    group: "hive",
    name: "list",
    args: "",
    summary: "List the machines of the cluster, which of them are there, and those that were removed.",
    options: [JSON_OPTION],
    examples: ["rbee hive list", "rbee hive list --json"],
  },
  {
    group: "hive",
    name: "remove",
    args: "NAME",
    summary: "Take a machine out of the cluster: its certificate is good for nothing from now on, its jobs move.",
    options: [JSON_OPTION],
    examples: ["rbee hive remove beta"],
  },
];
