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
      JSON_OPTION,
    ],
    examples: ["rbee join rbj1_AbC...", "rbee join"],
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
