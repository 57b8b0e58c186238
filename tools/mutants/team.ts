/**
 * Mutants of the team: the rules of a log, of how it stands, of what is written next, and of how it ends.
 *
 * @module
 */
import { money } from "./team-money.ts";
import {
  CREW,
  DISCUSSION as DISCUSSION_TEST,
  DISCUSSION_LOG,
  DISCUSSION_RULES,
  ENDING_TEST,
  NOTING_TEST,
  TEAM,
} from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const DISCUSS = "machines/rules/discuss.ts";
const STANDING = "machines/rules/standing.ts";
const REPLAY = "machines/rules/replay.ts";
const DISCUSSION = "machines/discussion.ts";
const SPECIALIST = "machines/specialist.ts";
const DISCUSSION_PART = "src/actors/team/discussion.ts";
const ENDING = "src/actors/team/ending.ts";
const NOTING = "src/actors/team/noting.ts";
const WRITING = "src/actors/team/log-writing.ts";
const TASKS = "src/actors/team/tasks.ts";
const REPLIES = "src/actors/team/replies.ts";

export const team: readonly Mutant[] = [
  {
    name: "turn-named-twice",
    rule: "DL1, TS8",
    breaks: "two turns of one log have one name",
    file: DISCUSS,
    find: `  const turn = standing.length;
`,
    replace: `  const turn = standing.contributions.length;
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "draft-that-has-read",
    rule: "DL2, TS15",
    breaks: "who drafts last copies from those who were first",
    file: DISCUSS,
    find: `kind === "talk" ? standing.length - 1 : standing.userSeq`,
    replace: `standing.length - 1`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "empty-pass-taken",
    rule: "DL3, TS14",
    breaks: "a model that says nothing at all has passed",
    file: REPLIES,
    find: `why.trim() === "" ?`,
    replace: `why === "-" ?`,
    killers: [TEAM],
  },
  {
    name: "restart-forgets-who-spoke",
    rule: "DS1, TD1",
    breaks: "folded anew a log stands otherwise than it did",
    file: STANDING,
    find: `  for (const event of rest) fold(standing, event);
  return standing;`,
    replace: `  for (const event of rest) fold(standing, event);
  standing.lastSpeaker = undefined;
  return standing;`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "ended-turn-still-reserved",
    rule: "DS2, TS12",
    breaks: "each turn that ends takes its reservation with it for good",
    file: STANDING,
    find: `  standing.reservedTokens -= open.reservedTokens;
`,
    replace: ``,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "word-of-the-user-is-no-news",
    rule: "DS3, TL6",
    breaks: "what the user says between is answered by nobody",
    file: STANDING,
    find: `    case "user":
      standing.newsSeq = event.seq;
`,
    replace: `    case "user":
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "critique-beside-drafts",
    rule: "DC1, TS15",
    breaks: "a thinker reads drafts while others still write theirs",
    file: DISCUSS,
    find: `(isFresh(its) && !its.isMuted && !isDear(standing, its)) || its.turn?.kind === "draft"`,
    replace: `isFresh(its) && !its.isMuted && !isDear(standing, its)`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "one-contribution-too-many",
    rule: "DC2, TS3",
    breaks: "a thinker says more than it was allowed to",
    file: DISCUSS,
    find: `thinker.contributed >= thinker.contributionsMax ||`,
    replace: `thinker.contributed > thinker.contributionsMax ||`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "asked-again-about-the-same",
    rule: "DC3",
    breaks: "a thinker who passed is asked again and again about the same words",
    file: DISCUSS,
    find: `  return thinker.evaluatedTo < standing.newsSeq;
`,
    replace: `  return thinker.evaluatedTo <= standing.newsSeq;
`,
    killers: [DISCUSSION_LOG],
    mayHang: true,
  },
  {
    name: "lesser-reason-first",
    rule: "DC4, TS6",
    breaks: "a discussion that agreed says that it ran out of rounds",
    file: DISCUSS,
    find: `  if (isAgreed(standing)) return "consensus";
  if (isRoundsOver(standing)) return isPollAffordable(standing) ? undefined : "max_rounds";
`,
    replace: `  if (isRoundsOver(standing)) return isPollAffordable(standing) ? undefined : "max_rounds";
  if (isAgreed(standing)) return "consensus";
`,
    killers: [DISCUSSION_RULES],
  },
  {
    name: "out-of-rounds-before-the-vote",
    rule: "DC9",
    breaks: "a discussion runs out of rounds right before its vote",
    file: DISCUSS,
    find: 'return isPollAffordable(standing) ? undefined : "max_rounds";',
    replace: 'return "max_rounds";',
    killers: [DISCUSSION_RULES],
  },
  {
    name: "the-user-is-not-read",
    rule: "DL2, TL6",
    breaks: "a sample or a draft knows nothing of what the user has said since the question",
    file: DISCUSS,
    find: 'kind === "talk" ? standing.length - 1 : standing.userSeq',
    replace: 'kind === "talk" ? standing.length - 1 : 0',
    killers: [DISCUSSION_RULES],
  },
  {
    name: "cut-off-and-out",
    rule: "DS4",
    breaks: "who was thinking where a log is gone on from has failed once",
    file: "machines/rules/standing.ts",
    find: 'if (event.type === "cancelled") return;',
    replace: 'if (event.type === "cancelled") its.failures += 1;',
    killers: [DISCUSSION_RULES],
  },
  {
    name: "ballots-for-free",
    rule: "DC5, TS12",
    breaks: "a vote is called that nobody can pay for",
    file: DISCUSS,
    find: `if (options !== undefined && isPollPaid(standing))`,
    replace: `if (options !== undefined)`,
    killers: [DISCUSSION_LOG],
  },
  ...money,
  {
    name: "counted-before-all-voted",
    rule: "DC6, TS15",
    breaks: "the quickest voter decides",
    file: DISCUSS,
    find: `  voters.every((voter) => ballots.has(voter)`,
    replace: `  voters.some((voter) => ballots.has(voter)`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "lone-survivor-waits",
    rule: "DC7, TL2",
    breaks: "who has nobody left to talk to waits until the time is up",
    file: DISCUSS,
    find: `  return at >= standing.busyAt + standing.opened.config.idleMs ? "all_idle" : undefined;
`,
    replace: `  const isHeard = live(standing).every(({ passedAt }) => passedAt >= standing.newsSeq);
  return isHeard && at >= standing.busyAt + standing.opened.config.idleMs ? "all_idle" : undefined;
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "every-sample-drawn",
    rule: "DC8",
    breaks: "a vote that is decided asks on",
    file: DISCUSS,
    find: `    if (isSettled(standing)) return [];
`,
    replace: ``,
    killers: [DISCUSSION_RULES],
  },
  {
    name: "late-ballot-counted",
    rule: "NO2, TS15",
    breaks: "a voter votes twice, and in a round that is over",
    file: NOTING,
    find: `if (poll?.round !== round || poll.ballots.has(agent)`,
    replace: `if (poll === undefined || poll.ballots.has(agent)`,
    killers: [NOTING_TEST],
  },
  {
    name: "claims-behind-closing",
    rule: "NO4, TS5",
    breaks: "a log goes on behind its closing",
    file: NOTING,
    find: `    if (standing.reason !== undefined) return [contributed];
`,
    replace: ``,
    killers: [TEAM],
  },
  {
    name: "told-before-it-is-kept",
    rule: "LW1, TL7",
    breaks: "readers are told words that a lost machine takes back",
    file: WRITING,
    find: `    after: "flush",
`,
    replace: ``,
    killers: [TEAM],
  },
  {
    name: "clock-that-goes-back",
    rule: "LW2, TS1",
    breaks: "a log's times fall when the clock of its machine is set back",
    file: WRITING,
    find: `  const at = Math.max(scope.at, lastAt);
`,
    replace: `  const at = Math.min(scope.at, scope.at + lastAt);
`,
    killers: [DISCUSSION_TEST],
  },
  {
    name: "closing-forgotten-in-a-crash",
    rule: "DI4, TL7",
    breaks: "a host that dies at the end of a discussion never ends it",
    file: DISCUSSION_PART,
    find: `  if (kept.standing.reason !== undefined) return [raise(toSelf({ type: "close" }))];
`,
    replace: ``,
    killers: [ENDING_TEST],
    mayHang: true,
  },
  {
    name: "answer-forgotten-in-a-crash",
    rule: "DI4, TL7",
    breaks: "an answer that was ready is waited for for ever",
    file: DISCUSSION,
    find: `        restored: { actions: "concludeAgain" },
`,
    replace: ``,
    killers: [ENDING_TEST],
  },
  {
    name: "last-speaker-stays",
    rule: "DI3, TS18",
    breaks: "a thinker lives on behind the end of its discussion",
    file: SPECIALIST,
    find: `thought: { target: "stopped", actions: "giveResult" }`,
    replace: `thought: { target: "listening", actions: "giveResult" }`,
    killers: [TEAM],
  },
  {
    name: "grace-without-end",
    rule: "DI2, TL1",
    breaks: "who speaks last keeps the door open as long as it likes",
    file: DISCUSSION,
    find: `, graceMs: "closed" },`,
    replace: ` },`,
    killers: [TEAM],
  },
  {
    name: "stopped-and-not-cut",
    rule: "EN1, TS17",
    breaks: "models go on thinking for a user who has stopped them",
    file: ENDING,
    find: `return standing.reason === "cancelled" ? [...silenced, cut(crew, kept, scope)] : silenced;`,
    replace: `return silenced;`,
    killers: [ENDING_TEST],
  },
  {
    name: "last-word-of-a-model-that-hangs",
    rule: "EN2, TL1",
    breaks: "a discussion waits for the last word of a model that never comes to it",
    file: ENDING,
    find: `Math.max(1, closedAt + standing.opened.config.finalMs - at)`,
    replace: `Math.max(86_400_000, closedAt + standing.opened.config.finalMs - at)`,
    killers: [TEAM],
  },
  {
    name: "thinkers-left-behind",
    rule: "EN3, TS18",
    breaks: "thinkers that did not go in time stay behind the end of their discussion",
    file: DISCUSSION,
    find: `"release.failed": { target: "concluding", actions: "letGo" },`,
    replace: `"release.failed": { target: "concluding" },`,
    killers: [DISCUSSION_TEST, TEAM],
  },
  {
    name: "prompt-of-the-whole-log",
    rule: "TA1, TS9",
    breaks: "a draft is written with the drafts of others before its eyes",
    file: TASKS,
    find: `transcript(read, basis)`,
    replace: `transcript(events, Math.max(basis, events.length))`,
    killers: [NOTING_TEST],
  },
  {
    name: "task-asked-twice-thought-twice",
    rule: "CR1, TS18",
    breaks: "a store that restarts has all that is being thought thought again",
    file: "src/actors/team/crew.ts",
    find: `given?.re.id === re.id`,
    replace: `given?.re.id === name`,
    killers: [CREW],
  },
  {
    name: "fork-cuts-samples-off",
    rule: "RP2, TD9",
    breaks: "a vote that is gone on from is a vote of nobody",
    file: REPLAY,
    find: `standing.opened.mode === "vote" ? [] : (poll?.voters ?? [])`,
    replace: `poll?.voters ?? []`,
    killers: [DISCUSSION_RULES],
  },
  {
    name: "fork-without-its-time",
    rule: "RP2, TL1",
    breaks: "a discussion that is gone on from a day later ends at once",
    file: REPLAY,
    find: `const awayMs = Math.max(0, at - standing.at);`,
    replace: `const awayMs = Math.min(0, at - standing.at);`,
    killers: [TEAM],
  },
];
