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
  const read = pieces.map(({ id, text, vector }) => ({ id, vector, its: wordsOf(text) }));
  const lexicon = new Lexicon(read.map(({ its }) => its));
  const asked = wordsOf(question.text);
  const askedWeight = lexicon.weightOf(asked);
  return read
    .flatMap(({ id, vector, its }): readonly Hit[] => {
      const cosine = cosineOf(question.vector, vector) ?? 0;
      // Of the one that says less, how much stands in the other.
      const least = Math.min(askedWeight, lexicon.weightOf(its));
      const words = least === 0 ? 0 : lexicon.weightOf([...asked].filter((word) => its.has(word))) / least;
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
  let [dot, ones, others] = [0, 0, 0];
  for (const [index, value] of one.values.entries()) {
    const against = other.values[index] ?? 0;
    dot += value * against;
    ones += value * value;
    others += against * against;
  }
  const lengths = Math.sqrt(ones * others);
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

/** In whole numbers, so that a sum of them is the same in any order. */
const WEIGHT_UNIT = 1_000;

/** RV4. How much each word says, over all texts. */
class Lexicon {
  readonly #counts = new Map<string, number>();
  readonly #weights = new Map<string, number>();
  readonly #rarest: number;

  constructor(texts: readonly ReadonlySet<string>[]) {
    for (const words of texts) {
      for (const word of words) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
    const weightOf = (count: number): number => Math.round(WEIGHT_UNIT * Math.log(1 + texts.length / count));
    for (const [word, count] of this.#counts) this.#weights.set(word, weightOf(count));
    this.#rarest = weightOf(1);
  }

  weightOf(words: Iterable<string>): number {
    let sum = 0;
    for (const word of words) sum += this.#weights.get(word) ?? this.#rarest;
    return sum;
  }
}
