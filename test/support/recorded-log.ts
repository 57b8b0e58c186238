/**
 * Logs of discussions as a queen would tell them, written event by event and held to the schema of the doors.
 *
 * @module
 */
import type { LogEvent, Unwritten } from "../../machines/rules/log.ts";
import { type DiscussionEvent, discussionEvent } from "../../src/protocol/discussion-api.ts";

/** What is said, without what the log knows of itself; `wait` is silence in ms. */
export type Recorded =
  | Unwritten
  | {
      readonly type: "token";
      readonly agent: string;
      readonly turn: number;
      readonly offset: number;
      readonly text: string;
    }
  | { readonly type: "wait"; readonly ms: number }
  /** Until somebody says something, or orders something. */
  | { readonly type: "until said" };

export type Step = DiscussionEvent | Extract<Recorded, { type: "wait" | "until said" }>;

const CONFIG = {
  style: "structured",
  contributionsMax: 3,
  roundsMax: 10,
  staleMax: 2,
  quorum: "majority",
  samples: 3,
  tokensMax: 100_000,
  turnTokensMax: 512,
  idleMs: 6_000,
  hardMs: 300_000,
  graceMs: 5_000,
  draftMs: 60_000,
  turnMs: 60_000,
  finalMs: 30_000,
  summaryMs: 4_000,
} as const;

export const TEAM = [
  { name: "divergent", colour: "blue", hash: "d" },
  { name: "convergent", colour: "green", hash: "c" },
  { name: "critical", colour: "red", hash: "r" },
] as const;

type Opened = Extract<Unwritten, { type: "opened" }>;

export const opened = (mode: Opened["mode"], more: Partial<Opened> = {}): Opened => ({
  type: "opened",
  request: "Shall we move?",
  mode,
  why: "several perspectives are asked for",
  label: "private",
  agents: TEAM,
  config: CONFIG,
  before: [],
  ...more,
});

export const source = (job = "j1", model = "starter") => ({ job, model, worker: "w-1" });
const NONE = { promptTokens: 0, completionTokens: 0 };
export const usage = { promptTokens: 10, completionTokens: 5 };

/** Numbered and dated, a tenth of a second apart. */
export function recorded(events: readonly Recorded[]): readonly Step[] {
  let seq = -1;
  return events.map((event): Step => {
    if (event.type === "wait" || event.type === "until said") return event;
    if (event.type === "token") return discussionEvent.parse(event);
    seq += 1;
    return discussionEvent.parse({ ...event, seq, at: 1_000 + 100 * seq });
  });
}

/** What of it is the log's own. */
export const logOf = (steps: readonly Step[]): readonly LogEvent[] =>
  steps.flatMap((step) => ("seq" in step ? [step] : []));

/** A whole discussion with everything in it that one can have. */
export const DISCUSSION: readonly Recorded[] = [
  opened("discuss"),
  { type: "granted", agent: "divergent", turn: 1, basis: 0, kind: "draft", reservedTokens: 512 },
  { type: "granted", agent: "convergent", turn: 2, basis: 0, kind: "draft", reservedTokens: 512 },
  { type: "granted", agent: "critical", turn: 3, basis: 0, kind: "draft", reservedTokens: 512 },
  { type: "token", agent: "divergent", turn: 1, offset: 0, text: "One big machine is simpler" },
  { type: "token", agent: "convergent", turn: 2, offset: 0, text: "Two small ones survive" },
  { type: "token", agent: "divergent", turn: 1, offset: 27, text: " to run than two small ones." },
  {
    type: "contributed",
    agent: "divergent",
    turn: 1,
    basis: 0,
    text: "One big machine is simpler to run than two small ones.",
    usage,
    source: source("j1"),
  },
  { type: "claims", agent: "divergent", turn: 1, list: [{ id: "c1", text: "one machine is simpler to run" }] },
  {
    type: "contributed",
    agent: "convergent",
    turn: 2,
    basis: 0,
    text: "Two small ones survive the loss of one.",
    usage,
    source: source("j2"),
  },
  { type: "failed", agent: "critical", turn: 3, kind: "worker.lost", message: "its worker ended" },
  { type: "summary", upTo: 7, text: "One machine is simpler, two survive a loss.", cites: [7, 9] },
  { type: "granted", agent: "critical", turn: 10, basis: 9, kind: "talk", reservedTokens: 512 },
  {
    type: "objection",
    agent: "critical",
    turn: 10,
    claim: "c1",
    quote: "One big machine is simpler",
    error: "Its loss is the loss of everything.",
  },
  {
    type: "contributed",
    agent: "critical",
    turn: 10,
    basis: 9,
    text: "What does it cost when it is gone for a day?",
    usage,
    source: source("j3"),
  },
  { type: "granted", agent: "convergent", turn: 13, basis: 12, kind: "talk", reservedTokens: 512 },
  { type: "passed", agent: "convergent", turn: 13, basis: 12, why: "nothing new to add", usage },
  {
    type: "polled",
    round: 1,
    basis: 14,
    options: [
      { id: "divergent", of: 4 },
      { id: "convergent", of: 6 },
    ],
    voters: ["divergent", "convergent"],
  },
  { type: "ballot", agent: "divergent", round: 1, basis: 15, option: "convergent", conf: 0.7, usage },
  { type: "ballot", agent: "convergent", round: 1, basis: 15, option: "convergent", conf: 0.9, usage },
  { type: "tallied", round: 1, winner: "convergent", agreement: 1, reached: true },
  { type: "closing", reason: "consensus" },
  { type: "closed" },
  {
    type: "final",
    upTo: 12,
    text: "Keep two small machines: one of them may be lost.",
    by: "model",
    minority: [{ agent: "divergent", text: "two are twice the work" }],
    worth: { tokens: 1_234, ms: 12_300, contributions: 3, agreement: 1, flips: 1 },
  },
];

export const VOTE: readonly Recorded[] = [
  opened("vote", {
    why: "one right answer exists",
    agents: [
      { name: "first", colour: "cyan", hash: "1" },
      { name: "second", colour: "cyan", hash: "2" },
    ],
  }),
  { type: "granted", agent: "first", turn: 1, basis: 0, kind: "sample", reservedTokens: 512 },
  { type: "granted", agent: "second", turn: 2, basis: 0, kind: "sample", reservedTokens: 512 },
  { type: "token", agent: "first", turn: 1, offset: 0, text: "4" },
  { type: "contributed", agent: "first", turn: 1, basis: 0, text: "4", usage, source: source("j1"), conf: 0.8 },
  {
    type: "contributed",
    agent: "second",
    turn: 2,
    basis: 0,
    text: "4",
    usage,
    source: source("j2", "other"),
    conf: 0.6,
  },
  { type: "polled", round: 1, basis: 4, options: [{ id: "4", of: 3 }], voters: ["first", "second"] },
  { type: "ballot", agent: "first", round: 1, basis: 0, option: "4", conf: 0.8, usage: NONE },
  { type: "ballot", agent: "second", round: 1, basis: 0, option: "4", conf: 0.6, usage: NONE },
  { type: "tallied", round: 1, winner: "4", agreement: 1, reached: true },
  { type: "closing", reason: "consensus" },
  { type: "closed" },
  {
    type: "final",
    upTo: 4,
    text: "4",
    by: "contribution",
    minority: [],
    worth: { tokens: 30, ms: 1_000, contributions: 2, agreement: 1, flips: 0 },
  },
];
