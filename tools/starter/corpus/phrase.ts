/**
 * Turns a template into a sentence, and a sentence into what a person in a hurry would type.
 *
 * A template holds `{slots}` to fill and `[one|another]` to choose from; a choice may hold slots, not further choices.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";

/** Which side of the wall an example is on: what is held out is never trained on. */
export type Split = "train" | "heldOut";

/** Templates of both sides stand side by side, so that a reader sees what the score is about. */
export interface Phrasings {
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
}

export type Slots = Readonly<Record<string, string>>;

const CHOICE = /\[([^\][]*\|[^\][]*)\]/;

/** Every template that a template with choices stands for. */
export function expansions(template: string): string[] {
  const choices = CHOICE.exec(template)?.[1]?.split("|");
  return choices === undefined ? [template] : choices.flatMap((one) => expansions(template.replace(CHOICE, one)));
}

/** What is left of a question when capitals, marks and spaces are taken away. */
export const normalised = (question: string): string =>
  question
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+\-*/]+/gu, " ")
    .trim();

export function phrase(chance: Chance, template: string, slots: Slots = {}): string {
  const chosen = chance.pick(expansions(template));
  const filled = chosen.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const value = slots[slot];
    if (value === undefined) throw new RangeError(`no value for {${slot}} in "${template}"`);
    return value;
  });
  return filled.replace(/ {2,}/g, " ").trim();
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const OPENINGS = (
  "Please: |Hi, |Hello! |Hey, |OK, |So, |Question: |A question: |Well, |My question is: |Tell me: |One more thing: |" +
  "I would like to know: |Sorry, |Dear queen, |Rbee, |Hmm, |Now, |Next question: |Can you help me? "
).split("|");
const CLOSINGS =
  " Thanks.| Please.| I am curious.| Be brief.| Thank you!| Please answer.| I need to know.| Just asking.".split("|");

/** Leaves most sentences alone; the others lose a capital, a full stop or a letter, or gain a word of politeness. */
export function casually(chance: Chance, sentence: string): string {
  let said = sentence;
  if (chance.next() < 0.08) said = chance.pick(OPENINGS) + said.charAt(0).toLowerCase() + said.slice(1);
  if (chance.next() < 0.06) said = said.replace(/(?<![.?!])$/, ".") + chance.pick(CLOSINGS);
  const roll = chance.next();
  if (roll < 0.14) said = said.toLowerCase();
  else if (roll < 0.24) said = said.charAt(0).toLowerCase() + said.slice(1);
  if (chance.next() < 0.22) said = said.replace(/[.?!]$/, "");
  if (chance.next() < 0.03) said = misspelt(chance, said);
  return said;
}

/** Swaps two letters inside one long word. */
function misspelt(chance: Chance, sentence: string): string {
  const words = sentence.split(" ");
  const long = words.flatMap((word, index) => (/^[a-z]{5,}$/.test(word) ? [index] : []));
  if (long.length === 0) return sentence;
  const index = chance.pick(long);
  const word = words[index] ?? "";
  const at = chance.integer(1, word.length - 3);
  words[index] = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  return words.join(" ");
}

const ONSETS = (
  "b c d f g h j k l m n p qu r s t v w y z bl br ch cl cr dr fl fr gl gr kn pl pr sc sh sk sl sm sn sp st str sw th " +
  "tr tw wh"
).split(" ");
const VOWELS = "a e i o u a e i o ai au ea ee ie oa oo ou y".split(" ");
const CODAS = ["", "", "", ..."n r l s t m ck ng nt rd st sh x p d b g ght rk ll er ing".split(" ")];

/** A word that means nothing, so that copying and not-knowing are learnt as such and not by heart. */
export function inventedWord(chance: Chance): string {
  const syllable = (): string => chance.pick(ONSETS) + chance.pick(VOWELS) + chance.pick(CODAS);
  return Array.from({ length: chance.integer(1, 3) }, syllable).join("");
}
