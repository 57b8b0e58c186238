/**
 * Small discussions of which every one is walked: those that take seconds, and those that take a minute.
 *
 * @module
 */
import type { DiscussionConfig } from "../../../machines/rules/log.ts";
import { config } from "./scripts.ts";
import type { Size } from "./walk.ts";

const settings = (more: Partial<DiscussionConfig>): DiscussionConfig => ({
  ...config,
  contributionsMax: 1,
  staleMax: 1,
  roundsMax: 4,
  idleMs: 1,
  hardMs: 4,
  graceMs: 1,
  turnMs: 2,
  draftMs: 2,
  ...more,
});

export interface NamedSize extends Size {
  readonly name: string;
}

const size = (name: string, more: Partial<Size>, its: Partial<DiscussionConfig> = {}): NamedSize => ({
  name,
  mode: "discuss",
  thinkers: 2,
  words: 0,
  stops: 0,
  calls: 0,
  crashes: 0,
  ...more,
  config: settings(its),
});

export const quick: readonly NamedSize[] = [
  size("two who talk, and a user who says something", { words: 1 }),
  size("two who draft, talk and vote", {}, { style: "structured", hardMs: 5 }),
  size("two who talk, and a user who calls a vote and stops it", { calls: 1, stops: 1 }, { hardMs: 3 }),
  size("three who talk", { thinkers: 3 }, { hardMs: 2 }),
  size("three samples, and a user who stops them", { mode: "vote", thinkers: 3, stops: 1 }),
  size("one who has nobody to talk to", { thinkers: 1, words: 1, crashes: 1 }, { contributionsMax: 2 }),
  size("one alone", { mode: "alone", thinkers: 1, words: 1, stops: 1, crashes: 1 }),
  size("two who can afford two turns", { words: 1 }, { turnTokensMax: 2, tokensMax: 5 }),
];

const longer = { hardMs: 6, turnMs: 3, draftMs: 3 };
export const long: readonly NamedSize[] = [
  size("two who talk, a user who speaks and stops it, a crash", { words: 1, stops: 1, crashes: 1 }, longer),
  size("two who talk twice, and a user who speaks", { words: 1 }, { ...longer, contributionsMax: 2 }),
  size("two who draft, a user who speaks, a crash", { words: 1, crashes: 1 }, { ...longer, style: "structured" }),
  size(
    "two who draft and talk, and a user who calls a vote",
    { calls: 1 },
    { style: "structured", contributionsMax: 2 },
  ),
  size("three who talk", { thinkers: 3 }),
  size("three who draft and talk", { thinkers: 3 }, { style: "structured", hardMs: 3 }),
  size("four samples", { mode: "vote", thinkers: 4 }),
];
