/**
 * Questions about rbee as a whole and about the starter itself, each with the one answer it deserves.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { casually, phrase, type Split } from "./phrase.ts";
import { readTexts, type Section } from "./text.ts";

const ITSELF = readTexts("itself").sections;
const RBEE = readTexts("about").sections;

export const itselfExample = (chance: Chance, split: Split): Example => ask(chance, split, "itself", ITSELF);

export const aboutExample = (chance: Chance, split: Split): Example => ask(chance, split, "about rbee", RBEE);

function ask(chance: Chance, split: Split, family: string, subjects: readonly Section[]): Example {
  const subject = chance.pick(subjects);
  return example(family, casually(chance, phrase(chance, chance.pick(subject[split]))), subject.answer);
}
