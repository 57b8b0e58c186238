/**
 * One training or test example: a chat whose last turn is the answer, and what counts as right in its place.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import type { Split } from "./phrase.ts";

export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface Example {
  readonly family: string;
  readonly system: string;
  /** Earlier questions and answers of the same chat, oldest first. */
  readonly before: readonly Turn[];
  readonly question: string;
  readonly answer: string;
  /** Whether another answer to the question would be as right as {@link Example.answer}. */
  readonly accepts: (answer: string) => boolean;
}

export type Maker = (chance: Chance, split: Split) => Example;

/** Without a rule of its own an example accepts its answer word for word. */
export function example(
  family: string,
  question: string,
  answer: string,
  more: Partial<Pick<Example, "system" | "before" | "accepts">> = {},
): Example {
  return { family, question, answer, system: "", before: [], accepts: (given) => given === answer, ...more };
}

export function turns({ system, before, question, answer }: Example): Turn[] {
  return [
    ...(system === "" ? [] : [{ role: "system", content: system } as const]),
    ...before,
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ];
}

export const sentences = (text: string): number => text.match(/[.!?](?=\s|$)/g)?.length ?? 0;
