/**
 * The commands that ask the team, as data.
 *
 * Plain JavaScript, as the rest of the table is (commands.mjs).
 *
 * @module
 */
export const ASKING = [
  {
    name: "ask",
    args: "[TEXT]",
    summary: "Ask the team once; without TEXT the whole input of a pipe is the request.",
    options: [
      {
        flag: "--mode",
        value: "MODE",
        default: "the configured one",
        text: "alone, vote, discuss; auto: as the queen judges",
      },
      { flag: "--session", value: "ID", default: "a new one", text: "go on with what was asked and answered in it" },
      { flag: "--deadline", value: "TIME", unit: "such as 30s", default: "none", text: "the best answer by then" },
      { flag: "--private", text: "nothing of it leaves the cluster" },
      { flag: "--json", text: "the log as NDJSON; the last line is done or error" },
    ],
    examples: [
      'rbee ask "Shall we buy one big machine or two small ones?"',
      'rbee ask "What is 2 + 2?" --mode vote --json',
    ],
  },
  {
    name: "eval",
    args: "[FILE]",
    summary: "Ask the same questions alone, by vote and in discussion, and tell what each is worth; without FILE sums.",
    options: [
      {
        flag: "--modes",
        value: "MODES",
        default: "alone,vote,discuss",
        text: "which; the others are held against the first",
      },
      { flag: "--n", value: "N", default: "20", text: "how many questions: the first of FILE, or so many sums" },
      { flag: "--seed", value: "SEED", default: "1", text: "which sums" },
      { flag: "--model", value: "MODEL", default: "the configured one", text: "the model that answers" },
      { flag: "--json", text: "one JSON object, with schemaVersion, and every answer" },
    ],
    examples: ["rbee eval --n 50 --modes alone,vote", "rbee eval questions.jsonl --model file:m.gguf --json"],
  },
];

const JSON_OPTION = { flag: "--json", text: "one JSON object, with schemaVersion" };

/** What was asked before. */
export const SESSIONS = [
  {
    group: "sessions",
    name: "list",
    args: "",
    summary: "List what was asked before, the newest last.",
    options: [JSON_OPTION],
    examples: ["rbee sessions list"],
  },
  {
    group: "sessions",
    name: "show",
    args: "ID",
    summary: "Show a session as it was: who said what, and how it ended.",
    options: [JSON_OPTION],
    examples: ["rbee sessions show s0123456789abcdef01"],
  },
  {
    group: "sessions",
    name: "search",
    args: "TEXT",
    summary: "Find a text in what was asked, said and answered.",
    options: [JSON_OPTION],
    examples: ['rbee sessions search "bigger machine"'],
  },
  {
    group: "sessions",
    name: "stats",
    args: "",
    summary: "What the team cost and changed, by how it answered.",
    options: [JSON_OPTION],
    examples: ["rbee sessions stats --json"],
  },
  {
    group: "sessions",
    name: "export",
    args: "ID",
    summary: "Write a session whole: its logs, and the hash of each.",
    options: [{ flag: "--format", value: "FORMAT", default: "json", text: "json, or md for people" }],
    examples: ["rbee sessions export s0123456789abcdef01 --format md > talk.md"],
  },
  {
    group: "sessions",
    name: "replay",
    args: "ID",
    summary: "Show its last discussion again and make each decision of it again, without a model.",
    options: [JSON_OPTION],
    examples: ["rbee sessions replay s0123456789abcdef01"],
  },
  {
    group: "sessions",
    name: "fork",
    args: "ID",
    summary: "Go another way from some place of its last discussion.",
    options: [
      { flag: "--at", value: "SEQ", default: "the last before its end", text: "the event behind which it goes on" },
      { flag: "--say", value: "TEXT", text: "what you say there" },
    ],
    examples: ['rbee sessions fork s0123456789abcdef01 --at 12 --say "And without the cloud?"'],
  },
  {
    group: "sessions",
    name: "remove",
    args: "ID",
    summary: "Forget a session: nothing of it is kept.",
    options: [JSON_OPTION],
    examples: ["rbee sessions remove s0123456789abcdef01"],
  },
];

/** What the team knows. */
export const KNOWLEDGE = [
  {
    group: "knowledge",
    name: "list",
    args: "",
    summary: "List what the team agreed on and what you taught it, the newest last.",
    options: [JSON_OPTION],
    examples: ["rbee knowledge list"],
  },
  {
    group: "knowledge",
    name: "search",
    args: "TEXT",
    summary: "Find what is known about a question, as a discussion would find it.",
    options: [JSON_OPTION],
    examples: ['rbee knowledge search "which database do we use?"'],
  },
  {
    group: "knowledge",
    name: "add",
    args: "TEXT",
    summary: "Teach the team something: discussions to which it belongs are given it.",
    options: [
      {
        flag: "--privacy",
        value: "LABEL",
        default: "private",
        text: "public, internal, private, secret: no less private question sees it",
      },
      JSON_OPTION,
    ],
    examples: ['rbee knowledge add "Our database is Postgres 17."'],
  },
  {
    group: "knowledge",
    name: "forget",
    args: "ID",
    summary: "Forget something that is known, also where a discussion was given it.",
    options: [JSON_OPTION],
    examples: ["rbee knowledge forget k2f"],
  },
  {
    group: "knowledge",
    name: "export",
    args: "",
    summary: "Write all that is known, and whence.",
    options: [{ flag: "--format", value: "FORMAT", default: "json", text: "json, or md for people" }],
    examples: ["rbee knowledge export --format md > knowledge.md"],
  },
];
