/**
 * Rbee's own words: what each means, in one or two sentences that are true of the program.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { casually, phrase, type Split } from "./phrase.ts";
import { readTexts } from "./text.ts";

interface Term {
  readonly name: string;
  /** With its article, as one asks for it: "a hive", "the journal", "VRAM". */
  readonly withArticle: string;
  readonly meaning: string;
}

export const TERMS: readonly Term[] = readTexts("terms").sections.map(({ name, answer }) => ({
  name: name.replace(/^(?:an?|the) /, ""),
  withArticle: name,
  meaning: answer,
}));

const QUESTIONS = readTexts("words");
const MEANING = QUESTIONS.section("meaning");
const DIFFERENCE = QUESTIONS.section("difference");

const firstSentence = (text: string): string => text.replace(/(?<=\.) .*$/, "");

export function wordExample(chance: Chance, split: Split): Example {
  const { name, withArticle, meaning } = chance.pick(TERMS);
  return example("words", casually(chance, wordQuestion(chance, split, withArticle, name)), meaning);
}

/** May also be asked about a noun that is none of rbee's; the answer then is that the starter does not know. */
export function wordQuestion(chance: Chance, split: Split, withArticle: string, name: string): string {
  return phrase(chance, chance.pick(MEANING[split]), { a: withArticle, name });
}

export function differenceExample(chance: Chance, split: Split): Example {
  const [one, other] = chance.sample(TERMS, 2);
  if (one === undefined || other === undefined) throw new RangeError("a difference needs two terms");
  const question = phrase(chance, chance.pick(DIFFERENCE[split]), { a: one.withArticle, b: other.withArticle });
  const answer = `${firstSentence(one.meaning)} ${firstSentence(other.meaning)}`;
  return example("differences", casually(chance, question), answer);
}
