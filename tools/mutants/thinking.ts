/**
 * Mutants of how a request is answered and a vote is counted.
 *
 * @module
 */
import { ANSWER_KEY, BALLOT, GATE } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const GATE_RULE = "machines/rules/gate.ts";
const BALLOT_RULE = "machines/rules/ballot.ts";
const KEY_RULE = "machines/rules/answer-key.ts";

const gate: readonly Mutant[] = [
  {
    name: "gate-reads-it-all",
    rule: "GT1",
    breaks: "however long a request is, all of it is looked at",
    file: GATE_RULE,
    find: `request.length <= HEAD_CHARS + TAIL_CHARS`,
    replace: `request.length >= 0`,
    killers: [GATE],
  },
  {
    name: "gate-leans-to-a-discussion",
    rule: "GT2",
    breaks: "what says nothing of itself is discussed",
    file: GATE_RULE,
    find: `return discuss >= ENOUGH ? "discuss" : "alone";`,
    replace: `return "discuss";`,
    killers: [GATE],
  },
  {
    name: "gate-makes-a-drama-of-two-words",
    rule: "GT9",
    breaks: "whoever mentions a person and a wish has a discussion",
    file: GATE_RULE,
    find: `["people", discussFor(0.4,`,
    replace: `["people", discussFor(0.6,`,
    killers: [GATE],
  },
  {
    name: "gate-deaf-to-what-is-told",
    rule: "GT9",
    breaks: "a decision that is told and not asked for is answered by one",
    file: GATE_RULE,
    find: `["stakes", discussFor(0.4,`,
    replace: `["stakes", discussFor(0.1,`,
    killers: [GATE],
  },
  {
    name: "gate-takes-any-question-for-a-conclusion",
    rule: "GT4",
    breaks: "a question behind two sentences is voted on, whatever it is about",
    file: GATE_RULE,
    find: `before.includes(term)`,
    replace: `term !== ""`,
    killers: [GATE],
  },
  {
    name: "gate-moved-by-quotes",
    rule: "GT3",
    breaks: "what somebody else said decides how the request is answered",
    file: GATE_RULE,
    find: `(quoted.length > QUOTED_CHARS ? " " : quoted)`,
    replace: `quoted`,
    killers: [GATE],
  },
  {
    name: "gate-moved-by-what-it-is-to-translate",
    rule: "GT3",
    breaks: "the text of a translation is taken for the request",
    file: GATE_RULE,
    find: `return own.slice(0, verb.index);`,
    replace: `return own;`,
    killers: [GATE],
  },
  {
    name: "gate-blind-for-options",
    rule: "GT4",
    breaks: "a multiple choice is no vote",
    file: GATE_RULE,
    find: `markers.includes("ab")`,
    replace: `markers.includes("ba")`,
    killers: [GATE],
  },
  {
    name: "gate-blind-for-comparisons",
    rule: "GT5",
    breaks: "a comparison is answered alone",
    file: GATE_RULE,
    find: `discussFor(STRONG, "things are to be compared")`,
    replace: `discussFor(0, "things are to be compared")`,
    killers: [GATE],
  },
  {
    name: "gate-dear-in-doubt",
    rule: "GT6",
    breaks: "where both are spoken for alike, the dearer one is taken",
    file: GATE_RULE,
    find: `vote >= discuss) return "vote"`,
    replace: `vote > discuss) return "vote"`,
    killers: [GATE],
  },
  {
    name: "gate-votes-on-seven-plus-five",
    rule: "GT7",
    breaks: "a sum that anybody does in the head is put to the vote",
    file: GATE_RULE,
    find: `const IN_THE_HEAD_MAX = 20;`,
    replace: `const IN_THE_HEAD_MAX = 0;`,
    killers: [GATE],
  },
  {
    name: "gate-minds-accents",
    rule: "GT8",
    breaks: "a request without its accents is another one",
    file: GATE_RULE,
    find: `.replaceAll(/\\p{M}/gu, "")`,
    replace: `.replaceAll(/\\p{Me}/gu, "")`,
    killers: [GATE],
  },
];

const ballots: readonly Mutant[] = [
  {
    name: "ballots-as-fractions",
    rule: "BA1",
    breaks: "the order of the ballots changes the last digit of a weight, and so a tie",
    file: BALLOT_RULE,
    find: `return Math.max(1, Math.round(Math.min(1, Math.max(0, known)) * WHOLE));`,
    replace: `return Math.max(1, Math.min(1, Math.max(0, known)) * WHOLE);`,
    killers: [BALLOT],
  },
  {
    name: "second-ballot-counts",
    rule: "BA2",
    breaks: "an agent who votes again changes its vote",
    file: BALLOT_RULE,
    find: `  for (const ballot of ballots) if (!first.has(ballot.agent)) first.set(ballot.agent, ballot);
  return [...first.values()].filter(({ option }) => options.includes(option));`,
    replace: `  for (const ballot of ballots) first.set(ballot.agent, ballot);
  return [...first.values()].filter(({ option }) => options.includes(option));`,
    killers: [BALLOT],
  },
  {
    name: "unknown-confidence-is-sure",
    rule: "BA3",
    breaks: "who does not say how sure it is counts as certain",
    file: BALLOT_RULE,
    find: `const CONF_UNKNOWN = 0.5;`,
    replace: `const CONF_UNKNOWN = 1;`,
    killers: [BALLOT],
  },
  {
    name: "tie-to-the-latest",
    rule: "BA4",
    breaks: "of equal weights the option that was proposed last wins",
    file: BALLOT_RULE,
    find: `each.weight > (best?.weight ?? 0)`,
    replace: `each.weight >= (best?.weight ?? 1)`,
    killers: [BALLOT],
  },
  {
    name: "quorum-by-weight-alone",
    rule: "BA5",
    breaks: "one who is very sure makes a consensus",
    file: BALLOT_RULE,
    find: `enough(share, quorum) && enough(agreement, quorum)`,
    replace: `enough(share, quorum)`,
    killers: [BALLOT],
  },
  {
    name: "quorum-of-the-quick",
    rule: "BA5",
    breaks: "those who voted early make a consensus over those who have not voted",
    file: BALLOT_RULE,
    find: `Math.max(cast.length, voters ?? cast.length)`,
    replace: `cast.length`,
    killers: [BALLOT],
  },
  {
    name: "decided-while-it-can-be-overturned",
    rule: "BA6",
    breaks: "a vote stops while the ballots to come could overturn it",
    file: BALLOT_RULE,
    find: `> outstanding * WHOLE`,
    replace: `> (outstanding - 1) * WHOLE`,
    killers: [BALLOT],
  },
  {
    name: "decided-for-another",
    rule: "BA6",
    breaks: "who leads by what is likely and not by the count decides",
    file: BALLOT_RULE,
    find: `const own = likelihood(answer);`,
    replace: `const own = Math.max(...seen.map(likelihood));`,
    killers: [BALLOT],
  },
];

const keys: readonly Mutant[] = [
  {
    name: "answer-is-the-first-line",
    rule: "AK1",
    breaks: "what led to the answer is taken for it",
    file: KEY_RULE,
    find: `.findLast(`,
    replace: `.find(`,
    killers: [ANSWER_KEY],
  },
  {
    name: "answer-in-bold-is-another",
    rule: "AK2",
    breaks: "an answer in bold is another answer",
    file: KEY_RULE,
    find: `    .replaceAll(AROUND, "")
`,
    replace: ``,
    killers: [ANSWER_KEY],
  },
  {
    name: "percentage-is-its-number",
    rule: "AK3",
    breaks: "half and fifty are one answer",
    file: KEY_RULE,
    find: `\${amount}\${percent ?? ""}`,
    replace: `\${amount}`,
    killers: [ANSWER_KEY],
  },
  {
    name: "article-is-an-option",
    rule: "AK4",
    breaks: "every answer that begins with an article is the option of that letter",
    file: KEY_RULE,
    find: `alone !== undefined && plain !== alone`,
    replace: `alone === undefined && plain === alone`,
    killers: [ANSWER_KEY],
  },
  {
    name: "answer-that-is-led-to-is-lost",
    rule: "AK5",
    breaks: "`Answer: 42` and `42` are two answers",
    file: KEY_RULE,
    find: `led === undefined ? undefined : short(undressed(led))`,
    replace: `undefined`,
    killers: [ANSWER_KEY],
  },
];

export const thinking: readonly Mutant[] = [...gate, ...ballots, ...keys];
