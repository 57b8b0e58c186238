/**
 * Mutants of what the team is told to have been worth, and of how that is found out.
 *
 * @module
 */
import { EVAL_QUESTIONS, EVAL_STATISTICS, EVAL_VERDICT, TEAM_STATS, TEAM_WITNESS, WORTH } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const RULE = "machines/rules/worth.ts";
const STATISTICS = "src/cli/eval/statistics.ts";
const VERDICT = "src/cli/eval/verdict.ts";
const WITNESS = "src/hosts/watching/team-witness.ts";

const counting: readonly Mutant[] = [
  {
    name: "worth-by-order",
    rule: "WO1",
    breaks: "what is as frequent is told as it came",
    file: RULE,
    find: `other - one || (a < b ? -1 : 1)`,
    replace: `other - one`,
    killers: [WORTH],
  },
  {
    name: "worth-completes-silence",
    rule: "WO2",
    breaks: "a discussion in which nobody could speak is completed",
    file: RULE,
    find: `isCompleted: standing.contributions.length > 0 && reason`,
    replace: `isCompleted: reason`,
    killers: [WORTH],
  },
  {
    name: "worth-counts-forks-twice",
    rule: "WO3",
    breaks: "what a fork was given is counted again",
    file: RULE,
    find: `const own = log.slice(from);`,
    replace: `const own = log.slice(Math.min(0, from));`,
    killers: [WORTH, TEAM_STATS],
  },
  {
    name: "worth-fork-pays-twice",
    rule: "WO3",
    breaks: "the tokens of what a fork was given are paid again",
    file: RULE,
    find: `final.worth.tokens - tokensOf(log.slice(0, from))`,
    replace: `final.worth.tokens`,
    killers: [WORTH, TEAM_STATS],
  },
  {
    name: "worth-works-from-the-beginning",
    rule: "WO5",
    breaks: "a thinker is at work from the beginning of the discussion and not from its turn",
    file: RULE,
    find: `since.set(event.turn, event.at);`,
    replace: `since.set(event.turn, own[0]?.at ?? event.at);`,
    killers: [WORTH],
  },
  {
    name: "worth-gate-judges-itself",
    rule: "WO6",
    breaks: "what the gate chose itself is counted as right",
    file: RULE,
    find: `from > 0 || !why.startsWith(ASKED_FOR)`,
    replace: `from > 0`,
    killers: [WORTH],
  },
  {
    name: "worth-agrees-without-a-vote",
    rule: "WO4",
    breaks: "where nobody voted an agreement is told",
    file: RULE,
    find: `...(agreements.length === 0 ? {} : { agreement: mean(agreements) }),`,
    replace: `agreement: mean(agreements),`,
    killers: [WORTH],
  },
  {
    name: "stats-hide-damage",
    rule: "SA1",
    breaks: "a log that cannot be read is as good as none",
    file: "src/hosts/team/stats.ts",
    find: `damaged += shelf.damaged.length;`,
    replace: `damaged += 0;`,
    killers: [TEAM_STATS],
  },
  {
    name: "witness-hears-twice",
    rule: "TW1",
    breaks: "what is published again after a crash is counted again",
    file: WITNESS,
    find: `if (event.seq < its.next) continue;`,
    replace: ``,
    killers: [TEAM_WITNESS],
  },
  {
    name: "witness-forgets-the-ended",
    rule: "TW1",
    breaks: "a discussion that is published again behind its end is told again",
    file: WITNESS,
    find: `this.#ended.add(discussion);`,
    replace: ``,
    killers: [TEAM_WITNESS],
  },
  {
    name: "witness-tells-the-given",
    rule: "TW2",
    breaks: "the turns of what a fork was given are told as its own",
    file: WITNESS,
    find: `given, next: events.length`,
    replace: `given, next: 0`,
    killers: [TEAM_WITNESS],
  },
];

const evaluation: readonly Mutant[] = [
  {
    name: "interval-of-wald",
    rule: "EX1",
    breaks: "of none right out of a few it is claimed that there can be none",
    file: STATISTICS,
    find: `const spread = (Z * Z) / of;`,
    replace: `const spread = 0 / of;`,
    killers: [EVAL_STATISTICS],
  },
  {
    name: "test-of-one-side",
    rule: "EX2",
    breaks: "half of what chance does is left out",
    file: STATISTICS,
    find: `Math.min(1, 2 * tail)`,
    replace: `Math.min(1, tail)`,
    killers: [EVAL_STATISTICS],
  },
  {
    name: "sums-of-any-seed",
    rule: "EQ1",
    breaks: "every seed asks the same",
    file: "src/cli/eval/questions.ts",
    find: `Math.imul(seed, `,
    replace: `Math.imul(1, `,
    killers: [EVAL_QUESTIONS],
  },
  {
    name: "questions-counted-from-nought",
    rule: "EQ2",
    breaks: "a line is refused by the number of another",
    file: "src/cli/eval/questions.ts",
    find: `let number = 0;`,
    replace: `let number = -1;`,
    killers: [EVAL_QUESTIONS],
  },
  {
    name: "right-is-any-number",
    rule: "EV1",
    breaks: "the first number of an answer is taken for it",
    file: VERDICT,
    find: `answer.match(NUMBERS))?.at(-1)`,
    replace: `answer.match(NUMBERS))?.at(0)`,
    killers: [EVAL_VERDICT],
  },
  {
    name: "right-is-what-is-cited",
    rule: "EV1",
    breaks: "the number of a contribution that an answer cites is taken for the answer",
    file: VERDICT,
    find: `answer.replaceAll(CITED, "")`,
    replace: `answer`,
    killers: [EVAL_VERDICT],
  },
  {
    name: "failures-are-wrong-answers",
    rule: "EV2",
    breaks: "a failure is told as an answer that was wrong",
    file: VERDICT,
    find: `count(({ answer }) => answer === undefined)`,
    replace: `count(() => false)`,
    killers: [EVAL_VERDICT],
  },
  {
    name: "halves-are-compared",
    rule: "EV3",
    breaks: "a question that one way has answered counts for that way alone",
    file: VERDICT,
    find: `rows.filter((row) => modes.every((mode) => row.some((its) => its.mode === mode)))`,
    replace: `rows.filter((row) => row.length > 0)`,
    killers: [EVAL_VERDICT],
  },
  {
    name: "chance-is-claimed",
    rule: "ER1",
    breaks: "each of several comparisons may be wrong once in twenty",
    file: VERDICT,
    find: `p < SIGNIFICANT / compared`,
    replace: `p < SIGNIFICANT`,
    killers: [EVAL_VERDICT],
  },
];

export const worth: readonly Mutant[] = [...counting, ...evaluation];
