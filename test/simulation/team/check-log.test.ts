/**
 * Goal: the checker finds every broken promise in a log, at the event that breaks it, and nothing in a sound one.
 * Method: a small sound log by hand, and one change of it for each promise.
 *
 * @see test/simulation/team/check-log.ts, CL1 CL2, and machines/README.md
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LogEvent, Unwritten } from "../../../machines/rules/log.ts";
import type { Usage } from "../../../machines/rules/usage.ts";
import { checkLog } from "./check-log.ts";
import { config } from "./scripts.ts";

const AT = 5_000_000;
const source = { job: "j", model: "m", worker: "w" };
const usage = { promptTokens: 40, completionTokens: 10 };

/** What is written, and how long behind the opening. */
type Line = readonly [atMs: number, body: Unwritten];

const logOf = (lines: readonly Line[]): readonly LogEvent[] =>
  lines.map(([atMs, body], seq): LogEvent => ({ ...body, seq, at: AT + atMs }));

type Opened = Extract<Unwritten, { type: "opened" }>;
const opened = (more: Partial<Opened> = {}): Line => [
  0,
  {
    type: "opened",
    request: "Is it so?",
    mode: "discuss",
    why: "it was asked for",
    label: "private",
    agents: ["ann", "bob"].map((name) => ({ name, colour: "blue", hash: "0" })),
    config,
    before: [],
    ...more,
  },
];

type Grant = Extract<Unwritten, { type: "granted" }>;
const granted = (atMs: number, agent: string, turn: number, more: Partial<Grant> = {}): Line => [
  atMs,
  { type: "granted", agent, turn, basis: turn - 1, kind: "talk", reservedTokens: 1_000, ...more },
];
const spoke = (atMs: number, agent: string, turn: number, basis = turn - 1): Line => [
  atMs,
  { type: "contributed", agent, turn, basis, text: "It is.", usage, source },
];
const passed = (atMs: number, agent: string, turn: number, why = "nothing new"): Line => [
  atMs,
  { type: "passed", agent, turn, basis: turn - 1, why, usage },
];
const failed = (atMs: number, agent: string, turn: number, kind = "worker.lost", took?: Usage): Line => [
  atMs,
  { type: "failed", agent, turn, kind, message: "it is gone", ...(took === undefined ? {} : { usage: took }) },
];
const closing = (atMs: number, reason: Extract<Unwritten, { type: "closing" }>["reason"]): Line => [
  atMs,
  { type: "closing", reason },
];
const closed = (atMs: number): Line => [atMs, { type: "closed" }];
type Final = Extract<Unwritten, { type: "final" }>;
const final = (atMs: number, upTo: number, more: Partial<Final> = {}): Line => [
  atMs,
  {
    type: "final",
    upTo,
    text: "So it is.",
    by: "extract",
    minority: [],
    worth: { tokens: 100, ms: atMs, contributions: 1, flips: 0 },
    ...more,
  },
];
const says = (atMs: number, text = "Why?"): Line => [atMs, { type: "user", text }];
const stops = (atMs: number): Line => [atMs, { type: "ordered", order: "stop" }];

/** Ann speaks, Bob passes, and again; nobody has more to say. */
const sound: readonly Line[] = [
  opened(),
  granted(0, "ann", 1),
  granted(0, "bob", 2),
  spoke(900, "ann", 1),
  passed(950, "bob", 2),
  granted(950, "bob", 5),
  passed(1_500, "bob", 5),
  closing(6_950, "all_idle"),
  closed(6_950),
  final(7_000, 3),
];

const found = (lines: readonly Line[], isEnded = true): readonly string[] =>
  checkLog(logOf(lines), isEnded, 0).map(({ rule, seq }) => `${rule} at ${seq}`);

/** The sound log with some lines put in the place of others. */
const changed = (from: number, count: number, ...lines: readonly Line[]): readonly Line[] =>
  sound.toSpliced(from, count, ...lines);

/** The beginning of the sound log, up to Ann's contribution, and then something else. */
const then = (...lines: readonly Line[]): readonly Line[] => [...sound.slice(0, 5), ...lines];

test("a sound log is sound, and so is each of its prefixes", () => {
  expect(found(sound)).toEqual([]);
  for (let end = 1; end <= sound.length; end++) expect(found(sound.slice(0, end), false)).toEqual([]);
});

test("CL2 a log that is said to have ended has its final word", () => {
  expect(found(sound.slice(0, -1))).toEqual(["TL1 at 9"]);
});

/** A discussion of one round trip each, of which all are billed. */
const paid = (costMaxMicros: number): Line =>
  opened({
    mode: "vote",
    config: { ...config, turnTokensMax: 100, costMaxMicros },
    agents: ["ann", "bob"].map((name) => ({
      name,
      colour: "blue",
      hash: "0",
      billed: { input: 1, output: 10, promptTokens: 100 },
    })),
  });
const bought = (reservedMicros: number, agent = "ann", turn = 1): Line =>
  granted(0, agent, turn, { basis: 0, kind: "sample", reservedTokens: 100, reservedMicros });

const strict = { ...config, turnTokensMax: 1_000, tokensMax: 1_900 };
const structured = { ...config, style: "structured" } as const;
const draft = (agent: string, turn: number): Line => granted(0, agent, turn, { basis: 0, kind: "draft" });

/** Two drafts, each with its claim, up to the vote on them. */
const drafted: readonly Line[] = [
  opened({ config: { ...structured, contributionsMax: 1 } }),
  draft("ann", 1),
  draft("bob", 2),
  spoke(100, "ann", 1, 0),
  [100, { type: "claims", agent: "ann", turn: 1, list: [{ id: "c1", text: "the sky is blue" }] }],
  spoke(200, "bob", 2, 0),
];
const polled: Line = [
  200,
  {
    type: "polled",
    round: 1,
    basis: 5,
    options: [
      { id: "ann", of: 3 },
      { id: "bob", of: 5 },
    ],
    voters: ["ann", "bob"],
  },
];
const ballot = (atMs: number, agent: string, option: string, basis = 6): Line => [
  atMs,
  { type: "ballot", agent, round: 1, basis, option, conf: 0.9, usage },
];
const tallied = (winner: string, agreement: number, reached: boolean): Line => [
  400,
  { type: "tallied", round: 1, winner, agreement, reached },
];
const agreed: readonly Line[] = [
  ...drafted,
  polled,
  ballot(300, "ann", "ann"),
  ballot(400, "bob", "ann"),
  tallied("ann", 1, true),
  closing(400, "consensus"),
  closed(400),
  final(500, 5),
];

test("a vote that agrees is sound", () => {
  expect(found(agreed)).toEqual([]);
});

const revote = (...lines: readonly Line[]): readonly Line[] => [...drafted, polled, ...lines];

type Case = readonly [rule: string, what: string, lines: readonly Line[], isEnded?: boolean];

const breaks: readonly Case[] = [
  ["TS1 at 0", "no beginning", sound.slice(1)],
  ["TS1 at 1", "two beginnings", [opened(), opened()], false],
  ["TS1 at 4", "time that goes back", changed(4, 6, passed(800, "bob", 2)), false],
  ["TS1 at 0", "two thinkers of one name", [opened({ agents: [seat("ann"), seat("ann")] })], false],
  ["TS2 at 6", "a thinker twice in a row", then(granted(950, "ann", 5), spoke(990, "ann", 5)), false],
  [
    "TS3 at 5",
    "one contribution too many",
    [opened({ config: { ...config, contributionsMax: 1 } }), ...then(granted(950, "ann", 5)).slice(1)],
    false,
  ],
  ["TS4 at 2", "two turns at once", [opened(), granted(0, "ann", 1), granted(0, "ann", 2)], false],
  ["TS5 at 8", "a word of the user's behind the end", changed(8, 2, says(6_950)), false],
  ["TS5 at 9", "something behind the door", changed(9, 1, says(6_960)), false],
  ["TS5 at 10", "a second final word", [...sound, final(7_100, 3)]],
  ["TS5 at 8", "a final word before the door is shut", changed(8, 2, final(7_000, 3))],
  ["TS5 at 7", "an end without a reason", changed(7, 3, closed(6_950)), false],
  ["TS6 at 7", "idle too early", changed(7, 3, closing(6_949, "all_idle")), false],
  ["TS6 at 7", "a timeout that is none", changed(7, 3, closing(6_950, "timeout")), false],
  ["TS6 at 7", "a stop that nobody ordered", changed(7, 3, closing(6_950, "cancelled")), false],
  ["TS6 at 7", "a consensus without a vote", changed(7, 3, closing(6_950, "consensus")), false],
  ["TS6 at 7", "rounds that were not held", changed(7, 3, closing(6_950, "max_rounds")), false],
  ["TS6 at 7", "a budget that has enough", changed(7, 3, closing(6_950, "budget")), false],
  ["TS6 at 7", "a failure of those who live", changed(7, 3, closing(6_950, "all_failed")), false],
  ["TS6 at 7", "more to say, as exhausted", changed(7, 3, closing(6_950, "exhausted")), false],
  ["TS6 at 8", "a lesser reason before the user's", changed(7, 3, stops(6_950), closing(6_950, "all_idle")), false],
  ["TS6 at 6", "a rest while somebody thinks", then(granted(950, "bob", 5), closing(7_000, "all_idle")), false],
  [
    "TS7 at 9",
    "a turn without an end",
    then(granted(950, "bob", 5), stops(990), closing(990, "cancelled"), closed(990), final(990, 3)),
  ],
  ["TS7 at 5", "a turn that ends twice", then(spoke(960, "ann", 1)), false],
  ["TS7 at 5", "the end of a turn that was never granted", then(passed(960, "bob", 4)), false],
  ["TS7 at 6", "a turn that another ends", then(granted(950, "bob", 5), passed(960, "ann", 5)), false],
  ["TS8 at 5", "two turns of one name", then(granted(950, "bob", 2)), false],
  ["TS9 at 1", "what was read before it was written", [opened(), granted(0, "ann", 1, { basis: 1 })], false],
  [
    "TS9 at 3",
    "another foundation than was granted",
    [opened(), granted(0, "ann", 1), granted(0, "bob", 2), spoke(900, "ann", 1, 2)],
    false,
  ],
  [
    "TS9 at 1",
    "a draft founded on more than the question",
    [opened({ config: structured }), granted(0, "bob", 1, { kind: "draft", basis: 1 })],
    false,
  ],
  [
    "TS9 at 6",
    "a rejection that is not due",
    then(granted(950, "bob", 5), [960, { type: "rejected", agent: "bob", turn: 5, why: "stale", usage }]),
    false,
  ],
  [
    "TS9 at 4",
    "a stale thought",
    [opened({ config: { ...config, staleMax: 0 } }), ...sound.slice(1, 4), spoke(950, "bob", 2)],
    false,
  ],
  ["TS11 at 0", "no label", [opened({ label: "open" as "public" })], false],
  [
    "TS12 at 2",
    "more than the budget",
    [opened({ config: strict }), granted(0, "ann", 1), granted(0, "bob", 2)],
    false,
  ],
  ["TS12 at 2", "a turn that costs more than it may", [paid(1_200), bought(1_100), bought(1_100, "bob", 2)], false],
  ["TS12 at 1", "a turn for which too little is set aside", [paid(9_000), bought(1_000)], false],
  [
    "TS12 at 2",
    "a failure that says what nobody can know the cost of",
    [paid(9_000), bought(1_100), failed(10, "ann", 1, "endpoint.lost", { ...usage, costMicros: 140 })],
    false,
  ],
  [
    "TS12 at 3",
    "tokens of a turn that failed, spent once more",
    [
      opened({ config: strict }),
      granted(0, "ann", 1),
      failed(10, "ann", 1, "endpoint.lost", { promptTokens: 0, completionTokens: 901 }),
      granted(20, "bob", 3),
    ],
    false,
  ],
  [
    "TS6 at 2",
    "a budget that pays for somebody still",
    [
      paid(9_000),
      [100, { type: "ordered", order: "mute", agent: "ann" }],
      [200, { type: "closing", reason: "budget" }],
    ],
    false,
  ],
  [
    "TS12 at 6",
    "ballots that nobody reserved",
    [opened({ config: { ...structured, contributionsMax: 1, tokensMax: 2_010 } }), ...drafted.slice(1), polled],
    false,
  ],
  [
    "TS13 at 5",
    "a summary of what is to come",
    then([960, { type: "summary", upTo: 5, text: "So.", cites: [] }]),
    false,
  ],
  [
    "TS13 at 6",
    "a summary that goes back",
    then(
      [960, { type: "summary", upTo: 4, text: "So.", cites: [3] }],
      [970, { type: "summary", upTo: 3, text: "So.", cites: [] }],
    ),
    false,
  ],
  [
    "TS13 at 5",
    "a citation of no contribution",
    then([960, { type: "summary", upTo: 4, text: "So.", cites: [2] }]),
    false,
  ],
  ["TS13 at 9", "a final word that leaves the last one out", changed(9, 1, final(7_000, 0))],
  ["TS14 at 4", "a pass without a word", changed(4, 6, passed(950, "bob", 2, " ")), false],
  ["TS14 at 4", "a failure without a code", changed(4, 6, failed(950, "bob", 2, "oops")), false],
  [
    "TS15 at 8",
    "a ballot that knew of another",
    revote(ballot(300, "ann", "ann"), ballot(400, "bob", "ann", 7)),
    false,
  ],
  ["TS15 at 8", "two ballots of one voter", revote(ballot(300, "ann", "ann"), ballot(400, "ann", "bob")), false],
  ["TS15 at 7", "a ballot for nobody", revote(ballot(300, "ann", "eve")), false],
  ["TS15 at 7", "a stranger's ballot", revote(ballot(300, "eve", "ann")), false],
  ["TS15 at 8", "a count before all have voted", revote(ballot(300, "ann", "ann"), tallied("ann", 1, true)), false],
  [
    "TS15 at 9",
    "a wrong count",
    revote(ballot(300, "ann", "ann"), ballot(400, "bob", "ann"), tallied("bob", 1, true)),
    false,
  ],
  [
    "TS15 at 9",
    "a quorum that is none",
    revote(ballot(300, "ann", "ann"), ballot(400, "bob", "bob"), tallied("ann", 0.5, true)),
    false,
  ],
  ["TS15 at 4", "a critique before all drafts are in", [...drafted.slice(0, 4), granted(150, "ann", 4)], false],
  ["TS17 at 6", "a model that is asked behind the stop", then(stops(960), granted(960, "bob", 6)), false],
  [
    "TS17 at 8",
    "a model that writes the end behind the stop",
    then(stops(960), closing(960, "cancelled"), closed(960), final(970, 3, { by: "model" })),
  ],
  [
    "TL1 at 9",
    "a final word that comes too late",
    changed(9, 1, final(config.hardMs + config.graceMs + config.finalMs + 1, 3)),
  ],
  ["TL1 at 8", "a door that is shut too late", changed(8, 2, closed(config.hardMs + config.graceMs + 1)), false],
  ["TL2 at 7", "a silence that is not noticed", changed(7, 3, closing(7_600, "all_idle")), false],
  [
    "TL2 at 3",
    "a silence of nobody's words",
    [opened({ agents: [seat("ann")] }), granted(0, "ann", 1), failed(10, "ann", 1, "ask.deadline"), says(7_000)],
    false,
  ],
  ["TL3 at 5", "an end before somebody was asked again", then(closing(7_000, "all_idle")), false],
  [
    "TL4 at 3",
    "an end before somebody was asked at all",
    [opened(), granted(0, "ann", 1), spoke(10, "ann", 1), closing(6_010, "all_idle")],
    false,
  ],
  ["TL5 at 2", "a turn that is never given up", [opened(), granted(0, "ann", 1), failed(60_001, "ann", 1)], false],
  [
    "TL6 at 6",
    "a word of the user's that is not passed on",
    then(says(960), granted(960, "bob", 6, { basis: 4 })),
    false,
  ],
];

function seat(name: string): Opened["agents"][number] {
  return { name, colour: "blue", hash: "0" };
}

describe("a log is told of", () => {
  const cases = breaks.map(([rule, what, lines, isEnded = true]) => ({ rule, what, lines, isEnded }));
  test.each(cases)("$rule: $what", ({ rule, lines, isEnded }) => {
    expect(found(lines, isEnded)).toContain(rule);
  });
});

test("CL1 what is broken stays broken, whatever comes behind it", () => {
  const twice = then(granted(950, "ann", 5), spoke(990, "ann", 5));
  expect(found([...twice, granted(990, "bob", 7), spoke(999, "bob", 7)], false)).toContain("TS2 at 6");
});
