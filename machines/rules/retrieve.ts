/**
 * What of all that is known belongs to a question: by meaning where both have a vector of one model, or by words.
 *
 * Owns: how near a text is to a question, and from where on it is near enough. Does not own: vectors (a model makes
 * them), what is known (the knowledge cell).
 *
 *  RV1 Two vectors are compared only when one model made both. A small model knows little of meanings, so that words
 *      count as well, and the way that finds a text nearer is the one that is told with it.
 *  RV2 Below the floor nothing is found, however few there are; the nearest come first, and where two are as near as
 *      each other, the one that is known for longer.
 *  RV3 It does not depend on the order in which texts are given.
 *  RV4 The fewer texts have a word, the more it says about which of them is meant; words that every language is full of
 *      say nothing.
 *
 * @module
 */
export interface Vector {
  readonly model: string;
  readonly values: readonly number[];
}

export interface Question {
  readonly text: string;
  readonly vector?: Vector | undefined;
}

export interface Piece {
  readonly id: string;
  readonly text: string;
  readonly vector?: Vector | undefined;
}

export interface Hit {
  readonly id: string;
  readonly score: number;
  readonly by: "meaning" | "words";
}

/** Between two texts that have nothing to do with each other, models give about half of it. */
export const MEANING_FLOOR = 0.6;
export const WORDS_FLOOR = 0.4;

/** @returns at most `limit`, the nearest first */
export function retrieved(question: Question, pieces: readonly Piece[], limit: number): readonly Hit[] {
  const lexicon = new Lexicon(pieces.map(({ text }) => text));
  const asked = lexicon.weights(question.text);
  return pieces
    .flatMap((piece): readonly Hit[] => {
      const { id, text } = piece;
      const cosine = cosineOf(question.vector, piece.vector) ?? 0;
      const words = overlap(asked, lexicon.weights(text));
      const isMeant = cosine >= MEANING_FLOOR;
      if (isMeant && cosine >= words) return [{ id, score: cosine, by: "meaning" }];
      if (words >= WORDS_FLOOR) return [{ id, score: words, by: "words" }];
      return isMeant ? [{ id, score: cosine, by: "meaning" }] : [];
    })
    .toSorted((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
    .slice(0, limit);
}

/** RV1. @returns nothing where they cannot be compared */
function cosineOf(one: Vector | undefined, other: Vector | undefined): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (one.model !== other.model || one.values.length !== other.values.length) return undefined;
  const dot = one.values.reduce((sum, value, index) => sum + value * (other.values[index] ?? 0), 0);
  const lengths = Math.hypot(...one.values) * Math.hypot(...other.values);
  return lengths === 0 ? undefined : dot / lengths;
}

const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[\p{L}\p{N}]{3,}/gu;
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Of a word that much says which it is: migrate, migration. */
const STEM_LENGTH = 6;

/** Words of which every text has some: they say nothing about what it is about. */
const COMMON = new Set(
  [
    "about also and any are been but can could did does for from had has have her here him his how into its may more",
    "not our out she should some than that the their them then there these they this was were what when where which",
    "who whom whose why will with would you your",
    "des elle est les leur mais nous par pas pour que quel quelle qui son sont sur une vous",
    "aber als auch auf aus bei das dem den der die ein eine für ich ihr ist mit nicht oder sie sind und von was wie",
    "como con cual del donde ella esta las los más para pero por qué son sus una",
  ].flatMap((line) => line.split(" ")),
);

/** Where words are not spaced each two letters that stand together are one. */
export function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().normalize("NFKC").match(WORD) ?? [];
  return new Set(
    words.flatMap((word) => {
      const letters = Array.from(word);
      if (COMMON.has(word)) return [];
      if (!UNSPACED.test(word)) return [letters.slice(0, STEM_LENGTH).join("")];
      return letters.length === 1 ? letters : letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
    }),
  );
}

/** RV4. How much each word says, over all texts. */
class Lexicon {
  readonly #counts = new Map<string, number>();
  readonly #texts: number;

  constructor(texts: readonly string[]) {
    this.#texts = texts.length;
    for (const text of texts) for (const word of wordsOf(text)) this.#counts.set(word, this.#count(word) + 1);
  }

  weights(text: string): ReadonlyMap<string, number> {
    const weightOf = (word: string): number => Math.log(1 + this.#texts / Math.max(1, this.#count(word)));
    return new Map([...wordsOf(text)].map((word) => [word, weightOf(word)]));
  }

  #count(word: string): number {
    return this.#counts.get(word) ?? 0;
  }
}

type Weights = ReadonlyMap<string, number>;

/** Of the one that says less, how much stands in the other. */
function overlap(one: Weights, other: Weights): number {
  const common = sum([...one].flatMap(([word, weight]) => (other.has(word) ? [weight] : [])));
  const least = Math.min(sum([...one.values()]), sum([...other.values()]));
  return least === 0 ? 0 : common / least;
}

/** In one order whatever order they came in: a sum of fractions depends on it. */
const sum = (weights: readonly number[]): number =>
  weights.toSorted((one, other) => one - other).reduce((total, weight) => total + weight, 0);
