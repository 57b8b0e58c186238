/**
 * What a team is asked: an open question about a topic, or one that has a right answer.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { aboutExample, itselfExample } from "./about.ts";
import { choice } from "./choices.ts";
import type { Maker } from "./example.ts";
import { farExample } from "./far.ts";
import { casually, type Split } from "./phrase.ts";
import { beyondExample, minusExample, plusExample } from "./sums.ts";
import { openQuestion, topic } from "./topics.ts";
import { wordExample } from "./words.ts";

export interface Subject {
  readonly question: string;
  /** What an open question is about. */
  readonly topic: string;
  /** Of a decision between ways, the one that is named first, as it follows "we could". */
  readonly way?: string;
  /** The one right answer; nothing of an open question. */
  readonly truth?: string;
  /** What somebody may say who is wrong. */
  readonly mistake?: string;
  /** The truth in the fewest words. */
  readonly short?: string;
}

const CHOICE_SHARE = 0.5;

export function openSubject(chance: Chance, split: Split): Subject {
  if (chance.next() < CHOICE_SHARE) return choiceSubject(chance, split);
  const about = topic(chance, split);
  return { question: casually(chance, openQuestion(chance, split, about)), topic: about };
}

function choiceSubject(chance: Chance, split: Split): Subject {
  const { question, ways, first } = choice(chance, split);
  return { question, topic: `whether to ${ways}`, way: first };
}

const CLOSED: readonly Maker[] = [
  ...Array.from({ length: 5 }, () => plusExample),
  ...Array.from({ length: 4 }, () => minusExample),
  ...Array.from({ length: 3 }, () => wordExample),
  ...Array.from({ length: 2 }, () => farExample),
  beyondExample,
  aboutExample,
  itselfExample,
];
const STEPS_OFF = [1, 2, 3, 10] as const;

export function closedSubject(chance: Chance, split: Split): Subject {
  const { question, answer } = chance.pick(CLOSED)(chance, split);
  const [whole, lead = "", digits = ""] = /^(.* is )(-?\d+)\.$/.exec(answer) ?? [];
  if (whole === undefined) return { question, topic: "", truth: answer, short: firstSentence(answer) };
  const right = Number(digits);
  const off = chance.pick(STEPS_OFF);
  const mistake = `${lead}${chance.next() < 0.5 ? right - off : right + off}.`;
  return { question, topic: "", truth: answer, mistake, short: digits };
}

export const firstSentence = (text: string): string => text.replace(/(?<=[.!?]) .*$/s, "");
