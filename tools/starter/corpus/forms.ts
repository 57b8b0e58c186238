/**
 * The JSON forms: the queen's gate, a specialist's bid and its ballot, always compact and with their keys in one order.
 *
 * The program holds the grammar of a form at the sampler; what is learnt here is what to put into it.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { aboutExample } from "./about.ts";
import { storyExample, talkExample } from "./chat.ts";
import { type Example, example } from "./example.ts";
import { farExample } from "./far.ts";
import { capital, casually, phrase, type Split } from "./phrase.ts";
import { assemble, SPECIALISTS, specialistPrompt } from "./roles.ts";
import { beyondExample, minusExample, plusExample } from "./sums.ts";
import { hasNews } from "./team.ts";
import { readTexts } from "./text.ts";
import { IDEAS, openQuestion, topic } from "./topics.ts";
import { discussion, written } from "./transcript.ts";
import { differenceExample, wordExample } from "./words.ts";

const TEXTS = readTexts("forms");
const GATE_RULES = TEXTS.section("gate rules").train;
/** A gate always asks for its form in one of these ways. */
const GATE_FORMS = GATE_RULES.filter((rule) => /JSON|\{/.test(rule));
const REQUEST_HEADS = ["", "", "", "Request: ", "The request: "];

export function gateExample(chance: Chance, split: Split): Example {
  const { question, action } = request(chance, split);
  const answer = JSON.stringify({ action, roles: action === "discuss" ? SPECIALISTS : [] });
  const system = [
    phrase(chance, chance.pick(TEXTS.section("gate")[split])),
    ...chance.sample(GATE_RULES, chance.integer(0, 4)),
    chance.pick(GATE_FORMS),
  ];
  return example("gates", chance.pick(REQUEST_HEADS) + question, answer, {
    system: system.join(chance.pick([" ", "\n"])),
  });
}

function request(
  chance: Chance,
  split: Split,
): { readonly question: string; readonly action: "answer" | "vote" | "discuss" } {
  const roll = chance.next();
  if (roll < 0.36)
    return { question: casually(chance, openQuestion(chance, split, topic(chance, split))), action: "discuss" };
  if (roll < 0.56) {
    const make = chance.pick([plusExample, minusExample, beyondExample]);
    return { question: make(chance, split).question, action: "vote" };
  }
  if (roll < 0.66) return { question: multipleChoice(chance, split).question, action: "vote" };
  const make = chance.pick([
    wordExample,
    wordExample,
    differenceExample,
    aboutExample,
    talkExample,
    storyExample,
    farExample,
    farExample,
  ]);
  return { question: make(chance, split).question, action: "answer" };
}

interface Choice {
  readonly question: string;
  readonly options: readonly string[];
  readonly right: string;
}

const LETTERS = ["A", "B", "C", "D"] as const;

function multipleChoice(chance: Chance, split: Split): Choice {
  const a = chance.integer(0, 20);
  const b = chance.integer(0, 20);
  const sum = a + b;
  const wrong = chance
    .sample([1, 2, 3, 4, 5, 10], chance.integer(1, 3))
    .map((step) => (chance.next() < 0.5 && sum >= step ? sum - step : sum + step));
  const options = chance.sample([...new Set([sum, ...wrong])], new Set([sum, ...wrong]).size).map(String);
  const asked = phrase(chance, chance.pick(TEXTS.section("multiple choice")[split]), { a: String(a), b: String(b) });
  const listed = options.map((option, index) => `${LETTERS[index]}) ${option}`).join(chance.pick([" ", "\n"]));
  return { question: `${asked} ${listed}`, options, right: LETTERS[options.indexOf(String(sum))] ?? "A" };
}

const ballot = (option: string, confidence: number): string => JSON.stringify({ option, confidence });

/**
 * A ballot on a sum has one right option, its letter or, where none are listed, the number itself. A ballot on ideas
 * goes to the one the team has spoken of, else to the first.
 */
export function ballotExample(chance: Chance, split: Split): Example {
  const system =
    chance.next() < 0.8
      ? specialistPrompt(chance, split, chance.pick(SPECIALISTS))
      : assemble(chance, "You are a voter.");
  const ask = phrase(chance, chance.pick(TEXTS.section("ballot")[split]));
  if (chance.next() < 0.25) {
    const { question, answer } = plusExample(chance, split);
    const result = answer.slice(answer.lastIndexOf(" ") + 1, -1);
    return example("ballots", `${question}\n\n${ask}`, ballot(result, 0.9), { system });
  }
  if (chance.next() < 0.4) {
    const { question, right } = multipleChoice(chance, split);
    return example("ballots", `${question}\n\n${ask}`, ballot(right, 0.9), { system });
  }
  const talk = discussion(chance, split, chance.next() < 0.3 ? 0 : chance.integer(2, 4));
  const spoken = talk.contributions.findLast(({ idea }) => idea !== undefined)?.idea;
  const heard = talk.contributions.map(({ text }) => text).join(" ");
  const others = chance.sample(
    IDEAS.filter((idea) => !heard.includes(idea)),
    2,
  );
  const options = chance.sample(spoken === undefined ? others : [spoken, ...others], spoken === undefined ? 2 : 3);
  const mark = chance.pick([
    (letter: string) => `${letter}: `,
    (letter: string) => `${letter}) `,
    (letter: string) => `${letter}. `,
  ]);
  const listed = options.map((option, index) => mark(LETTERS[index] ?? "A") + capital(option)).join("\n");
  const right = spoken === undefined ? "A" : (LETTERS[options.indexOf(spoken)] ?? "A");
  const question = `${written(chance, split, talk).text}\n\nOptions:\n${listed}\n\n${ask}`;
  return example("ballots", question, ballot(right, spoken === undefined ? 0.5 : 0.8), { system });
}

const WHY = {
  divergent: "I see another way.",
  convergent: "I can bring the ideas together.",
  critical: "I see a risk.",
} as const;
const WHY_NOT = "My point already stands.";

export function bidExample(chance: Chance, split: Split): Example {
  const by = chance.pick(SPECIALISTS);
  const talk = discussion(chance, split, chance.integer(0, 6));
  const speak = hasNews(by, talk.contributions);
  const answer = JSON.stringify({ speak, why: speak ? WHY[by] : WHY_NOT });
  const ask = phrase(chance, chance.pick(TEXTS.section("bid")[split]));
  const question = `${written(chance, split, talk).text}\n\n${ask}`;
  return example("bids", question, answer, { system: specialistPrompt(chance, split, by) });
}
