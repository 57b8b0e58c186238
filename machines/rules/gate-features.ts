/**
 * What the gate sees in a request: its shape, its words, and what they mean in whatever language.
 *
 * Owns: which features a text has, and what each shows of it. Does not own: what a feature weighs (gate-weights.json),
 * or what follows from all of them (gate.ts).
 *
 *  GF1 At most so many characters are looked at, however long a request is.
 *  GF2 Case, accents, the width of letters and the spaces around a request change nothing.
 *  GF3 Quoted and fenced text, and what a request to transform is given, is material: none of its words is a feature.
 *
 * @module
 */
import { GATE_WORDS } from "./gate-words.ts";

/** By its name, what a person is shown of it: the words themselves, a sentence, or nothing. */
export type Features = ReadonlyMap<string, string>;

/** Begins the name of what is a sign and no word: nothing that is folded has capitals. */
const SHAPE = "SHAPE ";
const MEANING = "MEANING ";

export const isShape = (name: string): boolean => name.startsWith(SHAPE);
export const isSign = (name: string): boolean => isShape(name) || name.startsWith(MEANING);

/** What is asked for stands at the beginning or at the end of a long text; what lies between is what it is about. */
const HEAD_CHARS = 600;
const TAIL_CHARS = 300;

/** GF1. */
const ends = (request: string): string =>
  request.length <= HEAD_CHARS + TAIL_CHARS
    ? request
    : `${request.slice(0, HEAD_CHARS)}\n${request.slice(request.length - TAIL_CHARS)}`;

/** Letters that have no mark to take off, and are typed without it all the same. */
const PLAIN: Readonly<Record<string, string>> = { ł: "l", ø: "o", ß: "ss", ı: "i", æ: "ae", đ: "d", ة: "ه", ى: "ي" };

/** GF2. The marks of kana make other sounds of them, and stay. */
const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/(?![\u3099\u309a])\p{M}/gu, "")
    .normalize("NFC")
    .replaceAll("’", "'")
    .replaceAll(/[łøßıæđةى]/g, (letter) => PLAIN[letter] ?? letter)
    .trim();

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const TOKEN = /\p{L}+(?:['-]\p{L}+)*|\d+(?:[.,:]\d+)*|[^\s\p{L}\d]|\n/gu;
const ENDS_SENTENCE = /^[.?!;\n。？！؟]$/;
const WORD = /^[\p{L}#]/u;

interface Token {
  /** A number is any number. */
  readonly word: string;
  readonly at: number;
}

const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(TOKEN)].map(({ 0: word, index: at }) => ({ word: /^\d/.test(word) ? "#" : bare(word), at }));

/** What Arabic writes before a word and with it. */
const bare = (word: string): string =>
  /^\p{Script=Arabic}/u.test(word) && word.length > 4 ? word.replace(/^[وف]?(?:ال|لل|بال|كال)?(?=...)/u, "") : word;

export function featuresOf(request: string): Features {
  const whole = folded(ends(request));
  const text = ownWords(whole);
  const tokens = tokensOf(text);
  const found = new Map<string, string>();
  const add = (name: string, shows: string): void => {
    if (!found.has(name)) found.set(name, shows);
  };
  for (const { name, shows } of [...shapesOf(text), ...materialOf(whole, text)]) add(SHAPE + name, shows);
  meaningsOf(text, tokens, add);
  wordsOf(tokens, add);
  runsOf(tokens, add);
  return found;
}
type Add = (name: string, shows: string) => void;

const FENCED = /```[\s\S]*?(?:```|$)/g;
const QUOTED = /["“„«「『][^"”“»」』\n]*["”“»」』]/g;
/** A word or two in quotes is what the request is about; a sentence is something it is given. */
const QUOTED_CHARS = 26;
/** What is to be done to a text, or written, is said in the first words. */
const OPENING_CHARS = 28;

/** GF3. */
function ownWords(text: string): string {
  const own = text
    .replaceAll(FENCED, " ")
    .replaceAll(QUOTED, (quoted) => (quoted.length > QUOTED_CHARS ? " " : quoted));
  const found = meaningsIn(own.slice(0, 2 * OPENING_CHARS), tokensOf(own.slice(0, 2 * OPENING_CHARS)));
  const first = (meaning: Meaning): Occurrence | undefined =>
    found.find((each) => each.meaning === meaning && each.at <= OPENING_CHARS);
  const verb = first("transform");
  // After `should we translate` comes no text.
  if (verb !== undefined && !found.some(({ meaning, at }) => meaning === "decide" && at < verb.at))
    return own.slice(0, verb.at + verb.length);
  return first("write") === undefined ? own : (own.split(/[:\n]/, 1)[0] ?? own);
}

interface Sign {
  readonly name: string;
  readonly shows: string;
}
const told = (says: string): Sign => ({ name: says, shows: says });
/** It counts, and would be no reason to a person. */
const untold = (name: string): Sign => ({ name, shows: "" });

function* materialOf(whole: string, text: string): Generator<Sign> {
  if (whole.includes("```") || /[{};]\s*$/m.test(whole) || /\w\(.*\)/.test(whole)) yield told("it has code in it");
  if (whole.includes("\n")) yield untold("it has several lines");
  if (/:\s/.test(whole)) yield untold("something follows a colon");
  if (/["“„«「]/.test(whole)) yield told("something is quoted");
  if (/:\s*$|:\s*\n/.test(whole)) yield untold("a line ends in a colon");
  if (whole.length > text.length + 5) yield told("it gives a text to work on");
}

const MARKER = /(?<![\p{L}\p{N}])\(?([a-j])\s?[).:、]\s?(?=\S)/gu;
/** `24/7`, `2-3` and `2024-05-01` are no sums: a minus and a slash stand between spaces. */
const SUM = /(\d+(?:[.,]\d+)*)\s*\)?(?:\s*[+*×÷·^]\s*| [-/−] )\(?\s*(\d+(?:[.,]\d+)*)/g;
const IN_THE_HEAD_MAX = 20;
const NUMBER = /\d+(?:[.,:]\d+)*/g;
const THAN = /er than(?!\p{L})|(?<!\p{L})(?:plus|mas|mais|piu) \p{L}+ (?:que|di)(?!\p{L})|er als(?!\p{L})/gu;

const SHAPES: readonly (readonly [says: string, is: RegExp])[] = [
  // `east, south, west or north?`
  [
    "it gives a few words to choose from",
    /(?<!\p{L})\p{L}+(?:, \p{L}+)+,? (?:or|ou|oder|o|of|eller|lub|или|veya) \p{L}+ ?\?/u,
  ],
  // `3x + 5`, `+ y =`, `= 2x - 1`, `x^2`; `--depth=5`, `gpt-4` and `covid-19` are none.
  ["there is an equation", /(?<![\p{L}\d])\d+[a-z] ?[-+*/^] ?\d|[\da-z)]\s*[-+*/^]\s*\d*[a-z]?\s*=/u],
  ["there is an equation", /=\s*(?:\d+[a-z]?|[a-z])\s*[-+*/^]\s*[\da-z(]|(?<!\p{L})[a-z]\^\d/u],
  ["there is a sequence of numbers", /\d+(?:\s*[,，、]\s*\d+){2,}/],
  ["there is a percentage", /\d\s?%/],
  // `o t t f f s s`
  ["there is a sequence of letters", /(?:(?<!\p{L})\p{L}[ ,]+){4,}/u],
  ["there is a proportion to complete", /(?<!\p{L})is to .{1,30} as .{1,30} is to/u],
  // `Tim beats Sam and Sam beats Lou`.
  ["it gives an order to reason about", /(?<!\p{L})(\p{L}+) (\p{L}+) (\p{L}+)(?!\p{L}).{1,10}(?<!\p{L})\3 \2 \p{L}/u],
  // `Train or car to Vienna`: of two things before anything else is said.
  [
    "two ways are held against each other",
    /^\p{L}+ (?:or|oder|eller|lub|или|veya) \p{L}+(?!\p{L}|\s*:)|^\p{Script=Han}{1,6}还是/u,
  ],
];

const LENGTHS = [15, 30, 50, 80, 120, 180, 260, 400, 600];
const SENTENCES = [2, 3, 4, 5];
const NUMBERS = [1, 2, 3, 4, 6, 9];

function* shapesOf(text: string): Generator<Sign> {
  const sums = [...text.matchAll(SUM)];
  const inTheHead = sums.length === 1 && sums.every(([, a, b]) => Math.max(Number(a), Number(b)) <= IN_THE_HEAD_MAX);
  if (sums.length > 0) yield told(inTheHead ? "there is a sum that is done in the head" : "there is a sum to do");
  const markers = [...text.matchAll(MARKER)].map(([, letter]) => letter).join("");
  if (markers.includes("ab")) yield told("it gives options to choose from");
  if ((text.match(THAN)?.length ?? 0) >= 2) yield told("it compares more than once");
  yield* SHAPES.filter(([, is]) => is.test(text)).map(([says]) => told(says));
  yield* numbersOf(text.match(NUMBER) ?? []);
  if (/[?？؟]\s*$/.test(text)) yield untold("it ends in a question mark");
  const sentences = text.split(/[.?!;\n。？！؟]+/).filter((each) => /[\p{L}\d]/u.test(each)).length;
  yield* LENGTHS.filter((most) => text.length > most).map((most) => untold(`it is longer than ${most} characters`));
  yield* SENTENCES.filter((least) => sentences >= least).map((least) => untold(`it has ${least} sentences or more`));
}

function* numbersOf(numbers: readonly string[]): Generator<Sign> {
  const shows = "it gives numbers to work with";
  for (const least of NUMBERS) if (numbers.length >= least) yield { name: `it gives ${least} numbers or more`, shows };
  if (numbers.some((each) => each.length >= 3)) yield { name: "it gives a long number", shows };
  if (numbers.some((each) => each.includes(":"))) yield told("it gives a time of day");
  if (numbers.some((each) => /[.,]/.test(each))) yield { name: "it gives a number with a point in it", shows };
}

type Meaning = keyof typeof GATE_WORDS;
interface Occurrence {
  readonly meaning: Meaning;
  readonly at: number;
  readonly length: number;
}

interface Dictionary {
  /** Whole words, some of them several, and beginnings of words. */
  readonly words: ReadonlyMap<string, readonly Meaning[]>;
  readonly beginnings: ReadonlyMap<string, readonly Meaning[]>;
  /** What longer entries begin with: nothing else is worth reading on for. */
  readonly unfinished: ReadonlySet<string>;
  /** Of scripts without spaces, found anywhere. */
  readonly unspaced: ReadonlyMap<string, readonly Meaning[]>;
}

/** A node that starts asks for nothing. */
let dictionary: Dictionary | undefined;

function makeDictionary(): Dictionary {
  const words = new Map<string, Meaning[]>();
  const beginnings = new Map<string, Meaning[]>();
  const unspaced = new Map<string, Meaning[]>();
  const unfinished = new Set<string>();
  for (const [meaning, listed] of Object.entries(GATE_WORDS) as [Meaning, string][]) {
    for (const entry of folded(listed).split(/\s*[|\n]\s*/)) {
      const isBeginning = entry.endsWith("*");
      const text = isBeginning ? entry.slice(0, -1) : entry;
      const isUnspaced = UNSPACED.test(text);
      const parts = isUnspaced ? text.split("") : tokensOf(text).map(({ word }) => word);
      const between = isUnspaced ? "" : " ";
      for (let n = 1; n < parts.length; n += 1) unfinished.add(parts.slice(0, n).join(between));
      const into = isUnspaced ? unspaced : isBeginning ? beginnings : words;
      const key = parts.join(between);
      into.set(key, [...(into.get(key) ?? []), meaning]);
    }
  }
  return { words, beginnings, unspaced, unfinished };
}

const PHRASE_MAX = 6;
const UNSPACED_MAX = 9;
const BEGINNING_MIN = 2;
/** No beginning of a word that is listed is longer. */
const BEGINNING_MAX = 16;

function meaningsIn(text: string, tokens: readonly Token[]): readonly Occurrence[] {
  const known = (dictionary ??= makeDictionary());
  const found: Occurrence[] = [];
  const take = (meanings: readonly Meaning[] | undefined, at: number, length: number): void => {
    for (const meaning of meanings ?? []) found.push({ meaning, at, length });
  };
  for (const [index, { word: first, at }] of tokens.entries()) {
    let phrase = first;
    for (let n = 1; n <= PHRASE_MAX; n += 1) {
      const last = tokens[index + n - 1];
      if (last === undefined) break;
      if (n > 1) phrase += ` ${last.word}`;
      const length = last.at + last.word.length - at;
      take(known.words.get(phrase), at, length);
      const before = phrase.length - last.word.length;
      const longest = before + Math.min(BEGINNING_MAX, last.word.length);
      for (let end = before + BEGINNING_MIN; end <= longest; end += 1)
        take(known.beginnings.get(phrase.slice(0, end)), at, length);
      if (!known.unfinished.has(phrase)) break;
    }
    if (!UNSPACED.test(first)) continue;
    for (let from = at; from < at + first.length; from += 1) {
      for (let n = 1; n <= UNSPACED_MAX; n += 1) {
        const run = text.slice(from, from + n);
        take(known.unspaced.get(run), from, n);
        if (!known.unfinished.has(run)) break;
      }
    }
  }
  return found;
}

/** Where a request begins and where it ends weighs more than what stands between. */
function meaningsOf(text: string, tokens: readonly Token[], add: Add): void {
  const stops = tokens.filter(({ word }, index) => ENDS_SENTENCE.test(word) && index < tokens.length - 1);
  const lastFrom = stops.at(-1)?.at ?? 0;
  const seen = new Map<Meaning, string>();
  for (const { meaning, at, length } of meaningsIn(text, tokens)) {
    const shows = text.slice(at, at + length);
    const before = seen.get(meaning);
    add(`${MEANING}${meaning}`, shows);
    if (at === 0) add(`${MEANING}${meaning} first`, shows);
    if (lastFrom > 0 && at > lastFrom) add(`${MEANING}${meaning} last`, shows);
    if (before !== undefined && before !== shows) add(`${MEANING}${meaning} twice`, shows);
    seen.set(meaning, shows);
  }
}

const BEGINNINGS = [4, 5];

function wordsOf(tokens: readonly Token[], add: Add): void {
  const spaced = tokens.filter(({ word }) => !UNSPACED.test(word)).map(({ word }) => word);
  for (const [index, word] of spaced.entries()) {
    const before = spaced[index - 1];
    add(word, word);
    if (before !== undefined) add(`${before} ${word}`, `${before} ${word}`);
    for (const n of BEGINNINGS) if (word.length > n) add(`${word.slice(0, n)}*`, word);
  }
  const [first, ...rest] = sentencesOf(tokens);
  if (first === undefined) return;
  for (let n = 1; n <= Math.min(2, first.length); n += 1)
    add(`^${first.slice(0, n).join(" ")}`, first.slice(0, n).join(" "));
  const last = rest.at(-1) ?? first;
  for (let n = 1; n <= Math.min(2, last.length); n += 1) {
    add(`${last.slice(-n).join(" ")}$`, last.slice(-n).join(" "));
    if (last !== first) add(`^^${last.slice(0, n).join(" ")}`, last.slice(0, n).join(" "));
  }
}

function sentencesOf(tokens: readonly Token[]): readonly (readonly string[])[] {
  const sentences: string[][] = [[]];
  for (const { word } of tokens) {
    if (ENDS_SENTENCE.test(word)) sentences.push([]);
    else if (WORD.test(word)) sentences.at(-1)?.push(word);
  }
  return sentences.filter(({ length }) => length > 0);
}

/** Of scripts without spaces, any two letters. */
function runsOf(tokens: readonly Token[], add: Add): void {
  for (const { word } of tokens) {
    for (let from = 0; from + 2 <= word.length; from += 1) {
      const run = word.slice(from, from + 2);
      if (UNSPACED.test(run)) add(run, run);
    }
  }
}
