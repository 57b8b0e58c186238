/**
 * The system prompts that give a role, put together so that only the name of the role is constant.
 *
 * The prompts the team really uses may change; what the starter is to learn is to take its role from the one line that
 * names it, whatever rules stand around that line.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { capital, inventedWord, phrase, type Split } from "./phrase.ts";
import { readTexts } from "./text.ts";

export const SPECIALISTS = ["divergent", "convergent", "critical"] as const;
export type Specialist = (typeof SPECIALISTS)[number];

const TEXTS = readTexts("roles");
const RULES_MAX = 4;

export function specialistPrompt(chance: Chance, split: Split, role: Specialist): string {
  return assemble(chance, opening(chance, split, role), chance.pick(TEXTS.section(`duties of ${role}`).train));
}

/** A specialist of the user's own making, of whom the starter knows no more than the name. */
export function otherSpecialist(chance: Chance, split: Split): { readonly role: string; readonly prompt: string } {
  const role = chance.next() < 0.4 ? inventedWord(chance) : chance.pick(TEXTS.section("others").train);
  return { role, prompt: assemble(chance, opening(chance, split, role)) };
}

const opening = (chance: Chance, split: Split, role: string): string =>
  phrase(chance, chance.pick(TEXTS.section("openings")[split]), { role, Role: capital(role) });

/** Half of all chats have no system prompt at all; the others have a sentence or a few. */
export function generalPrompt(chance: Chance, split: Split): string {
  if (chance.next() < 0.5) return "";
  const sentences = TEXTS.section("general")[split];
  return chance.sample(sentences, chance.pick([1, 1, 2, 3])).join(chance.pick([" ", " ", "\n"]));
}

/** An opening and, in most cases, a duty, among rules drawn at random. */
export function assemble(chance: Chance, first: string, duty?: string): string {
  const rules = chance.sample(TEXTS.section("rules").train, chance.integer(0, RULES_MAX));
  const lines = duty === undefined || chance.next() < 0.15 ? rules : [duty, ...rules];
  return [first, ...lines].join(chance.pick([" ", " ", "\n", "\n\n"]));
}
