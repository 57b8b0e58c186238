/**
 * What is asked: a file of questions with their answers, or sums.
 *
 *  EQ1 The same seed gives the same sums.
 *  EQ2 A line that is no question is refused by its number, before anything is asked.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { RbeeError } from "../../protocol/errors.ts";

export interface Question {
  readonly question: string;
  readonly answer: string;
}

export const QUESTIONS_MAX = 10_000;
const QUESTION_LENGTH_MAX = 100_000;

/** What else stands there is of no matter. */
const line = z.object({
  question: z.string().trim().min(1).max(QUESTION_LENGTH_MAX),
  answer: z.union([z.string().trim().min(1).max(QUESTION_LENGTH_MAX), z.number().transform(String)]),
});

/** The first so many of a file. EQ2 @throws RbeeError usage.invalid */
export async function questionsIn(file: string, count: number): Promise<readonly Question[]> {
  const questions: Question[] = [];
  let number = 0;
  const input = createReadStream(file, "utf8");
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (text.trim() === "") continue;
      questions.push(questionOf(text, `${file}:${number}`));
      if (questions.length >= count) break;
    }
  } catch (thrown) {
    throw thrown instanceof RbeeError
      ? thrown
      : new RbeeError("usage.invalid", `${file} cannot be read: ${wordsOf(thrown)}`);
  } finally {
    input.destroy();
  }
  if (questions.length === 0) throw new RbeeError("usage.invalid", `${file} has no question`);
  return questions;
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function questionOf(text: string, where: string): Question {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RbeeError("usage.invalid", `${where} is no JSON; expected {"question": "...", "answer": "..."}`);
  }
  const parsed = line.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RbeeError("usage.invalid", `${where} has no question with an answer: {"question": "...", "answer": "..."}`);
}

/** In words that the starter was not trained on. */
const PLUS = [
  (a: number, b: number) => `What does ${a} plus ${b} equal?`,
  (a: number, b: number) => `${a} plus ${b} equals what?`,
  (a: number, b: number) => `Give me the result of ${a} + ${b}.`,
  (a: number, b: number) => `What total do ${a} and ${b} give?`,
  (a: number, b: number) => `What do you get when you add ${a} and ${b}?`,
  (a: number, b: number) => `How many is ${a} and ${b} together?`,
];
const LARGEST = 20;

/** EQ1. No two are the same as long as there are others. */
export function sums(count: number, seed: number): readonly Question[] {
  const draw = drawing(seed);
  const seen = new Set<string>();
  return Array.from({ length: count }, () => {
    let its = sum(draw);
    for (let tries = 0; seen.has(its.question) && tries < 100; tries += 1) its = sum(draw);
    seen.add(its.question);
    return its;
  });
}

function sum(draw: (below: number) => number): Question {
  const [a, b] = [draw(LARGEST + 1), draw(LARGEST + 1)];
  const ask = PLUS[draw(PLUS.length)] ?? PLUS[0];
  return { question: ask?.(a, b) ?? "", answer: String(a + b) };
}

/** Marsaglia's xorshift of 32 bits: no number of it is 0. */
function drawing(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 0x9e37_79b1) ^ 0x85eb_ca6b) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
