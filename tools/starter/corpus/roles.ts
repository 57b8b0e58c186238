/**
 * The three specialists as the starter plays them, and the system prompts of questions that are asked of it alone.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import type { Split } from "./phrase.ts";
import { readTexts } from "./text.ts";
import { CHECKS, IDEAS, RISKS } from "./topics.ts";

export const SPECIALISTS = ["divergent", "convergent", "critical"] as const;
export type Specialist = (typeof SPECIALISTS)[number];
export const isSpecialist = (name: string): name is Specialist => SPECIALISTS.some((each) => each === name);

const TEXTS = readTexts("roles");
/** Of specialists that a user may have made. */
export const OTHERS = TEXTS.section("others").train;

/** Half of all chats have no system prompt at all; the others have a sentence or a few. */
export function generalPrompt(chance: Chance, split: Split, queen: string): string {
  const roll = chance.next();
  if (roll < 0.35) return "";
  if (roll < 0.65) return queen;
  const sentences = TEXTS.section("general")[split];
  return chance.sample(sentences, chance.pick([1, 1, 2, 3])).join(chance.pick([" ", " ", "\n"]));
}

interface Point {
  readonly by: string;
  readonly idea?: string;
  readonly risk?: string;
}

interface About {
  readonly topic: string;
  readonly way?: string;
}

interface Spoken {
  readonly text: string;
  readonly idea?: string;
  readonly risk?: string;
}

/** How a decision is called once it was named. */
export const THE_CHOICE = "this choice";

/** What a specialist says next: on the topic the first time, and the second time on what the others said. */
export function contribute(chance: Chance, by: Specialist, { topic, way }: About, before: readonly Point[]): Spoken {
  const heardIdeas = before.flatMap(({ idea }) => idea ?? []);
  const heardRisks = before.flatMap(({ risk }) => risk ?? []);
  const fresh = IDEAS.filter((candidate) => !heardIdeas.includes(candidate));
  const [idea = "", other = ""] = chance.sample(fresh, 2);
  const risk = chance.pick(RISKS.filter((candidate) => !heardRisks.includes(candidate)));
  const check = chance.pick(CHECKS);
  const again = before.some((said) => said.by === by);
  const heard = by === "convergent" ? heardRisks.at(-1) : heardIdeas.at(-1);
  const answered = again ? (heard ?? "wait and see") : undefined;
  if (way !== undefined && !again) return onWay(by, way, { idea, risk, check });
  const about = way === undefined ? topic : THE_CHOICE;
  if (by === "divergent") return { idea, text: divergent(about, idea, other, answered) };
  if (by === "critical") return { risk, text: critical(about, risk, check, answered) };
  return { idea, text: convergent(about, idea, other, answered) };
}

interface Parts {
  readonly idea: string;
  readonly risk: string;
  readonly check: string;
}

/** The first time, on a decision. */
function onWay(by: Specialist, way: string, { idea, risk, check }: Parts): Spoken {
  if (by === "divergent") return { idea, text: `There is more than one way. We could ${way}, or we could ${idea}.` };
  if (by === "critical") return { risk, text: `If we ${way}, the weak point is that ${risk}. ${check}.` };
  return { idea: way, text: `I would ${way} first. Then we can ${idea} and decide.` };
}

const divergent = (about: string, idea: string, other: string, heard?: string): string =>
  heard === undefined
    ? `For ${about} I see more than one way. We could ${idea}, or we could ${other}.`
    : `There is another way to look at ${about}. Instead of one that would ${heard}, we could ${idea}.`;

const critical = (about: string, risk: string, check: string, heard?: string): string =>
  heard === undefined
    ? `The weak point of ${about} is that ${risk}. ${check}.`
    : `It sounds good to ${heard}, but the risk with ${about} is that ${risk}. ${check}.`;

const convergent = (about: string, idea: string, then: string, heard?: string): string =>
  heard === undefined
    ? `For ${about} I would ${idea} first. Then we can ${then} and decide.`
    : `We have heard that ${heard}. So for ${about} I would ${idea} at once.`;

/** Each role has words of its own; an answer with another's is out of role. */
export function soundsLike(by: string, answer: string): boolean {
  if (by === "divergent") return /more than one way|another way/.test(answer);
  if (by === "critical") return /weak point|risk/.test(answer);
  return by === "convergent" ? /I would/.test(answer) : answer.startsWith(`As to ${by}:`);
}
