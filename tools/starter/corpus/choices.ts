/**
 * Decisions between ways: questions such as "Shall we buy one big machine or two small ones?".
 *
 * The ways are put together from many parts, partly invented and often counted, so that they have to be copied from the
 * question, and so that a number in a question is not yet a sum.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { capital, casually, inventedWord, phrase, type Split } from "./phrase.ts";
import { readTexts } from "./text.ts";
import { PURPOSES, topic } from "./topics.ts";

const TEXTS = readTexts("choices");
const VERBS = TEXTS.section("verbs").train;
const COUNTS = TEXTS.section("counts").train;
const NAMES = TEXTS.section("names").train;
const SECONDS = TEXTS.section("seconds").train;
const NOUNS =
  "machine server card house room car phone desk model disk laptop screen bag boat shop tree team day".split(" ");

const SINGLE_SHARE = 0.25;
const BETWEEN_SHARE = 0.3;
const PURPOSE_SHARE = 0.2;

export interface Choice {
  readonly question: string;
  /** All the ways, as they follow "whether to". */
  readonly ways: string;
  /** The one that is named first, as it follows "we could". */
  readonly first: string;
}

export function choice(chance: Chance, split: Split): Choice {
  const isBetween = chance.next() < BETWEEN_SHARE;
  const lead = isBetween ? "take " : `${chance.pick(VERBS)} `;
  const one = thing(chance, split);
  const ways = one + second(chance, split, isBetween) + purpose(chance);
  const asked = isBetween ? ways : lead + ways;
  const template = chance.pick(TEXTS.section(isBetween ? "between" : "questions")[split]);
  const plain = capital(phrase(chance, template, { t: asked }));
  const said = casually(chance, plain);
  // What is to be copied has to be there.
  const question = said.includes(asked) ? said : plain;
  return { question, ways: lead + ways, first: lead + one };
}

function second(chance: Chance, split: Split, isBetween: boolean): string {
  const roll = chance.next();
  if (isBetween || roll < 0.35) return ` or ${thing(chance, split)}`;
  if (roll < 0.35 + SINGLE_SHARE) return "";
  return ` or ${roll < 0.7 ? chance.pick(SECONDS) : `${chance.pick(VERBS)} ${thing(chance, split)}`}`;
}

const purpose = (chance: Chance): string => (chance.next() < PURPOSE_SHARE ? ` for ${chance.pick(PURPOSES)}` : "");

function thing(chance: Chance, split: Split): string {
  const roll = chance.next();
  if (roll < 0.3) return topic(chance, split);
  if (roll < 0.65) return phrase(chance, chance.pick(COUNTS), { n: noun(chance) });
  if (roll < 0.8) return chance.pick(NAMES);
  return chance.next() < 0.5 ? capital(inventedWord(chance)) : noun(chance);
}

const noun = (chance: Chance): string => (chance.next() < 0.4 ? inventedWord(chance) : chance.pick(NOUNS));

/** Asked of the starter alone, which is no judge of it. */
export function choiceExample(chance: Chance, split: Split): Example {
  return example("choices", choice(chance, split).question, readTexts("far").section("loose").answer);
}
