/**
 * Small sums: plus and minus of whole numbers up to 20, and an honest no to anything beyond.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { casually, phrase, type Split } from "./phrase.ts";
import { readTexts } from "./text.ts";

const LARGEST = 20;
const IN_WORDS_SHARE = 0.1;
const NUMBER_WORDS = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
  "eighteen nineteen twenty"
).split(" ");

const QUESTIONS = readTexts("sums");
const BEYOND = QUESTIONS.section("beyond");

export const plusExample = (chance: Chance, split: Split): Example => sum(chance, split, "plus", (a, b) => a + b);

export const minusExample = (chance: Chance, split: Split): Example => sum(chance, split, "minus", (a, b) => a - b);

function sum(chance: Chance, split: Split, name: string, result: (a: number, b: number) => number): Example {
  const a = chance.integer(0, LARGEST);
  const b = chance.integer(0, LARGEST);
  const inWords = chance.next() < IN_WORDS_SHARE;
  const write = (number: number): string => (inWords ? (NUMBER_WORDS[number] ?? "") : String(number));
  const template = chance.pick(QUESTIONS.section(name)[split]);
  const question = phrase(chance, template, { a: write(a), b: write(b) });
  return example(name, casually(chance, question), `${a} ${name} ${b} is ${result(a, b)}.`);
}

export function beyondExample(chance: Chance, split: Split): Example {
  const small = (): string => String(chance.integer(2, LARGEST));
  const large = (): string => String(chance.integer(LARGEST + 1, chance.pick([99, 999, 99_999])));
  const slots = { a: small(), b: small(), x: large(), y: large() };
  return example("larger sums", casually(chance, phrase(chance, chance.pick(BEYOND[split]), slots)), BEYOND.answer);
}
