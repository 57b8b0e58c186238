/**
 * What has been said so far in a discussion, and the several ways in which it may be written down for a model.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { capital, type Split } from "./phrase.ts";
import { SPECIALISTS, type Specialist } from "./roles.ts";
import { readTexts } from "./text.ts";
import { CHECKS, IDEAS, openQuestion, RISKS, topic } from "./topics.ts";

/** One contribution together with the points it makes, which others take up word for word. */
export interface Contribution {
  readonly by: Specialist;
  readonly text: string;
  readonly idea?: string;
  readonly risk?: string;
}

export interface Discussion {
  readonly topic: string;
  readonly question: string;
  readonly contributions: readonly Contribution[];
}

/** A discussion of `count` contributions in which nobody speaks twice in a row. */
export function discussion(chance: Chance, split: Split, count: number, given: Partial<Discussion> = {}): Discussion {
  const about = given.topic ?? topic(chance, split);
  const question = given.question ?? openQuestion(chance, split, about);
  const contributions: Contribution[] = [];
  let speakers = chance.sample(SPECIALISTS, SPECIALISTS.length);
  for (let i = 0; i < count; i++) {
    const last = contributions.at(-1)?.by;
    if (i % speakers.length === 0 && i > 0) {
      speakers = chance.sample(SPECIALISTS, SPECIALISTS.length);
      if (speakers[0] === last) speakers.reverse();
    }
    const by = speakers[i % speakers.length] ?? "divergent";
    contributions.push(contribute(chance, by, about, contributions));
  }
  return { topic: about, question, contributions };
}

/** What a specialist says next: on the topic the first time, and the second time on what the others said. */
export function contribute(
  chance: Chance,
  by: Specialist,
  about: string,
  before: readonly Contribution[],
): Contribution {
  const heardIdeas = before.flatMap(({ idea }) => idea ?? []);
  const heardRisks = before.flatMap(({ risk }) => risk ?? []);
  const fresh = IDEAS.filter((candidate) => !heardIdeas.includes(candidate));
  const [idea = "", other = ""] = chance.sample(fresh, 2);
  const risk = chance.pick(RISKS.filter((candidate) => !heardRisks.includes(candidate)));
  const check = chance.pick(CHECKS);
  const again = before.some((said) => said.by === by);
  const heard = by === "convergent" ? heardRisks.at(-1) : heardIdeas.at(-1);
  const answered = again ? (heard ?? "wait and see") : undefined;
  if (by === "divergent") return { by, idea, text: divergent(about, idea, other, answered) };
  if (by === "critical") return { by, risk, text: critical(about, risk, check, answered) };
  return { by, idea, text: convergent(about, idea, other, answered) };
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

/** How the lines of a transcript are written; `cite` is how a summary points at one. */
interface Style {
  readonly line: (contribution: Contribution, number: number, ofSpeaker: number) => string;
  readonly cite: (contribution: Contribution, number: number, ofSpeaker: number) => string;
}

const STYLES: Readonly<Record<Split, readonly Style[]>> = {
  train: [
    { line: ({ by, text }, n) => `[${n}] ${by}: ${text}`, cite: (_, n) => ` [${n}]` },
    { line: ({ by, text }, n) => `#${n} ${by}: ${text}`, cite: (_, n) => ` [#${n}]` },
    { line: ({ by, text }, _, k) => `${capital(by)} #${k}: ${text}`, cite: () => "" },
    { line: ({ by, text }) => `${by}: ${text}`, cite: () => "" },
    {
      line: ({ by, text }, n) => `<contribution id="${n}" by="${by}">${text}</contribution>`,
      cite: (_, n) => ` [${n}]`,
    },
    {
      line: ({ by, text }, n) => `<contribution n="${n}" from="${by}">\n${text}\n</contribution>`,
      cite: (_, n) => ` [${n}]`,
    },
    { line: ({ by, text }, n) => `${n}. ${capital(by)}: ${text}`, cite: (_, n) => ` [${n}]` },
    { line: ({ by, text }, n) => `[#${n}] ${by}: ${text}`, cite: (_, n) => ` [#${n}]` },
    { line: ({ by, text }) => `- ${by} says: ${text}`, cite: () => "" },
  ],
  heldOut: [
    { line: ({ by, text }, n) => `(${n}) ${by}: ${text}`, cite: (_, n) => ` [${n}]` },
    { line: ({ by, text }) => `* ${capital(by)}: ${text}`, cite: () => "" },
    { line: ({ by, text }, n) => `<said n="${n}" by="${by}">${text}</said>`, cite: (_, n) => ` [${n}]` },
  ],
};

const TEXTS = readTexts("team");

export interface Written {
  readonly text: string;
  /** The mark that points at the contribution with this index, or "" where the style has none. */
  readonly cite: (index: number) => string;
}

export function written(chance: Chance, split: Split, { question, contributions }: Discussion): Written {
  const style = chance.pick(STYLES[split]);
  const ofSpeaker = (index: number): number => {
    const by = contributions[index]?.by;
    return contributions.slice(0, index + 1).filter((earlier) => earlier.by === by).length;
  };
  const lines = contributions.map((contribution, index) => style.line(contribution, index + 1, ofSpeaker(index)));
  const asked = headed(chance.pick(TEXTS.section("question heads")[split]), question);
  const empty = chance.pick(TEXTS.section("empty transcript")[split]);
  const said =
    lines.length === 0 ? empty : `${chance.pick(TEXTS.section("transcript heads")[split])}\n${lines.join("\n")}`;
  return {
    text: said === "" ? asked : `${asked}\n\n${said}`,
    cite: (index) => {
      const contribution = contributions[index];
      return contribution === undefined ? "" : style.cite(contribution, index + 1, ofSpeaker(index));
    },
  };
}

/** `Question: text`, `<question>text</question>`, or the bare text. */
function headed(head: string, text: string): string {
  if (head === "") return text;
  return head.startsWith("<") ? `${head}${text}${head.replace("<", "</")}` : `${head} ${text}`;
}
