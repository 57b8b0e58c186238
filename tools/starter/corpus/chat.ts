/**
 * Small talk: greetings, thanks, goodbyes, and a short story about whoever is named.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { capital, casually, inventedWord, phrase, type Split } from "./phrase.ts";
import { EVERYDAY_WORDS, readTexts } from "./text.ts";

const TEXTS = readTexts("chat");
const EXCHANGES = TEXTS.sections.filter(({ answer }) => answer !== "");
const NAMES = TEXTS.section("names");
const THINGS = TEXTS.section("things");
const PLACES = "park market river forest harbour garden bridge tower lake station".split(" ");

export function talkExample(chance: Chance, split: Split): Example {
  const exchange = chance.pick(EXCHANGES);
  const question = phrase(chance, chance.pick(exchange[split]), { name: chance.pick(NAMES[split]) });
  return example("small talk", casually(chance, question), exchange.answer);
}

export function storyExample(chance: Chance, split: Split): Example {
  if (chance.next() < 0.2) {
    const question = phrase(chance, chance.pick(TEXTS.section("any story")[split]));
    return example("stories", casually(chance, question), story("Mina", "lantern"));
  }
  const name = chance.next() < 0.3 ? capital(inventedWord(chance)) : chance.pick(NAMES[split]);
  const thing = chance.next() < 0.4 ? anyWord(chance) : chance.pick(THINGS[split]);
  const question = phrase(chance, chance.pick(TEXTS.section("story")[split]), { name, thing });
  return example("stories", question, story(name, thing), {
    // Any place will do: what is asked for is a story of these two.
    accepts: (given) => PLACES.some((place) => given === story(name, thing, place)),
  });
}

function story(name: string, thing: string, place = PLACES[name.length % PLACES.length] ?? "park"): string {
  return (
    `Once ${name} went to the ${place} with a ${thing}. The wind was strong and the ${thing} was lost. ` +
    `At night ${name} looked for it and found it under a tree. So ${name} was happy and went home.`
  );
}

const anyWord = (chance: Chance): string => (chance.next() < 0.5 ? inventedWord(chance) : chance.pick(EVERYDAY_WORDS));

/** Any words at all, said back: there is no way to know these answers by heart. */
export function repeatExample(chance: Chance, split: Split): Example {
  const words = Array.from({ length: chance.integer(1, 4) }, () => anyWord(chance)).join(" ");
  return example(
    "repeating",
    phrase(chance, chance.pick(TEXTS.section("repeat")[split]), { x: words }),
    `I say ${words}`,
  );
}
