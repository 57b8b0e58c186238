/**
 * Mutants of the thinkers as files, and of their tools.
 *
 * @module
 */
import { PROMPTS, SUMS, TASKS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const PROMPTS_HOST = "src/hosts/team/prompts.ts";
const THINKERS_HOST = "src/hosts/team/thinkers.ts";
const PLAIN_FILE = "src/hosts/team/plain-file.ts";

const prompts: readonly Mutant[] = [
  {
    name: "shipped-specialist-wins",
    rule: "TK2",
    breaks: "the user's own file changes nothing",
    file: THINKERS_HOST,
    find: `  ownFolder(configFile),
  path.join(SHIPPED, SPECIALISTS),`,
    replace: `  path.join(SHIPPED, SPECIALISTS),
  ownFolder(configFile),`,
    killers: [PROMPTS],
  },
  {
    name: "specialist-whom-nobody-hears",
    rule: "TK1",
    breaks: "whoever writes a specialist has to name it as well, and is not told so",
    file: THINKERS_HOST,
    find: `[...SHIPPED_TEAM, ...namesIn(ownFolder(configFile)).toSorted()]`,
    replace: `SHIPPED_TEAM`,
    killers: [PROMPTS],
  },
  {
    name: "roster-on-paper",
    rule: "TK3",
    breaks: "no role of the roster can be given a seat",
    file: THINKERS_HOST,
    find: `  path.join(SHIPPED, "roster"),
`,
    replace: "",
    killers: [PROMPTS],
  },
  {
    name: "a-crowd-that-discusses",
    rule: "TK4",
    breaks: "everybody discusses who has a file, however many they are",
    file: THINKERS_HOST,
    find: `names.length > SPECIALISTS_MAX`,
    replace: `names.length < 0`,
    killers: [PROMPTS],
  },
  {
    name: "unknown-field-of-a-thinker-ignored",
    rule: "TP2",
    breaks: "a field that is written wrong is silently without effect",
    file: PROMPTS_HOST,
    find: `const frontMatter = z.strictObject(`,
    replace: `const frontMatter = z.object(`,
    killers: [PROMPTS],
  },
  {
    name: "specialist-by-a-link",
    rule: "TP3",
    breaks: "a link in the folder makes any file of the machine an instruction",
    file: PLAIN_FILE,
    find: ` | constants.O_NOFOLLOW`,
    replace: ``,
    killers: [PROMPTS],
  },
  {
    name: "specialist-without-end",
    rule: "TP3",
    breaks: "a file of any size is read",
    file: PLAIN_FILE,
    find: `length > bytesMax ?`,
    replace: `length < 0 ?`,
    killers: [PROMPTS],
  },
  {
    name: "specialists-without-end",
    rule: "TK4",
    breaks: "a folder of any number of files is read",
    file: THINKERS_HOST,
    find: `names.push(of) > FILES_MAX`,
    replace: `names.push(of) < 0`,
    killers: [PROMPTS],
  },
  {
    name: "a-file-read-once",
    rule: "TP5",
    breaks: "a changed prompt holds from the next start of the node on",
    file: PROMPTS_HOST,
    find: `if (before?.bytes.equals(bytes) === true)`,
    replace: `if (before !== undefined)`,
    killers: [PROMPTS],
  },
  {
    name: "taken-apart-every-time",
    rule: "TP5",
    breaks: "each question parses every file of the team before anybody thinks",
    file: PROMPTS_HOST,
    find: `if (before?.bytes.equals(bytes) === true)`,
    replace: `if (before?.bytes === bytes)`,
    killers: [PROMPTS],
  },
  {
    name: "hash-of-nothing",
    rule: "TP4",
    breaks: "a changed prompt has the hash of the old one",
    file: PROMPTS_HOST,
    find: `.update(bytes)`,
    replace: `.update(of)`,
    killers: [PROMPTS],
  },
];

const tools: readonly Mutant[] = [
  {
    name: "sums-from-left-to-right",
    rule: "SU2",
    breaks: "a right sum is told to be wrong, because products come in their turn",
    file: "machines/rules/sums.ts",
    find: `"*×·".includes(operator)) product *= figure`,
    replace: `"*×·".includes(operator)) product = (sum + product) * figure`,
    killers: [SUMS],
  },
  {
    name: "a-rounded-sum-is-wrong",
    rule: "SU2",
    breaks: "whoever rounds is told to be wrong",
    file: "machines/rules/sums.ts",
    find: "const half = 0.5 * 10 ** -decimals;",
    replace: "const half = 0 * decimals;",
    killers: [SUMS],
  },
  {
    name: "half-a-sum",
    rule: "SU1",
    breaks: "a part of a longer sum is judged as a whole one",
    file: "machines/rules/sums.ts",
    find: "${BEGINS}(",
    replace: "(",
    killers: [SUMS],
  },
  {
    name: "a-tool-that-looks-ahead",
    rule: "TO1, TS9",
    breaks: "a thinker is told what was written behind its basis",
    file: "machines/rules/tools.ts",
    find: "log.slice(0, basis + 1)",
    replace: "log.slice(0, basis + 100)",
    killers: [SUMS, TASKS],
  },
  {
    name: "a-tool-for-all",
    rule: "TO1",
    breaks: "a tool works for whoever was not given it",
    file: "machines/rules/tools.ts",
    find: `if (!tools.includes("arithmetic")) return [];`,
    replace: "if (tools.length > 9) return [];",
    killers: [SUMS],
  },
];

export const thinkers: readonly Mutant[] = [...prompts, ...tools];
