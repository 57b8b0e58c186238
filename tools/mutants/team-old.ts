/**
 * Mutants of the team: the twelve ways in which discussions used to go wrong, OLD1 to OLD12, put in by hand.
 *
 * @module
 */
import { DISCUSSION_LOG, DISCUSSION_RULES, TEAM } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const DISCUSS = "machines/rules/discuss.ts";
const STANDING = "machines/rules/standing.ts";
const DISCUSSION = "machines/discussion.ts";
const ENDING = "src/actors/team/ending.ts";
const NOTING = "src/actors/team/noting.ts";

export const oldTeam: readonly Mutant[] = [
  {
    name: "failure-written-as-a-pass",
    rule: "OLD1, TS14",
    breaks: "a dead model looks like one that agrees",
    file: NOTING,
    find: `(_kept, { agent }) => [failed(agent, turn, code, message)]`,
    replace: `(_kept, { agent, basis }) => [
    { type: "passed", agent, turn, basis, why: message, usage: { promptTokens: 0, completionTokens: code.length } },
  ]`,
    killers: [TEAM],
  },
  {
    name: "silence-of-nobody-is-no-silence",
    rule: "OLD2, TL2",
    breaks: "where everybody passes at once a discussion runs until its time is up",
    file: DISCUSS,
    find: `  if (live(standing).every((its) => isExhausted`,
    replace: `  if (standing.contributions.length === 0) return undefined;
  if (live(standing).every((its) => isExhausted`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "turn-open-behind-the-end",
    rule: "OLD3, TS7",
    breaks: "somebody still speaks when the last word is written",
    file: ENDING,
    find: `[{ type: "closed" }, ...late]`,
    replace: `[{ type: "closed" }, ...late.slice(late.length)]`,
    killers: [TEAM],
  },
  {
    name: "last-word-overwritten",
    rule: "OLD4, TS5",
    breaks: "a second last word is written behind the first one",
    file: DISCUSSION,
    find: `        kept: { target: "ended", actions: "clear" },
`,
    replace: `        restored: { actions: "writeFallback" },
        "keep.failed": { actions: "writeFallback" },
        kept: { target: "ended", actions: "clear" },
`,
    killers: [TEAM],
  },
  {
    name: "stale-thought-taken",
    rule: "OLD5, TS9",
    breaks: "all speak at once without having read each other",
    file: DISCUSS,
    find: `missed > standing.opened.config.staleMax ? "stale" : undefined`,
    replace: `missed > Infinity ? "stale" : undefined`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "dead-speaker-thinks-for-ever",
    rule: "OLD6, TL5",
    breaks: "one dead model keeps a discussion open until its time is up",
    file: NOTING,
    find: `  const turn = Number(key);
`,
    replace: `  const turn = -Number(key);
`,
    killers: [TEAM],
  },
  {
    name: "one-thinks-at-a-time",
    rule: "OLD7",
    breaks: "one slow model freezes all others",
    file: DISCUSS,
    find: `  const agent = wanted(standing).find((its) => isTurnPaid(standing, its));
`,
    replace: `  const agent = standing.turns.size > 0 ? undefined : wanted(standing)[0];
`,
    killers: [DISCUSSION_RULES],
  },
  {
    name: "hidden-notes-count",
    rule: "OLD8, TS3",
    breaks: "what is no contribution uses up a thinker's contributions",
    file: STANDING,
    find: `    if (event.type === "passed") its.passedAt = open.basis;
`,
    replace: `    if (event.type !== "contributed") its.contributed += 1;
    if (event.type === "passed") its.passedAt = open.basis;
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "third-thinker-never-asked",
    rule: "OLD9, TL4",
    breaks: "who is filtered out can neither speak nor pass",
    file: DISCUSS,
    find: `  return mine.filter((its) => mayTalk(standing, its));
`,
    replace: `  return mine.slice(0, 2).filter((its) => mayTalk(standing, its));
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "english-words-decide-who-speaks",
    rule: "OLD10, TL3",
    breaks: "a French question gets two speakers",
    file: DISCUSS,
    find: `  return thinker.evaluatedTo < standing.newsSeq;
`,
    replace: `  const isEnglish = /\\b(plan|risk|analysis|however)\\b/.test(standing.opened.request);
  return thinker.evaluatedTo < standing.newsSeq && (standing.contributions.length < 2 || isEnglish);
`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "two-clocks",
    rule: "OLD11, TL1",
    breaks: "work goes on half a minute behind the end that the user saw",
    file: DISCUSS,
    find: `opened.at + opened.config.hardMs + extendedMs;`,
    replace: `opened.at + opened.config.hardMs + extendedMs + 33_000;`,
    killers: [DISCUSSION_LOG],
  },
  {
    name: "consensus-read-by-nobody",
    rule: "OLD12, TS6",
    breaks: "what was agreed on in a vote ends nothing",
    file: DISCUSS,
    find: `last?.tally?.reached === true &&`,
    replace: `last?.tally?.reached === undefined &&`,
    killers: [DISCUSSION_LOG],
  },
];
