/**
 * What can be typed, and what a line means.
 *
 *  ME1 A line that begins with the name of a command is that command; any other is words, whatever it begins with.
 *  ME2 While they talk words are said to all, behind `@NAME` to one; otherwise they are the next request.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { SayRequest } from "../../protocol/discussion-api.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import { durationMs } from "../../runtime/config/units.ts";
import type { ModeAsked } from "./talk.ts";

interface Word {
  readonly name: string;
  readonly args: string;
  readonly text: string;
}

const WORDS: readonly Word[] = [
  { name: "/mode", args: "MODE", text: "alone, vote, discuss, or auto: as the queen judges" },
  { name: "/alone", args: "[TEXT]", text: "the queen alone answers it; without TEXT what follows" },
  { name: "/discuss", args: "[TEXT]", text: "the team discusses it; without TEXT what follows" },
  { name: "/vote", args: "[TEXT]", text: "the team votes on it; while they talk: vote now" },
  { name: "/why", args: "", text: "why the last answer came as it did" },
  { name: "/history", args: "", text: "what was asked and answered here" },
  { name: "/sessions", args: "", text: "what was asked before; /session ID goes on there" },
  { name: "/search", args: "TEXT", text: "where it stands in what was asked, said and answered" },
  { name: "/knowledge", args: "[TEXT]", text: "what the team knows; also add TEXT, forget ID" },
  { name: "/specialists", args: "", text: "who can discuss" },
  { name: "/stats", args: "", text: "what the team cost and changed, by how it answered" },
  { name: "/new", args: "", text: "forget what was said here, and begin anew" },
  { name: "/model", args: "[NAME]", text: "the model that answers, as file:/path/m.gguf" },
  { name: "/status", args: "", text: "the queen, the hives and their workers" },
  { name: "/help", args: "", text: "this page" },
  { name: "/quit", args: "", text: "leave (also Ctrl-D)" },
];

const WHILE_TALKING: readonly Word[] = [
  { name: "@NAME", args: "TEXT", text: "to one of them; any other line is to all" },
  { name: "/mute", args: "NAME", text: "no more of it; /unmute NAME" },
  { name: "/extend", args: "SECONDS", text: "more time for them" },
  { name: "/stop", args: "", text: "an answer from what there is (also Ctrl-C)" },
];

/** Told on the lines of others. */
const UNLISTED = ["/session", "/mute", "/unmute", "/extend", "/vote", "/stop"];
const NAMES = [...new Set([...WORDS.map(({ name }) => name), ...UNLISTED])];

export const HELP = [
  ...WORDS.map(row),
  "While they talk:",
  ...WHILE_TALKING.map(row),
  "Ctrl-C stops an answer that is running; again, it leaves.",
  "A text of several lines can be pasted; Enter sends it. Tab completes.",
].join("\n");

function row({ name, args, text }: Word): string {
  return `  ${[name, args].filter(Boolean).join(" ").padEnd(16)}  ${text}`;
}

export type Meaning =
  | { readonly type: "words"; readonly text: string }
  | { readonly type: "command"; readonly name: string; readonly argument: string };

/** `/etc/hosts?` is a question, not a command. */
export function meaningOf(text: string): Meaning {
  const [, name = "", argument = ""] = /^(\/[a-z]+)(?:\s+(.*))?$/s.exec(text) ?? [];
  return name === "" ? { type: "words", text } : { type: "command", name, argument: argument.trim() };
}

export const unknownText = (name: string): string => `there is no ${name}; the nearest is ${nearest(name, NAMES)}`;

const MODES = { "/alone": "alone", "/discuss": "discuss", "/vote": "vote" } as const;

/** `/alone` and its like, and the mode that each is short for. */
export const modeOf = (name: string): ModeAsked | undefined =>
  name === "/alone" || name === "/discuss" || name === "/vote" ? MODES[name] : undefined;

export const MODES_ASKED: readonly ModeAsked[] = ["auto", "alone", "vote", "discuss"];

/**
 * What is told to those who talk.
 * @returns nothing for a command that is not for them
 * @throws RbeeError `usage.invalid` for one that is not whole
 */
export function saidOf(meaning: Meaning, agents: readonly string[]): SayRequest | undefined {
  if (meaning.type === "words") return wordsFor(meaning.text, agents);
  const { name, argument } = meaning;
  switch (name) {
    case "/mute":
    case "/unmute":
      return { order: name === "/mute" ? "mute" : "unmute", agent: agentOf(argument.replace(/^@/, ""), agents) };
    case "/extend":
      return { order: "extend", seconds: secondsOf(argument) };
    case "/vote":
      return { order: "vote" };
    case "/stop":
      return { order: "stop" };
    default:
      return undefined;
  }
}

function wordsFor(text: string, agents: readonly string[]): SayRequest {
  const [, name = "", words = ""] = /^@(\S+)\s+(.+)$/s.exec(text) ?? [];
  return name === "" ? { text } : { text: words, to: agentOf(name, agents) };
}

function agentOf(name: string, agents: readonly string[]): string {
  if (agents.includes(name)) return name;
  if (agents.length === 0) throw new RbeeError("usage.invalid", "nobody is there yet");
  const who = name === "" ? "name one of them" : `there is no ${name}; the nearest is ${nearest(name, agents)}`;
  throw new RbeeError("usage.invalid", `${who}. Here are ${agents.join(", ")}`);
}

function secondsOf(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : durationMs(text);
  if (ms === undefined || ms === 0)
    throw new RbeeError("usage.invalid", `/extend takes seconds, such as 60, not ${text}`);
  return ms / 1_000;
}

export const completionsOf = (line: string, agents: readonly string[]): readonly string[] => {
  if (/^\/(un)?mute\s+\S*$/.test(line)) return agents;
  if (/^\/mode\s+\S*$/.test(line)) return MODES_ASKED;
  if (/^@\S*$/.test(line)) return agents.map((name) => `@${name}`);
  return /^\/[a-z]*$/.test(line) ? NAMES : [];
};
