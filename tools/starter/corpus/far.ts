/**
 * Questions far outside what the starter knows. The one right answer is to say so.
 *
 * The subjects are many and odd on purpose, and some are words that do not exist: what has to be learnt is not a list
 * of subjects to refuse but that anything unlike rbee's own words is to be refused.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { capital, casually, inventedWord, phrase, type Split } from "./phrase.ts";
import { readTexts } from "./text.ts";
import { wordQuestion } from "./words.ts";

const TEXTS = readTexts("far");
const LOOSE = TEXTS.section("loose");
const KINDS = ["place", "person", "thing", "event", "task"] as const;

export function farExample(chance: Chance, split: Split): Example {
  return example("far questions", casually(chance, farQuestion(chance, split)), LOOSE.answer);
}

function farQuestion(chance: Chance, split: Split): string {
  const roll = chance.next();
  if (roll < 0.1) return phrase(chance, chance.pick(LOOSE[split]));
  if (roll < 0.28) return unknownWord(chance, split);
  const kind = chance.pick(KINDS);
  const invented = kind !== "task" && chance.next() < 0.15;
  const subjects = TEXTS.section(`every ${kind}`)[split];
  const x = invented ? capital(inventedWord(chance)) : chance.pick(subjects);
  const slots = { x, X: capital(x), y: chance.pick(subjects) };
  return phrase(chance, chance.pick(TEXTS.section(`questions of a ${kind}`)[split]), slots);
}

/** Asked just as one asks for rbee's own words, about a word that is none of them. */
function unknownWord(chance: Chance, split: Split): string {
  if (chance.next() < 0.45) {
    const word = inventedWord(chance);
    return wordQuestion(chance, split, chance.pick([`a ${word}`, `the ${word}`, word]), word);
  }
  const thing = chance.pick(TEXTS.section("every thing")[split]);
  return wordQuestion(chance, split, thing, thing.replace(/^(?:an?|the) /, ""));
}
