/**
 * What the team talks about: topics put together from parts, and the ideas, risks and checks its members speak of.
 *
 * The parts are many and partly invented, so that a topic has to be copied from the question and cannot be known by
 * heart.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { inventedWord, phrase, type Split } from "./phrase.ts";
import { EVERYDAY_WORDS, readTexts } from "./text.ts";

const TEXTS = readTexts("topics");
const KINDS = TEXTS.section("kinds").train;
export const PURPOSES = TEXTS.section("purposes").train;
const WORK = TEXTS.section("work").train;

/** Each follows "we could" and "I would" alike. */
export const IDEAS = TEXTS.section("ideas").train;
/** Each follows "is that" and "warns that" alike. */
export const RISKS = TEXTS.section("risks").train;
/** Each is a sentence without its full stop. */
export const CHECKS = TEXTS.section("checks").train;

/** A noun phrase such as "a faster cache for two teams" or "moving the archive". */
export function topic(chance: Chance, split: Split): string {
  const thing = odd(chance, TEXTS.section("things")[split]);
  const kind = odd(chance, KINDS);
  const purpose = chance.next() < 0.35 ? ` for ${chance.pick(PURPOSES)}` : "";
  const roll = chance.next();
  if (roll < 0.12) return `${chance.pick(WORK)} the ${thing}${purpose}`;
  if (roll < 0.25) return `${chance.pick(["our", "the", "my"])} ${thing}${purpose}`;
  if (roll < 0.5) return `${articleOf(thing)} ${thing}${purpose}`;
  return `${articleOf(kind)} ${kind} ${thing}${purpose}`;
}

/** One of the usual words or, as often, any word at all. */
function odd(chance: Chance, usual: readonly string[]): string {
  const roll = chance.next();
  if (roll < 0.25) return inventedWord(chance);
  return chance.pick(roll < 0.5 ? EVERYDAY_WORDS : usual);
}

const articleOf = (word: string): string => (/^[aeiou]/i.test(word) ? "an" : "a");

export function openQuestion(chance: Chance, split: Split, about: string): string {
  return phrase(chance, chance.pick(TEXTS.section("open questions")[split]), { t: about });
}
