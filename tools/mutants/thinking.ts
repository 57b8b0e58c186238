/**
 * Mutants of how a request is answered and a vote is counted.
 *
 * @module
 */
import { ANSWER_KEY, BALLOT, GATE } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const GATE_RULE = "machines/rules/gate.ts";
const FEATURES_RULE = "machines/rules/gate-features.ts";
const BALLOT_RULE = "machines/rules/ballot.ts";
const KEY_RULE = "machines/rules/answer-key.ts";

const gate: readonly Mutant[] = [
  {
    name: "gate-reads-it-all",
    rule: "GF1",
    breaks: "however long a request is, all of it is looked at",
    file: FEATURES_RULE,
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
    name: "gate-content-with-a-hint",
    rule: "GT2",
    breaks: "whatever is a little likelier than one answer is given to several",
    file: GATE_RULE,
    find: `const ENOUGH = 110;`,
    replace: `const ENOUGH = 1;`,
    killers: [GATE],
  },
  {
    name: "gate-surer-for-length",
    rule: "GT1",
    breaks: "a long request is judged by how many words it has, and not by which",
    file: GATE_RULE,
    find: `Math.sqrt(Math.max(1, words.length))`,
    replace: `1`,
    killers: [GATE],
  },
  {
    name: "gate-in-fractions",
    rule: "GT1",
    breaks: "what speaks for a vote is no whole number",
    file: GATE_RULE,
    find: `Math.round(sum(words) / `,
    replace: `(sum(words) / `,
    killers: [GATE],
  },
  {
    name: "gate-tells-the-faintest-first",
    rule: "GT2",
    breaks: "of what decided, the least is told",
    file: GATE_RULE,
    find: `loudness(b) - loudness(a)`,
    replace: `loudness(a) - loudness(b)`,
    killers: [GATE],
  },
  {
    name: "gate-moved-by-quotes",
    rule: "GF3",
    breaks: "what somebody else said decides how the request is answered",
    file: FEATURES_RULE,
    find: `(quoted.length > QUOTED_CHARS ? " " : quoted)`,
    replace: `quoted`,
    killers: [GATE],
  },
  {
    name: "gate-moved-by-what-it-is-to-translate",
    rule: "GF3",
    breaks: "the text of a translation is taken for the request",
    file: FEATURES_RULE,
    find: `return own.slice(0, verb.at + verb.length);`,
    replace: `return own;`,
    killers: [GATE],
  },
  {
    name: "gate-blind-for-options",
    rule: "GT2",
    breaks: "a multiple choice is not seen to be one",
    file: FEATURES_RULE,
    find: `markers.includes("ab")`,
    replace: `markers.includes("ba")`,
    killers: [GATE],
  },
  {
    name: "gate-blind-for-meanings",
    rule: "GT2",
    breaks: "words of one language say nothing in another",
    file: FEATURES_RULE,
    find: `  meaningsOf(text, tokens, add);`,
    replace: ``,
    killers: [GATE],
  },
  {
    name: "gate-dear-in-doubt",
    rule: "GT3",
    breaks: "where both are spoken for alike, the dearer one is taken",
    file: GATE_RULE,
    find: `vote >= discuss) return "vote"`,
    replace: `vote > discuss) return "vote"`,
    killers: [GATE],
  },
  {
    name: "gate-votes-on-seven-plus-five",
    rule: "GT2",
    breaks: "a sum that anybody does in the head is put to the vote",
    file: FEATURES_RULE,
    find: `const IN_THE_HEAD_MAX = 20;`,
    replace: `const IN_THE_HEAD_MAX = 0;`,
    killers: [GATE],
  },
  {
    name: "gate-minds-accents",
    rule: "GF2",
    breaks: "a request without its accents is another one",
    file: FEATURES_RULE,
    find: `\\p{M}/gu, "")`,
    replace: `\\p{Me}/gu, "")`,
    killers: [GATE],
  },
  {
    name: "gate-learns-by-the-clock",
    rule: "LN1",
    breaks: "what is learned hangs on when it is learned",
    file: "tools/gate/learn.ts",
    find: `let state = seed;`,
    replace: `let state = seed + Date.now();`,
    killers: ["test/unit/tools/gate.test.ts"],
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
