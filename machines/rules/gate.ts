/**
 * How a request is answered: by the queen alone, by a vote of sealed samples, or by a discussion.
 *
 * Owns: the judgement, from features of the request alone: its shape, and words of some languages (gate-words.ts). Does
 * not own: what a person asked for, which always wins, or how sure a model is once it has answered.
 *
 *  GT1 The same request is judged the same everywhere: no clock, no network, no model; at most so many characters are
 *      looked at, however long it is.
 *  GT2 Where nothing speaks for more, the queen answers alone: a discussion that is not needed costs the most and is
 *      often worse.
 *  GT3 Quoted and fenced text, and what a request to transform is given, is material: no word in it is a sign.
 *  GT4 One right answer that takes steps is voted on: options, sums, counting, orders, verdicts, what follows from
 *      premises, extraction, classes.
 *  GT5 What has several sides is discussed: a decision, a plan, a comparison, a way out.
 *  GT6 Where both are spoken for equally, the cheaper one is taken, the vote.
 *  GT7 A sum that is done in the head is no vote.
 *  GT8 Case, accents, the width of letters and the spaces around a request change nothing.
 *  GT9 A situation is told for counsel: what somebody wants in it, whom it touches, what is not easily undone and what
 *      speaks against it ask for a discussion where three of them come together, and no two of them do.
 *
 * @module
 */
import { GATE_WORDS } from "./gate-words.ts";

export type AnswerMode = "alone" | "vote" | "discuss";

/** Why an answer came as it did where somebody said how. */
export const ASKED_FOR = "it was asked for";

export interface Verdict {
  readonly mode: AnswerMode;
  /** For a person: what in the request decided. */
  readonly why: string;
  /** What speaks for each; from 1 on it is enough. */
  readonly score: { readonly vote: number; readonly discuss: number };
}

/** What is asked for stands at the beginning or at the end of a long text; what lies between is what it is about. */
const HEAD_CHARS = 600;
const TAIL_CHARS = 300;
const ENOUGH = 1;
/** What is said in words tells more than what numbers suggest, and options that are spelled out tell more still. */
const STRONG = 1.2;
const OPTIONS = 1.6;

interface Sign {
  readonly speaksFor: "vote" | "discuss";
  readonly weight: number;
  readonly says: string;
}

/** GT1. */
export function gate(request: string): Verdict {
  const text = folded(ends(request));
  const own = ownWords(text);
  return verdictOf([
    ...shapesOf(own),
    ...numbersOf(own),
    ...conclusionsOf(own),
    ...wordsOf(own),
    ...lengthOf(own),
    ...situationOf(own),
  ]);
}

function verdictOf(signs: readonly Sign[]): Verdict {
  const sum = (of: Sign["speaksFor"]): number =>
    signs.reduce((total, { speaksFor, weight }) => (speaksFor === of ? total + weight : total), 0);
  // Tenths: sums of fractions are compared.
  const score = { vote: Math.round(sum("vote") * 10) / 10, discuss: Math.round(sum("discuss") * 10) / 10 };
  const mode = modeOf(score);
  if (mode === "alone") return { mode, why: "nothing in it asks for more than one answer", score };
  const reasons = signs.filter(({ speaksFor }) => speaksFor === mode).map(({ says }) => says);
  return { mode, why: [...new Set(reasons)].join(", "), score };
}

/** GT2, GT6. */
function modeOf({ vote, discuss }: Verdict["score"]): AnswerMode {
  if (vote >= ENOUGH && vote >= discuss) return "vote";
  return discuss >= ENOUGH ? "discuss" : "alone";
}

const ends = (request: string): string =>
  request.length <= HEAD_CHARS + TAIL_CHARS
    ? request
    : `${request.slice(0, HEAD_CHARS)}\n${request.slice(request.length - TAIL_CHARS)}`;

/** GT8. Marks are taken off, so that `plan d'été` and `plan d'ete` are one. */
const folded = (text: string): string =>
  text.normalize("NFKC").toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("’", "'").trim();

const FENCED = /```[\s\S]*?(?:```|$)/g;
const QUOTED = /["“„«「『][^"”“»」』\n]*["”“»」』]/g;
/** A word or two in quotes is what the request is about; a sentence is something it is given. */
const QUOTED_CHARS = 26;

/** What is to be done to a text, or written, is said in the first words. */
const OPENING_CHARS = 28;

/** GT3. */
function ownWords(text: string): string {
  const own = text
    .replaceAll(FENCED, " ")
    .replaceAll(QUOTED, (quoted) => (quoted.length > QUOTED_CHARS ? " " : quoted));
  const verb = words("transform").exec(own);
  // After `should we translate` comes no text.
  if (verb !== null && verb.index <= OPENING_CHARS && !isOpen(own.slice(0, verb.index)))
    return own.slice(0, verb.index);
  const writes = words("write").exec(own);
  return writes !== null && writes.index <= OPENING_CHARS ? (own.split(/[:\n]/, 1)[0] ?? own) : own;
}

const OPEN: readonly Meaning[] = ["decide", "opinion", "devise", "compare", "improve"];

const isOpen = (text: string): boolean => OPEN.some((meaning) => words(meaning).test(text));

const MARKER = /(?<![\p{L}\p{N}])\(?([a-j])\s?[).:、]\s?(?=\S)/gu;

/** `east, south, west or north?` */
const ONE_OF = /\p{L}+(?:, \p{L}+)+,? (?:or|ou|oder|o|of|eller|lub|или|veya) \p{L}+ ?\?/u;

function* shapesOf(text: string): Generator<Sign> {
  const markers = [...text.matchAll(MARKER)].map(([, letter]) => letter).join("");
  if (markers.includes("ab")) yield voteFor(OPTIONS, "it gives options to choose from");
  else if (ONE_OF.test(text)) yield voteFor(ENOUGH, "it gives options to choose from");
}

const NUMBER = /\d+(?:[.,:]\d+)*/g;
/** `24/7`, `2-3` and `2024-05-01` are no sums: a minus and a slash stand between spaces. */
const SUM = /(\d+(?:[.,]\d+)*)\s*\)?(?:\s*[+*×÷·^]\s*| [-/−] )\(?\s*(\d+(?:[.,]\d+)*)/g;
/** `3x + 5`, `+ y =`, `= 2x - 1`, `x^2`; `--depth=5`, `gpt-4` and `covid-19` are none. */
const EQUATIONS = [
  /(?<![\p{L}\d])\d+[a-z] ?[-+*/^] ?\d/u,
  /[\da-z)]\s*[-+*/^]\s*\d*[a-z]?\s*=/,
  /=\s*(?:\d+[a-z]?|[a-z])\s*[-+*/^]\s*[\da-z(]/,
  /(?<!\p{L})[a-z]\^\d/u,
];
const SEQUENCE = /\d+(?:\s*[,，、]\s*\d+){2,}/;
const IN_THE_HEAD_MAX = 20;
/** `o t t f f s s` */
const LETTERS = /(?:(?<!\p{L})\p{L}[ ,]+){4,}/u;
/** `9 is to 3 as 49 is to`. */
const PROPORTION = /(?<!\p{L})is to .{1,30} as .{1,30} is to/u;
/** `Tim beats Sam and Sam beats Lou`. */
const CHAIN = /(?<!\p{L})(\p{L}+) (\p{L}+) (\p{L}+)(?!\p{L}).{1,10}(?<!\p{L})\3 \2 \p{L}/u;
/** `..., so is Lea in the choir?`, asked of nobody. */
const follows = (): RegExp =>
  new RegExp(
    String.raw`[,.;]\s*(?:so |then |and )?(?:${words("copula").source}) ` +
      String.raw`(?!(?:i|you|we|there|it possible) )[^.,;?!]+\??$`,
    "u",
  );
const THAN = /\p{L}+er than|(?:plus|mas|mais|piu) \p{L}+ (?:que|di)|\p{L}+er als/gu;

function* numbersOf(text: string): Generator<Sign> {
  const sums = [...text.matchAll(SUM)];
  const operands = sums.flatMap(([, a, b]) => [Number(a), Number(b)]);
  // GT7.
  const inTheHead = sums.length === 1 && operands.every((each) => each <= IN_THE_HEAD_MAX);
  const numbers = text.match(NUMBER)?.length ?? 0;
  if (sums.length > 0 && !inTheHead) yield voteFor(STRONG, "there is a sum to do");
  if (EQUATIONS.some((each) => each.test(text))) yield voteFor(0.6, "there is an equation");
  if (SEQUENCE.test(text)) yield voteFor(0.5, "there is a sequence of numbers");
  // However many they are, they may be those of a log.
  const many = Math.min(0.9, 0.5 + (numbers - 2) / 5);
  if (numbers >= 2 && !inTheHead) yield voteFor(many, "it gives numbers to work with");
  else if (numbers === 1) yield voteFor(0.4, "it gives a number to work with");
  if (/\d\s?%/.test(text)) yield voteFor(0.5, "there is a percentage");
  if (LETTERS.test(text)) yield voteFor(0.5, "there is a sequence of letters");
  if (timesIn(text, "numerals") >= 2) yield voteFor(0.4, "it gives numbers to work with");
  if (PROPORTION.test(text)) yield voteFor(STRONG, "there is a proportion to complete");
  if (CHAIN.test(text) || (text.match(THAN)?.length ?? 0) >= 2)
    yield voteFor(STRONG, "it gives an order to reason about");
}

const PREMISES_MIN = 2;
const TERM = /\p{L}{4,}/gu;

/** Of premises that are of all, or of none, something follows or does not. */
function* conclusionsOf(text: string): Generator<Sign> {
  const quantified = timesIn(text, "quantified");
  const asked = quantified === 0 ? null : follows().exec(text);
  if (asked === null) return;
  // It is about what they are about.
  const before = text.slice(0, asked.index);
  if (!(asked[0].match(TERM) ?? []).some((term) => before.includes(term))) return;
  const premises = Math.max(quantified, (text.match(/[^,.;]+[,.;]/g) ?? []).length);
  if (premises >= PREMISES_MIN) yield voteFor(ENOUGH, "something follows, or does not");
}

const LONG_CHARS = 400;
const ITEM = /^\s*(?:[-*•]|\d+[.)])\s/gm;

function* lengthOf(text: string): Generator<Sign> {
  if ((text.match(/[?？؟]/g)?.length ?? 0) >= 3) yield discussFor(0.5, "it asks several things");
  if ((text.match(ITEM)?.length ?? 0) >= 3) yield discussFor(0.4, "it lists conditions");
  if (text.length > LONG_CHARS) yield discussFor(0.3, "it is long");
}

const voteFor = (weight: number, says: string): Sign => ({ speaksFor: "vote", weight, says });
const discussFor = (weight: number, says: string): Sign => ({ speaksFor: "discuss", weight, says });

type Meaning = keyof typeof GATE_WORDS;

const SIGNS: readonly (readonly [Meaning, Sign])[] = [
  ["verdict", voteFor(STRONG, "it asks for a verdict")],
  ["quantity", voteFor(0.6, "it asks for a number")],
  ["calculate", voteFor(0.7, "something is to be calculated")],
  ["mathematics", voteFor(0.6, "it is about mathematics")],
  ["numerals", voteFor(0.5, "it gives numbers to work with")],
  ["letters", voteFor(0.5, "letters are to be counted")],
  ["oneOfThese", voteFor(STRONG, "one of several is right")],
  ["extract", voteFor(STRONG, "something is to be extracted")],
  ["source", voteFor(0.7, "it asks for what stands in a text")],
  ["fetch", voteFor(0.4, "something is to be found")],
  ["classify", voteFor(STRONG, "something is to be classified")],
  ["decide", discussFor(STRONG, "it is about a decision")],
  ["opinion", discussFor(STRONG, "it asks what others think")],
  ["ours", discussFor(0.5, "it is about several people")],
  ["conditional", discussFor(0.5, "it is about what could be")],
  ["manner", discussFor(0.7, "it asks for a good way")],
  ["reasons", discussFor(0.4, "it asks for reasons")],
  ["devise", discussFor(STRONG, "something is to be planned or designed")],
  ["compare", discussFor(STRONG, "things are to be compared")],
  ["improve", discussFor(STRONG, "it asks for a way among many")],
  ["hesitates", discussFor(STRONG, "somebody does not know what to do")],
  ["contradict", discussFor(STRONG, "somebody wants to be contradicted")],
  ["inPlace", discussFor(ENOUGH, "it asks what others would do")],
  ["inOrder", voteFor(0.7, "there is an order to find")],
  ["whichIsMore", voteFor(0.4, "one of several is more than the others")],
  ["count", voteFor(0.5, "something is to be counted")],
];

const LOOK_UP_CHARS = 80;
const OF_MANY: ReadonlySet<Meaning> = new Set(["devise", "compare", "manner", "inPlace"]);

function* wordsOf(text: string): Generator<Sign> {
  // `What is a roadmap?` asks for no roadmap, and `how do I compare strings` for no comparison.
  const looksUp = text.length <= LOOK_UP_CHARS && words("lookUp").exec(text)?.index === 0;
  for (const [meaning, sign] of SIGNS) {
    if (words(meaning).test(text) && !(looksUp && OF_MANY.has(meaning))) yield sign;
  }
}

/** Of what is told; one alone says little. */
const SITUATION: readonly (readonly [Meaning, Sign])[] = [
  ["people", discussFor(0.4, "it touches other people")],
  ["stakes", discussFor(0.4, "it is not easily undone")],
  ["wish", discussFor(0.4, "somebody wants something")],
  ["contrast", discussFor(0.2, "something speaks against it")],
];

/** GT9. */
function* situationOf(text: string): Generator<Sign> {
  if (endsInIdeas(text)) yield discussFor(ENOUGH, "it asks for ideas");
  if (OR_FIRST.test(text) && !words("asks").test(text))
    yield discussFor(ENOUGH, "two ways are held against each other");
  yield* SITUATION.filter(([meaning]) => words(meaning).test(text)).map(([, sign]) => sign);
  if (timesIn(text, "wish") >= 2) yield discussFor(0.4, "several want something");
}

/** `... ideas?` */
const endsInIdeas = (text: string): boolean =>
  words("ideas").test(text) && new RegExp(String.raw`(?:${words("ideas").source})\s*[?!.…。？！]*$`, "u").test(text);
/** `Train or car to Vienna`: of two things before anything else is said. */
const OR_FIRST = /^\p{L}+ (?:or|oder|eller|lub|или|veya) \p{L}+(?!\p{L}|\s*:)|^\p{Script=Han}{1,6}还是/u;

/** Scripts that put no spaces between words, and one that hangs its particles on them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** All words of a meaning as one expression over folded text. */
function expression(listed: string): RegExp {
  const entries = listed
    .split(/[|\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const spaced = entries.filter((word) => !UNSPACED.test(word)).map(folded);
  const unspaced = entries.filter((word) => UNSPACED.test(word)).map(folded);
  const whole = spaced.map((word) => {
    const written = word.replaceAll(" ", String.raw`\s+`).replaceAll("?", String.raw`\?`);
    return written.endsWith("*") ? written.slice(0, -1) : String.raw`${written}(?!\p{L})`;
  });
  return new RegExp([String.raw`(?<!\p{L})(?:${whole.join("|")})`, ...unspaced].join("|"), "u");
}

/** A node that starts asks for none of them, and to compile them all takes a twentieth of a second. */
const compiled = new Map<Meaning, RegExp>();

/** An expression is made anew only for a text that has such a word. */
const timesIn = (text: string, meaning: Meaning): number =>
  words(meaning).test(text) ? (text.match(new RegExp(words(meaning).source, "gu"))?.length ?? 0) : 0;

function words(meaning: Meaning): RegExp {
  const known = compiled.get(meaning) ?? expression(GATE_WORDS[meaning]);
  compiled.set(meaning, known);
  return known;
}
