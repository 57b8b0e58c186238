/**
 * Discussions for tests: whole logs, rosters and rows, with only what a test is about said by it.
 *
 * @module
 */
import type { Roster } from "../../machines/discussion.ts";
import type { DiscussionConfig, LogEvent, Logged, Source, Unwritten } from "../../machines/rules/log.ts";
import type { Usage } from "../../machines/rules/usage.ts";
import type { Timed } from "../../src/actors/team/assignment.ts";
import type { DiscussionRow } from "../../src/actors/team/tables.ts";
import type { TeamConfig } from "../../src/runtime/config/team.ts";

export const USAGE: Usage = { promptTokens: 3, completionTokens: 2 };
export const SOURCE: Source = { job: "j1", model: "m", worker: "w1" };

const config: DiscussionConfig = {
  style: "structured",
  contributionsMax: 3,
  roundsMax: 10,
  staleMax: 2,
  quorum: "majority",
  samples: 5,
  tokensMax: 1_000_000,
  turnTokensMax: 100,
  idleMs: 6_000,
  hardMs: 300_000,
  graceMs: 5_000,
  draftMs: 60_000,
  turnMs: 60_000,
  finalMs: 30_000,
  summaryMs: 4_000,
};

export type OpenedBody = Extract<Unwritten, { type: "opened" }>;

export const openedBody = (
  given: Partial<Omit<OpenedBody, "config">> & { readonly config?: Partial<DiscussionConfig> } = {},
): OpenedBody => ({
  type: "opened",
  request: "Which way?",
  mode: "discuss",
  why: "it was asked for",
  label: "private",
  agents: ["a", "b"].map((name) => ({ name, colour: "blue", hash: "00" })),
  before: [],
  ...given,
  config: { ...config, ...given.config },
});

/** Numbered by their places; each a millisecond behind the one before. */
export const logOf = (...bodies: readonly Unwritten[]): readonly LogEvent[] =>
  bodies.map((body, seq): LogEvent => ({ seq, at: 1000 + seq, ...body }));

export const granted = (agent: string, turn: number, given: Partial<Logged<"granted">> = {}): Unwritten => ({
  type: "granted",
  agent,
  turn,
  basis: 0,
  kind: "draft",
  reservedTokens: 100,
  ...given,
});

export const said = (
  agent: string,
  turn: number,
  text: string,
  given: Partial<Logged<"contributed">> = {},
): Unwritten => ({
  type: "contributed",
  agent,
  turn,
  basis: 0,
  text,
  usage: USAGE,
  source: SOURCE,
  ...given,
});

export const roster = (...names: readonly string[]): readonly Roster[] =>
  names.map((name) => ({ name, colour: "blue", hash: "00", place: "any", body: `You think as ${name} does.` }));

export const discussionRow = (given: Partial<DiscussionRow> = {}): DiscussionRow => ({
  session: "s1",
  roster: roster("a", "b"),
  model: undefined,
  caller: undefined,
  summaryAt: 1000,
  isSumming: false,
  ...given,
});

export const assignment = (given: Partial<Timed> = {}): Timed => ({
  discussion: "d1",
  answerBy: 60_000,
  agent: "a",
  duty: "talk",
  turn: 4,
  chat: [],
  system: "A team.",
  shared: "The question:\n<<<\nWhich way?\n>>>",
  own: "",
  role: "You are a.",
  model: undefined,
  label: "private",
  caller: undefined,
  seed: 4,
  tokensMax: 320,
  isOnce: false,
  claims: [],
  options: [],
  ...given,
});

export const teamConfig = (given: Partial<TeamConfig> = {}): TeamConfig => ({
  mode: "auto",
  specialists: ["divergent", "convergent", "critical"],
  style: "structured",
  contributionsMax: 3,
  roundsMax: 10,
  quorum: "majority",
  samples: 3,
  tokensMax: 60_000,
  costMax: 0,
  concurrentMax: 8,
  idleMs: 6_000,
  hardMs: 300_000,
  draftMs: 60_000,
  turnMs: 60_000,
  graceMs: 5_000,
  finalMs: 30_000,
  summaryMs: 4_000,
  agentTtlMs: 600_000,
  ...given,
});
